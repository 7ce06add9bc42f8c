"""Listens on a loopback port whose queue is full: whoever connects there gets no answer. Prints the port."""

import signal
import socket

listener = socket.socket()
listener.bind(('127.0.0.1', 0))
listener.listen(0)
waiting = [socket.socket() for _ in range(4)]
for client in waiting:
    client.setblocking(False)
    client.connect_ex(listener.getsockname())
print(listener.getsockname()[1], flush=True)
signal.pause()
