import type { Dispatcher } from 'undici';

/**
 * Gathers a body as `dispatch` makes cheapest: its pieces are memory of their own and are kept as they came; only a body of several is copied
 * into one. (Copying each piece into memory of the length that Content-Length tells takes a third longer.)
 */
class Gathering implements Dispatcher.DispatchHandler {
  readonly #pieces: Buffer[] = [];

  constructor(
    private readonly resolve: (body: Buffer) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    if (status !== 200) throw new Error(`The answer is status ${status}.`);
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#pieces.push(piece);
  }

  onResponseEnd(): void {
    this.resolve(this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.reject(error);
  }
}

/** The body of one request by undici's fastest way. */
export function gathered(dispatcher: Dispatcher, path: string, origin?: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = origin === undefined ? { path } : { path, origin };
    dispatcher.dispatch({ ...options, method: 'GET' }, new Gathering(resolve, reject));
  });
}
