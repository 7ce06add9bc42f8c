import { connect } from 'node:net';

const [, , url, recvSize] = process.argv;
const { hostname, port, pathname } = new URL(url!);

/**
 * The least that a process of Node can do to receive one body of known length and drop it: a request written, `onread` into one buffer of `recvSize`
 * bytes, the bytes counted. What the command takes longer is ours; what this takes longer than a program in C is Node's.
 */
let left = Number.POSITIVE_INFINITY;
const socket = connect({
  host: hostname,
  port: Number(port),
  noDelay: true,
  onread: {
    buffer: Buffer.allocUnsafeSlow(Number(recvSize)),
    callback: (length, buffer) => {
      if (left === Number.POSITIVE_INFINITY) left = responseBytes(buffer as Buffer, length);
      left -= length;
      if (left <= 0) socket.destroy();
      return left > 0;
    },
  },
});
socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`, 'latin1');

/** Head and body together. */
function responseBytes(buffer: Buffer, received: number): number {
  const text = buffer.toString('latin1', 0, received);
  return text.indexOf('\r\n\r\n') + 4 + Number(/Content-Length: (\d+)/.exec(text)![1]);
}
