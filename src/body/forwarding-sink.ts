import type { BodySink, Taken } from './sink.js';

/** A sink that is another one: what is to be done beside it is done by overriding. */
export class ForwardingSink implements BodySink {
  constructor(private readonly sink: BodySink) {}

  get file(): string | undefined {
    return this.sink.file;
  }

  get stored(): string | Uint8Array | undefined {
    return this.sink.stored;
  }

  get irrevocable(): boolean {
    return this.sink.irrevocable === true;
  }

  write(data: Buffer): Taken {
    return this.sink.write(data);
  }

  commit(): Taken {
    return this.sink.commit();
  }

  abort(error: Error): void {
    this.sink.abort(error);
  }

  suspend(error: Error): string | undefined {
    if (this.sink.suspend !== undefined) return this.sink.suspend(error);
    this.sink.abort(error);
    return undefined;
  }
}
