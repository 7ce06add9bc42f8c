import { connect, type Socket } from 'node:net';

/** The most that a usual head holds; the benchmark's own server sends less. */
const HEAD_BYTES = 1024;
const RECV_SIZE = 64 * 1024;

/**
 * The least that a client in Node can do: a request written, received by `onread`, the length found by a search, the body copied to memory of its
 * own. No framing but that, no URL, no limits, no picture looked at: what is left is system calls, one copy, and fresh memory.
 */
export class BareSocket {
  #body: Buffer | undefined;
  #filled = 0;
  #resolve: (body: Buffer) => void = () => undefined;
  readonly #socket: Socket;

  constructor(private readonly server: URL) {
    this.#socket = connect({
      host: server.hostname,
      port: Number(server.port),
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(RECV_SIZE),
        callback: (length, buffer) => this.#receive((buffer as Buffer).subarray(0, length)),
      },
    });
  }

  get(path: string): Promise<Buffer> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${this.server.host}\r\n\r\n`, 'latin1');
    });
  }

  close(): void {
    this.#socket.destroy();
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
