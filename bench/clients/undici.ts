import type { Dispatcher } from 'undici';
import { readWork, runCrew } from './crew.js';

const work = readWork();
const { Pool }: typeof import('undici') = await import(work.module);
const CONTENT_LENGTH = 'content-length';
const NOTHING = Buffer.alloc(0);
const pool = new Pool(work.origin, { connections: work.connections, pipelining: 1 });

/**
 * Gathers a body in the memory that its Content-Length asks for, with no header decoded but that. The deprecated names are the ones that undici
 * calls itself: a handler with the new names is wrapped, and is slower.
 */
class Gathering implements Dispatcher.DispatchHandler {
  #body = NOTHING;
  #length = 0;

  constructor(
    private readonly resolve: (body: Buffer) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  onConnect(): void {}

  onHeaders(status: number, headers: Buffer[]): boolean {
    if (status !== 200) throw new Error(`The answer is status ${status}.`);
    for (let i = 0; i < headers.length; i += 2) {
      if (headers[i]!.length !== CONTENT_LENGTH.length) continue;
      if (headers[i]!.toString('latin1').toLowerCase() !== CONTENT_LENGTH) continue;
      this.#body = Buffer.allocUnsafeSlow(Number(headers[i + 1]!.toString('latin1')));
    }
    return true;
  }

  onData(chunk: Buffer): boolean {
    chunk.copy(this.#body, this.#length);
    this.#length += chunk.length;
    return true;
  }

  onComplete(): void {
    this.resolve(this.#body.subarray(0, this.#length));
  }

  onError(error: Error): void {
    this.reject(error);
  }
}

await runCrew(work, (path) => {
  return new Promise((resolve, reject) => {
    pool.dispatch({ path, method: 'GET' }, new Gathering(resolve, reject));
  });
});
await pool.close();
