import { ForwardingSink } from '../body/forwarding-sink.js';
import type { BodySink, Destination, Taken } from '../body/sink.js';

/** Keeps a copy of a body in memory beside where it goes, as long as it is no longer than `most` bytes. */
export class KeptBody {
  #chunks: Buffer[] = [];
  #length = 0;
  #isWhole = true;

  constructor(
    private readonly most: number,
    private readonly onData: (data: Buffer) => void = () => undefined,
  ) {}

  /** The same destination, seen from here. */
  beside(destination: Destination): Destination {
    const seen = (sink: BodySink) => {
      // A retrieval that begins again asks for another sink.
      this.#forget();
      return new SeenSink(sink, (data) => this.#keep(data));
    };
    // A promise where there needs to be none would be a stop that only the copy has.
    return (offer) => {
      const chosen = destination(offer);
      return chosen instanceof Promise ? chosen.then(seen) : seen(chosen);
    };
  }

  /** The body; undefined where it was too long. */
  bytes(): Buffer | undefined {
    return this.#isWhole ? Buffer.concat(this.#chunks) : undefined;
  }

  #forget(): void {
    this.#chunks = [];
    this.#length = 0;
    this.#isWhole = true;
  }

  #keep(data: Buffer): void {
    this.onData(data);
    this.#length += data.length;
    if (this.#length > this.most) {
      this.#isWhole = false;
      this.#chunks = [];
    }
    if (this.#isWhole) this.#chunks.push(Buffer.from(data));
  }
}

class SeenSink extends ForwardingSink {
  constructor(
    sink: BodySink,
    private readonly see: (data: Buffer) => void,
  ) {
    super(sink);
  }

  override write(data: Buffer): Taken {
    this.see(data);
    return super.write(data);
  }
}
