import { StringDecoder } from 'node:string_decoder';
import type { BodySink, Taken } from '../body/sink.js';
import { systemCode } from '../errors.js';
import { writeFailed } from '../save/write-failed.js';
import { escapeText } from './escape.js';

/** A body copied to standard output as it arrives. */
export class StdoutSink implements BodySink {
  readonly irrevocable = true;
  readonly #decoder = new StringDecoder('utf8');
  /** A CR that ended the piece before: the LF that makes it a line's end may be in the next. */
  #heldCr = '';

  /** `escaped`: the stream is a terminal, and what came from the network must not command it. */
  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly escaped: boolean,
  ) {}

  write(data: Buffer): Taken {
    return this.#write(this.escaped ? this.#escape(this.#decoder.write(data)) : data);
  }

  commit(): Taken {
    return this.escaped ? this.#write(escapeText(this.#heldCr + this.#decoder.end())) : undefined;
  }

  abort(): void {
    // What was copied can't be taken back; the exit status says that it is not whole.
  }

  #escape(decoded: string): string {
    const text = this.#heldCr + decoded;
    this.#heldCr = text.endsWith('\r') ? '\r' : '';
    return escapeText(text.slice(0, text.length - this.#heldCr.length).replace(/\r\n/g, '\n'));
  }

  /** Taken when the stream has passed it on: until then the bytes lie in the receive buffer. */
  #write(data: Buffer | string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.stream.write(data, (error) => (error ? reject(writeFailed('standard output', error)) : resolve()));
    });
  }
}

/** Whether a failure is only that the reader of our output went away (`sluice get ... | head`). */
export function isReaderGone(error: unknown): boolean {
  return error instanceof Error && systemCode(error.cause) === 'EPIPE';
}
