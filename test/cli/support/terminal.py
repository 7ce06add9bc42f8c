"""Runs a program with its standard streams on a terminal of 80 columns, and prints all that the terminal was sent.

Usage: terminal.py both|stderr PROGRAM [ARGUMENT...]

With "stderr" the program's standard output is not the terminal but a file, "stdout" in the working directory. The
exit status is the program's.
"""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import tty

which, program = sys.argv[1], sys.argv[2:]
master, slave = pty.openpty()
# What is sent is passed on as it is: no line end becomes CR LF.
tty.setraw(slave)
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
stdout = slave if which == 'both' else os.open('stdout', os.O_WRONLY | os.O_CREAT, 0o600)
child = subprocess.Popen(program, stdin=slave, stdout=stdout, stderr=slave)
os.close(slave)
while True:
    try:
        sent = os.read(master, 65536)
    except OSError:
        # EIO: the program has ended, and nobody has the terminal open any more.
        break
    if not sent:
        break
    sys.stdout.buffer.write(sent)
    sys.stdout.buffer.flush()
sys.exit(child.wait())
