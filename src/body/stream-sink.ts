import type { BodySink, Taken } from './sink.js';

/**
 * A body as a web stream. Nothing is queued beyond the one piece that the reader asked for: while it asks for none,
 * the socket is not read, and its slowness reaches the server.
 */
export class StreamSink implements BodySink {
  readonly irrevocable = true;
  readonly stream: ReadableStream<Uint8Array>;

  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #asked = false;
  #wake: (() => void) | undefined;
  #over = false;

  /** `onCancel` is told that the reader wants no more. */
  constructor(onCancel: (reason: unknown) => void) {
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#asked = true;
          this.#wake?.();
        },
        cancel: (reason) => {
          this.#over = true;
          this.#wake?.();
          onCancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Taken when the reader asks for more after it. */
  async write(data: Buffer): Promise<void> {
    await this.#demand();
    if (this.#over) return;
    this.#asked = false;
    this.#controller.enqueue(new Uint8Array(data));
  }

  commit(): Taken {
    if (!this.#over) this.#controller.close();
    this.#over = true;
    return undefined;
  }

  abort(error: Error): void {
    if (!this.#over) this.#controller.error(error);
    this.#over = true;
  }

  #demand(): Promise<void> | undefined {
    if (this.#asked || this.#over) return undefined;
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
