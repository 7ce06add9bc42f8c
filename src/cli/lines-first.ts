import type { BodySink, Taken } from '../body/sink.js';
import type { Lines } from './output.js';

/**
 * A sink that takes no more bytes while the lines printed of those before are not read: whoever reads a trace then sets the pace, and the lines
 * don't pile up in memory. When nobody reads them any more, the retrieval fails as any other output does.
 */
export class LinesFirst implements BodySink {
  constructor(
    private readonly sink: BodySink,
    private readonly lines: Lines,
  ) {}

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
    const written = this.sink.write(data);
    const read = this.lines.taken();
    if (read === undefined) return written;
    return Promise.all([written, read]).then(() => undefined);
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
