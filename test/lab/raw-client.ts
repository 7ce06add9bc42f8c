import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that is nothing but a socket: what it sends and what came are bytes. */
export class RawClient {
  closed = false;
  readonly #arrivals: { readonly at: number; readonly bytes: Buffer }[] = [];
  #changed: () => void = () => undefined;

  private constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('end', () => this.#note());
    socket.on('close', () => {
      this.closed = true;
      this.#changed();
    });
  }

  /**
   * Connects. Without `reading` nothing is read until told to; with `halfOpen` the server's close is not
   * answered by ours.
   */
  static async to(port: number, reading = true, halfOpen = false): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: halfOpen });
    await once(socket, 'connect');
    const client = new RawClient(socket);
    if (reading) client.read();
    return client;
  }

  read(): void {
    this.socket.on('data', (bytes: Buffer) => {
      this.#arrivals.push({ at: performance.now(), bytes });
      this.#note();
    });
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  get received(): Buffer {
    return Buffer.concat(this.#arrivals.map(({ bytes }) => bytes));
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  /** Milliseconds between the first and the last arrival. */
  get spread(): number {
    return (this.#arrivals.at(-1)?.at ?? 0) - (this.#arrivals[0]?.at ?? 0);
  }

  /** Waits until it holds; the test's own time limit ends a wait in vain. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** All that came until the server closed. */
  async untilClosed(): Promise<string> {
    await this.until(() => this.closed);
    return this.text;
  }

  #note(): void {
    this.#changed();
  }
}

/** A request without fields but those given, and Host. */
export function requestFor(path: string, version: '1.0' | '1.1', ...fields: string[]): string {
  return `${[`GET ${path} HTTP/${version}`, 'Host: a', ...fields].join('\r\n')}\r\n\r\n`;
}

/** The body of the first response in `text`, as far as it came. */
export function bodyOf(text: string): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}
