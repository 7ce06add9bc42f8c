"""The textbook's exercise, with nothing but a socket: retrieve a file over HTTP/1.0, 5120 bytes at a time.

Usage: textbook.py HOST PORT PATH FILE
"""

import socket
import sys

host, port, path, file = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]

connection = socket.create_connection((host, port))
connection.sendall(f'GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n'.encode())

reply = b''
while True:
    piece = connection.recv(5120)
    if len(piece) == 0:
        break
    reply += piece
    print(len(piece), len(reply))
connection.close()

end = reply.find(b'\r\n\r\n')
print('Header length', end)
print(reply[:end].decode())

with open(file, 'wb') as out:
    out.write(reply[end + 4:])
