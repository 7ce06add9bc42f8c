import { writeFailed } from '../save/write-failed.js';

/** The command's two streams, and what is known of them. */
export interface Output {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * Lines for people or programs, gathered and written in larger pieces: at once on a terminal, otherwise when there are
 * many or a moment has passed. They wait until it is known which stream is free for them: standard output, or, where the body goes there, standard error.
 */
export class Lines {
  #text = '';
  #stream: NodeJS.WriteStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Of the first write that failed. Node's own record of it, `errored`, is cleared on the standard streams. */
  #failure: Error | undefined;

  /** Says where the lines go. */
  goTo(stream: NodeJS.WriteStream): void {
    this.#stream = stream;
    if (this.#text !== '') this.flush();
  }

  write(line: string): void {
    this.#text += `${line}\n`;
    if (this.#stream === undefined) return;
    if (this.#stream.isTTY || this.#text.length >= GATHERED_CHARS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), LATEST_MS);
  }

  /**
   * Nothing while the lines are read as fast as they come; otherwise a promise of when they were. Rejects with `write-failed` when nobody
   * reads them any more.
   */
  taken(): Promise<void> | undefined {
    const stream = this.#stream;
    if (this.#failure !== undefined) return Promise.reject(writeFailed('standard output', this.#failure));
    if (!stream?.writableNeedDrain) return undefined;
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown) => {
        stream.off('drain', settle);
        stream.off('error', settle);
        if (error === undefined) resolve();
        else reject(writeFailed('standard output', error));
      };
      stream.on('drain', settle);
      stream.on('error', settle);
    });
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#stream === undefined || this.#text === '') return;
    this.#stream.write(this.#text, (error) => {
      if (error) this.#failure ??= error;
    });
    this.#text = '';
  }
}

const GATHERED_CHARS = 64 * 1024;
const LATEST_MS = 50;
