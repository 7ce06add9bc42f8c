/**
 * Entropy coded numbers of a JPEG XL codestream (ISO/IEC 18181-1, "Entropy decoding"), for the two places where the
 * end of a frame can't be found without them: an ICC profile, and a permuted table of contents.
 *
 * 1. A stream begins with its parameters: whether runs are copied (LZ77), which contexts share a code (clusters), then
 *    each cluster's way to write numbers, and its code.
 * 2. A symbol stands for a small number, or for the length and the upper and lower bits of a larger one.
 * 3. With LZ77, symbols from a limit on are the length of a copy; its distance follows, in a context of its own.
 */

import type { Reading } from './box.js';
import { type AnsCode, AnsState, readAnsCode } from './jpeg-xl-ans.js';
import type { JpegXlBits } from './jpeg-xl-bits.js';
import { PrefixCode, readPrefixCode } from './jpeg-xl-prefix.js';
import { StructureError } from './walk.js';

/** How a cluster writes numbers. */
interface NumberConfig {
  readonly splitExponent: number;
  readonly upperBits: number;
  readonly lowerBits: number;
}

interface Cluster {
  readonly config: NumberConfig;
  readonly code: AnsCode | PrefixCode;
}

interface Copies {
  readonly firstSymbol: number;
  readonly shortest: number;
  readonly lengths: NumberConfig;
}

/** How many numbers back a copy may reach. */
const WINDOW = 1 << 20;

/** Reads one entropy coded stream. */
export class EntropyReader {
  readonly #bits: JpegXlBits;
  readonly #clusters: readonly Cluster[];
  /** The cluster of each context; with copies, one more for distances. */
  readonly #clusterOf: readonly number[];
  readonly #copies: Copies | undefined;
  readonly #state = new AnsState();
  /** The last numbers, where they may be copied. */
  readonly #window: number[] = [];
  #seen = 0;
  #copyFrom = 0;
  #copyLeft = 0;

  private constructor(
    bits: JpegXlBits,
    clusters: readonly Cluster[],
    clusterOf: readonly number[],
    copies: Copies | undefined,
  ) {
    this.#bits = bits;
    this.#clusters = clusters;
    this.#clusterOf = clusterOf;
    this.#copies = copies;
  }

  /** Reads the parameters of a stream of so many contexts. */
  static *begin(bits: JpegXlBits, contexts: number, mayCopy = true): Reading<EntropyReader> {
    const hasCopies = yield* bits.bool();
    if (hasCopies && !mayCopy) throw new StructureError('a map of two clusters copies runs');
    const copies = hasCopies ? yield* readCopies(bits) : undefined;
    const clusterOf = yield* readClusterMap(bits, hasCopies ? contexts + 1 : contexts);
    const count = Math.max(...clusterOf) + 1;
    const usesPrefixCodes = yield* bits.bool();
    const alphabetBits = usesPrefixCodes ? 15 : 5 + (yield* bits.bits(2));
    const configs: NumberConfig[] = [];
    while (configs.length < count) configs.push(yield* readNumberConfig(bits, alphabetBits));
    const clusters: Cluster[] = [];
    if (usesPrefixCodes) {
      const sizes: number[] = [];
      while (sizes.length < count) sizes.push(yield* readAlphabetSize(bits));
      for (const [at, config] of configs.entries()) {
        clusters.push({ config, code: yield* readPrefixCode(bits, sizes[at]!) });
      }
    } else {
      for (const config of configs) clusters.push({ config, code: yield* readAnsCode(bits, alphabetBits) });
    }
    const reader = new EntropyReader(bits, clusters, clusterOf, copies);
    if (!usesPrefixCodes) yield* reader.#state.start(bits);
    return reader;
  }

  /** The next number, in a context. */
  *number(context: number): Reading<number> {
    this.#bits.spend(1);
    const copies = this.#copies;
    if (copies === undefined) return yield* this.#plain(this.#clusters[this.#clusterOf[context]!]!);
    if (this.#copyLeft === 0) {
      const cluster = this.#clusters[this.#clusterOf[context]!]!;
      const symbol = yield* this.#symbol(cluster);
      if (symbol < copies.firstSymbol) return this.#keep(yield* this.#expand(cluster.config, symbol));
      const length = yield* this.#expand(copies.lengths, symbol - copies.firstSymbol);
      const distance = 1 + (yield* this.#plain(this.#clusters[this.#clusterOf.at(-1)!]!));
      this.#copyLeft = length + copies.shortest;
      this.#copyFrom = this.#seen - Math.min(distance, WINDOW, this.#seen);
    }
    this.#copyLeft--;
    return this.#keep(this.#window[this.#copyFrom++ % WINDOW] ?? 0);
  }

  /** Throws where the stream did not end as it should. */
  finish(): void {
    this.#state.finish();
  }

  *#symbol({ code }: Cluster): Reading<number> {
    if (code instanceof PrefixCode) return yield* code.symbol(this.#bits);
    const symbol = code.symbol(this.#state);
    if (this.#state.isLow) yield* this.#state.refill(this.#bits);
    return symbol;
  }

  *#plain(cluster: Cluster): Reading<number> {
    const symbol = yield* this.#symbol(cluster);
    return symbol < 1 << cluster.config.splitExponent ? symbol : yield* this.#expand(cluster.config, symbol);
  }

  *#expand(config: NumberConfig, symbol: number): Reading<number> {
    const { splitExponent, upperBits, lowerBits } = config;
    const split = 1 << splitExponent;
    if (symbol < split) return symbol;
    const known = upperBits + lowerBits;
    const width = splitExponent - known + ((symbol - split) >> known);
    if (width > 29) throw new StructureError(`an entropy coded number has ${width} bits in its middle`);
    const lower = symbol & ((1 << lowerBits) - 1);
    const upper = ((symbol >> lowerBits) & ((1 << upperBits) - 1)) | (1 << upperBits);
    return (upper * 2 ** width + (yield* this.#bits.bits(width))) * 2 ** lowerBits + lower;
  }

  #keep(value: number): number {
    this.#window[this.#seen++ % WINDOW] = value;
    return value;
  }
}

function* readCopies(bits: JpegXlBits): Reading<Copies> {
  const firstSymbol = yield* bits.u32([224, 0], [512, 0], [4096, 0], [8, 15]);
  const shortest = yield* bits.u32([3, 0], [4, 0], [5, 2], [9, 8]);
  return { firstSymbol, shortest, lengths: yield* readNumberConfig(bits, 8) };
}

function* readNumberConfig(bits: JpegXlBits, alphabetBits: number): Reading<NumberConfig> {
  const splitExponent = yield* bits.bits(widthOf(alphabetBits));
  if (splitExponent === alphabetBits) return { splitExponent, upperBits: 0, lowerBits: 0 };
  const upperBits = yield* bits.bits(widthOf(splitExponent));
  const lowerBits = upperBits > splitExponent ? 0 : yield* bits.bits(widthOf(splitExponent - upperBits));
  if (upperBits + lowerBits > splitExponent) {
    throw new StructureError(
      `numbers of ${upperBits} upper and ${lowerBits} lower bits begin at 2^${splitExponent}`,
    );
  }
  return { splitExponent, upperBits, lowerBits };
}

/** So many bits hold the numbers from 0 to `largest`. */
function widthOf(largest: number): number {
  return 32 - Math.clz32(largest);
}

function* readAlphabetSize(bits: JpegXlBits): Reading<number> {
  if (!(yield* bits.bool())) return 1;
  const width = yield* bits.bits(4);
  const size = 1 + (1 << width) + (yield* bits.bits(width));
  if (size <= 1 << 15) return size;
  throw new StructureError(`an alphabet has ${size} symbols, more than ${1 << 15}`);
}

function* readClusterMap(bits: JpegXlBits, contexts: number): Reading<number[]> {
  if (contexts === 1) return [0];
  const map: number[] = [];
  const isSimple = yield* bits.bool();
  if (isSimple) {
    const width = yield* bits.bits(2);
    while (map.length < contexts) map.push(yield* bits.bits(width));
  } else {
    const movesToFront = yield* bits.bool();
    const reader = yield* EntropyReader.begin(bits, 1, contexts > 2);
    while (map.length < contexts) map.push(within(yield* reader.number(0), 256));
    reader.finish();
    if (movesToFront) undoMoveToFront(map);
  }
  for (const cluster of map) within(cluster, contexts);
  return map;
}

function within(cluster: number, limit: number): number {
  if (cluster < limit) return cluster;
  throw new StructureError(`a context is in cluster ${cluster}, of at most ${limit}`);
}

function undoMoveToFront(map: number[]): void {
  const order = Array.from({ length: 256 }, (_, index) => index);
  for (const [at, index] of map.entries()) {
    const [cluster] = order.splice(index, 1);
    order.unshift(cluster!);
    map[at] = cluster!;
  }
}
