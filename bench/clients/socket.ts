import { connect } from 'node:net';
import { runCrew, type Work } from './crew.js';
import { readWork } from './work.js';

const work = readWork<Work>();
const { hostname, port } = new URL(work.origin);

/** The most that a usual head holds; the benchmark's own server sends less. */
const HEAD_BYTES = 1024;
const RECV_SIZE = 64 * 1024;

/**
 * The least that a client in Node can do: a request written, received by `onread`, the length found by a search, the body copied to memory of its
 * own. No framing but that, no URL, no limits, no picture looked at: what is left is system calls, one copy, and fresh memory.
 */
class BareSocket {
  #body: Buffer | undefined;
  #filled = 0;
  #resolve: (body: Buffer) => void = () => undefined;
  readonly #socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: {
      buffer: Buffer.allocUnsafeSlow(RECV_SIZE),
      callback: (length, buffer) => this.#receive((buffer as Buffer).subarray(0, length)),
    },
  });

  get(path: string): Promise<Buffer> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`, 'latin1');
    });
  }

  #receive(data: Buffer): boolean {
    let at = 0;
    if (this.#body === undefined) {
      const head = data.toString('latin1', 0, HEAD_BYTES);
      this.#body = Buffer.allocUnsafeSlow(Number(/Content-Length: (\d+)/.exec(head)![1]));
      this.#filled = 0;
      at = head.indexOf('\r\n\r\n') + 4;
    }
    this.#filled += data.copy(this.#body, this.#filled, at);
    if (this.#filled < this.#body.length) return true;
    const body = this.#body;
    this.#body = undefined;
    this.#resolve(body);
    return true;
  }
}

const idle = Array.from({ length: work.connections }, () => new BareSocket());

await runCrew(work, async (path) => {
  const socket = idle.pop()!;
  const body = await socket.get(path);
  idle.push(socket);
  return body;
});
process.exit(0);
