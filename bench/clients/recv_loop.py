"""recv_loop.py PORT PATH: the textbook's loop. Receives one body from 127.0.0.1 by recv(5120), and drops it."""

import socket
import sys

RECV_SIZE = 5120

port, path = int(sys.argv[1]), sys.argv[2]
with socket.create_connection(("127.0.0.1", port)) as server:
    server.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    count = 0
    while True:
        data = server.recv(RECV_SIZE)
        if len(data) < 1:
            break
        count = count + len(data)
if count < 2**20:
    sys.exit(f"Only {count} bytes came.")
