import { readFileSync } from 'node:fs';
import { connect, createSecureContext } from 'node:tls';
import { addressFor, originOfTurn, type Work } from './origins.js';
import { inLoops, readWork } from './work.js';

const work = readWork<Work>();
const secureContext = createSecureContext({ ca: readFileSync(work.ca) });
const sessions = new Map<string, Buffer>();

/** The most that a usual head holds; the benchmark's own server sends less. */
const HEAD_BYTES = 1024;
/** TLS delivers decrypted records of at most this many bytes. */
const RECORD_BYTES = 16 * 1024;

/**
 * The least that a client in Node can do for a picture by HTTPS from a new origin: one TLS socket with the certificate checked and the last session
 * taken up, a request written, bytes counted to the announced length. No time-outs, no body kept, nothing looked at.
 */
function get(hostname: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let left: number | undefined;
    const receive = (length: number, buffer: Buffer): boolean => {
      left = (left ?? wholeLength(buffer, length)) - length;
      if (left > 0) return true;
      socket.destroy();
      resolve();
      return false;
    };
    // Node takes `onread` and `noDelay` here as for TCP; its types leave them out.
    const options = {
      host: addressFor(hostname),
      port: work.port,
      servername: hostname,
      ALPNProtocols: ['http/1.1'],
      noDelay: true,
      secureContext,
      session: sessions.get(hostname),
      onread: { buffer: Buffer.allocUnsafeSlow(RECORD_BYTES), callback: receive },
    };
    const socket = connect(options);
    socket.on('session', (session) => sessions.set(hostname, session));
    socket.on('error', reject);
    socket.write(`GET ${work.path}?socket HTTP/1.1\r\nHost: ${hostname}:${work.port}\r\n\r\n`, 'latin1');
  });
}

function wholeLength(buffer: Buffer, length: number): number {
  const head = buffer.toString('latin1', 0, Math.min(length, HEAD_BYTES));
  return head.indexOf('\r\n\r\n') + 4 + Number(/Content-Length: (\d+)/.exec(head)![1]);
}

await inLoops(work.connections, work.origins * work.times, (turn) =>
  get(new URL(originOfTurn(turn, work)).hostname),
);
