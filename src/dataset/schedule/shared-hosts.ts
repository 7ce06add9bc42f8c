/**
 * The slots and pauses of all hosts in one piece of memory that all threads of a process share, so that a host's limit holds for all of them together. It
 * is of fixed size whatever the number of hosts, and nothing in it is ever locked.
 *
 * 1. There are two rows of buckets. A host has one bucket in each, by two hashes of its name.
 * 2. A bucket counts for all hosts that share it. So the attempts that it holds are never fewer than a host's own, and its pause never ends sooner.
 * 3. Therefore a host is full only where both its buckets are, and paused only where both are: whoever shares one of them alone does no harm,
 *    and a collision in both only makes it stricter. (A count-min sketch, from which is taken as well as added to.)
 * 4. Limits are lowered and raised, so neither side of them is safe; the lower of the two counts.
 * 5. To take a slot is to add to both buckets and to look at both afterwards. Of two threads that take the last one at once, the later to have added
 *    finds both too full and takes it back. Perhaps both do; never do both keep it.
 *
 * With 2^20 buckets a row, of 10^5 hosts that are all in use or in trouble at once, fewer than one in a hundred shares both its buckets; of 10^4,
 * one in ten thousand. A bucket that nobody uses is as good as new, so that it does not matter how many hosts there were before.
 */

import { SluiceError } from '../../errors.js';
import type { HostRegistry, HostSlots } from './host-slots.js';

const BUCKETS = 2 ** 20;
const WORDS_PER_BUCKET = 2;
const ROWS = 2;
/** The table begins behind the limit and the time that ticks are counted from. */
const HEADER_BYTES = 16;

/** A bucket's first word. All zero is a host that nobody knows yet. */
const HELD = 0x3fff;
const LOWERED_SHIFT = 14;
const LOWERED = 0xff << LOWERED_SHIFT;
const RUN_SHIFT = 22;
const RUN = 0x3f << RUN_SHIFT;
const WANTED = 1 << 28;

/** A bucket's second word is the end of a pause, in ticks: 2^31 of them are more than a year. */
const TICK_MS = 16;
const LAST_TICK = 2 ** 31 - 1;

/** Good answers in a row that raise a lowered limit by one. */
const ANSWERS_TO_RAISE = 10;
const MOST_HOST_LIMIT = LOWERED >> LOWERED_SHIFT;

export class SharedHosts implements HostRegistry {
  readonly hostLimit: number;
  readonly #table: Table;

  /** A table for a new run, to be handed to every thread. `now` is on the clock that all of them share. Throws `option-invalid`. */
  static buffer(hostLimit: number, now: number): SharedArrayBuffer {
    if (!Number.isInteger(hostLimit) || hostLimit < 1 || hostLimit > MOST_HOST_LIMIT) {
      const must = `a whole number from 1 to ${MOST_HOST_LIMIT}`;
      throw new SluiceError('option-invalid', `The limit a host is ${hostLimit}; it must be ${must}.`);
    }
    const buffer = new SharedArrayBuffer(HEADER_BYTES + 4 * ROWS * BUCKETS * WORDS_PER_BUCKET);
    const header = new Float64Array(buffer, 0, 2);
    header[0] = hostLimit;
    header[1] = now;
    return buffer;
  }

  /** The table as `SharedHosts.buffer` made it. */
  constructor(buffer: SharedArrayBuffer) {
    const [hostLimit, epoch] = new Float64Array(buffer, 0, 2);
    this.hostLimit = hostLimit!;
    this.#table = { words: new Int32Array(buffer, HEADER_BYTES), hostLimit: hostLimit!, epoch: epoch! };
  }

  slotsOf(host: string): HostSlots {
    return new BucketPair(this.#table, bucketOf(host, 0), bucketOf(host, 1));
  }
}

interface Table {
  readonly words: Int32Array;
  readonly hostLimit: number;
  /** Milliseconds. */
  readonly epoch: number;
}

class BucketPair implements HostSlots {
  constructor(
    private readonly table: Table,
    private readonly one: number,
    private readonly other: number,
  ) {}

  take(now: number): 'taken' | 'full' | 'paused' {
    if (this.pausedUntil() > now) return 'paused';
    const { words } = this.table;
    const limit = this.#limit();
    if (!this.#holdsAtMost(limit - 1)) return 'full';
    const word = Atomics.add(words, this.one, 1);
    Atomics.add(words, this.other, 1);
    if (this.#holdsAtMost(limit)) {
      if (word & WANTED) this.#both((at) => Atomics.and(words, at, ~WANTED));
      return 'taken';
    }
    this.#release();
    return 'full';
  }

  give(): boolean {
    return this.#release();
  }

  want(): void {
    this.#both((at) => Atomics.or(this.table.words, at, WANTED));
  }

  succeeded(): void {
    const { words } = this.table;
    // Nearly always there is nothing to raise, and nothing is written.
    if (((Atomics.load(words, this.one) | Atomics.load(words, this.other)) & LOWERED) === 0) return;
    this.#both((at) => change(words, at, withOneMoreAnswer));
  }

  halve(startedAt: number, now: number): void {
    // Whoever started before the last time that the host complained had not heard of it.
    if (startedAt < this.pausedUntil()) return;
    const { words, hostLimit } = this.table;
    this.#both((at) => change(words, at, (word) => withHalfTheLimit(word, hostLimit)));
    this.pause(now);
  }

  pause(until: number): void {
    const { words, epoch } = this.table;
    // Later rather than sooner, by up to a tick.
    const tick = Math.min(LAST_TICK, Math.floor((until - epoch) / TICK_MS) + 1);
    this.#both((at) => change(words, at + 1, (known) => Math.max(known, tick)));
  }

  pausedUntil(): number {
    const { words, epoch } = this.table;
    const tick = Math.min(Atomics.load(words, this.one + 1), Atomics.load(words, this.other + 1));
    return epoch + tick * TICK_MS;
  }

  /** True where both buckets are wanted: by somebody who wants this host. */
  #release(): boolean {
    const { words } = this.table;
    return (Atomics.sub(words, this.one, 1) & Atomics.sub(words, this.other, 1) & WANTED) !== 0;
  }

  #limit(): number {
    const { words, hostLimit } = this.table;
    const lowered = Math.max(
      Atomics.load(words, this.one) & LOWERED,
      Atomics.load(words, this.other) & LOWERED,
    );
    return hostLimit - (lowered >> LOWERED_SHIFT);
  }

  #holdsAtMost(held: number): boolean {
    const { words } = this.table;
    return (Atomics.load(words, this.one) & HELD) <= held || (Atomics.load(words, this.other) & HELD) <= held;
  }

  #both(act: (at: number) => void): void {
    act(this.one);
    act(this.other);
  }
}

function withOneMoreAnswer(word: number): number {
  const lowered = word & LOWERED;
  if (lowered === 0) return word;
  const run = ((word & RUN) >> RUN_SHIFT) + 1;
  if (run < ANSWERS_TO_RAISE) return (word & ~RUN) | (run << RUN_SHIFT);
  return (word & ~(RUN | LOWERED)) | (lowered - (1 << LOWERED_SHIFT));
}

function withHalfTheLimit(word: number, hostLimit: number): number {
  const limit = hostLimit - ((word & LOWERED) >> LOWERED_SHIFT);
  const lowered = hostLimit - Math.max(1, limit >> 1);
  return (word & ~(RUN | LOWERED)) | (lowered << LOWERED_SHIFT);
}

/** Changes one word that others may be changing. */
function change(words: Int32Array, at: number, to: (word: number) => number): void {
  for (;;) {
    const word = Atomics.load(words, at);
    const changed = to(word);
    if (changed === word || Atomics.compareExchange(words, at, word, changed) === word) return;
  }
}

/** Where the host's bucket of `row` begins: FNV-1a, and the last mixing of MurmurHash3 for the bits that are used. */
function bucketOf(host: string, row: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(row, 0x9e3779b9);
  for (let i = 0; i < host.length; i++) hash = Math.imul(hash ^ host.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (row * BUCKETS + ((hash >>> 0) % BUCKETS)) * WORDS_PER_BUCKET;
}
