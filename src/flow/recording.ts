import type { FlowObserver, StopReason } from './observer.js';

const KINDS = ['asked', 'receive', 'stop', 'resume', 'queue', 'ended'] as const;
type Kind = (typeof KINDS)[number];
const REASONS: readonly StopReason[] = ['delay', 'rate', 'consumer'];

const BLOCK = 4096;

interface Block {
  readonly kinds: Uint8Array;
  /** Milliseconds. */
  readonly times: Float64Array;
  /** Bytes, or the stop's reason. */
  readonly values: Uint32Array;
  /** A receive's handling time, in microseconds. */
  readonly spans: Uint32Array;
}

/**
 * The list of events of one transfer, 17 bytes each in typed arrays: no object is made for a receive. `replay` gives
 * the same calls again to any observer. It keeps at most `limit` events and counts those it left out.
 */
export class Recording implements FlowObserver {
  /** Events kept. */
  count = 0;
  /** Events left out because `limit` was reached. */
  omitted = 0;

  readonly #blocks: Block[] = [];

  constructor(private readonly limit = 1 << 20) {}

  asked(at: number): void {
    this.#add('asked', at, 0, 0);
  }

  receive(length: number, at: number, until: number): void {
    this.#add('receive', at, length, Math.round((until - at) * 1000));
  }

  stop(at: number, reason: StopReason): void {
    this.#add('stop', at, REASONS.indexOf(reason), 0);
  }

  resume(at: number): void {
    this.#add('resume', at, 0, 0);
  }

  queue(bytes: number, at: number): void {
    this.#add('queue', at, bytes, 0);
  }

  ended(at: number): void {
    this.#add('ended', at, 0, 0);
  }

  /** Tells `observer` all that was recorded, in order. */
  replay(observer: FlowObserver): void {
    for (let i = 0; i < this.count; i++) {
      const block = this.#blocks[Math.floor(i / BLOCK)]!;
      const j = i % BLOCK;
      const at = block.times[j]!;
      const value = block.values[j]!;
      const kind = KINDS[block.kinds[j]!]!;
      if (kind === 'receive') observer.receive(value, at, at + block.spans[j]! / 1000);
      else if (kind === 'stop') observer.stop(at, REASONS[value]!);
      else if (kind === 'queue') observer.queue(value, at);
      else observer[kind](at);
    }
  }

  #add(kind: Kind, at: number, value: number, span: number): void {
    if (this.count >= this.limit) {
      this.omitted++;
      return;
    }
    const j = this.count % BLOCK;
    if (j === 0) this.#blocks.push(newBlock());
    const block = this.#blocks[this.#blocks.length - 1]!;
    block.kinds[j] = KINDS.indexOf(kind);
    block.times[j] = at;
    block.values[j] = value;
    block.spans[j] = span;
    this.count++;
  }
}

function newBlock(): Block {
  return {
    kinds: new Uint8Array(BLOCK),
    times: new Float64Array(BLOCK),
    values: new Uint32Array(BLOCK),
    spans: new Uint32Array(BLOCK),
  };
}
