import { ForwardingSink } from '../body/forwarding-sink.js';
import type { BodySink, Taken } from '../body/sink.js';
import type { Lines } from './output.js';

/**
 * A sink that takes no more bytes while the lines printed of those before are not read: whoever reads a trace then sets the pace, and the lines
 * don't pile up in memory. When nobody reads them any more, the retrieval fails as any other output does.
 */
export class LinesFirst extends ForwardingSink {
  constructor(
    sink: BodySink,
    private readonly lines: Lines,
  ) {
    super(sink);
  }

  override write(data: Buffer): Taken {
    const written = super.write(data);
    const read = this.lines.taken();
    if (read === undefined) return written;
    return Promise.all([written, read]).then(() => undefined);
  }
}
