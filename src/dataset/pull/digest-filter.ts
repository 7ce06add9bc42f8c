/**
 * Which digests are surely new: a Bloom filter (Bloom, Space/time trade-offs in hash coding, 1970) that grows as a row of filters, each twice as large as the one before (Almeida et al.,
 * Scalable Bloom filters, 2007). It has 10 bits for each digest, 1.25 MB for a million, and says of one in a hundred new ones that it may be known. From some 50 million
 * on the last one takes what comes, and is wrong more and more often: that costs time, and nothing else.
 */

const BITS_A_DIGEST = 10;
/** That many bits are set for each. */
const BITS_SET = 4;
const FIRST_BITS = 2 ** 23;
const MOST_FILTERS = 6;

interface Filter {
  readonly words: Uint32Array;
  /** Of the number of bits, a power of two. */
  readonly mask: number;
  /** Digests for which there is room. */
  room: number;
}

export class DigestFilter {
  readonly #filters: Filter[] = [];

  /** False where `digest` was never added; true where it most likely was. */
  mayHold(digest: string): boolean {
    const first = hashOf(digest, FIRST_SEED);
    const second = hashOf(digest, SECOND_SEED) | 1;
    return this.#filters.some((filter) => holds(filter, first, second));
  }

  add(digest: string): void {
    const filter = this.#withRoom();
    filter.room--;
    const first = hashOf(digest, FIRST_SEED);
    const second = hashOf(digest, SECOND_SEED) | 1;
    for (let i = 0; i < BITS_SET; i++) {
      const bit = (first + Math.imul(i, second)) & filter.mask;
      filter.words[bit >>> 5]! |= 1 << (bit & 31);
    }
  }

  #withRoom(): Filter {
    const last = this.#filters.at(-1);
    if (last !== undefined && (last.room > 0 || this.#filters.length === MOST_FILTERS)) return last;
    const bits = last === undefined ? FIRST_BITS : 2 * (last.mask + 1);
    const filter = {
      words: new Uint32Array(bits / 32),
      mask: bits - 1,
      room: Math.floor(bits / BITS_A_DIGEST),
    };
    this.#filters.push(filter);
    return filter;
  }
}

function holds({ words, mask }: Filter, first: number, second: number): boolean {
  for (let i = 0; i < BITS_SET; i++) {
    const bit = (first + Math.imul(i, second)) & mask;
    if ((words[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
  }
  return true;
}

const FIRST_SEED = 0x811c9dc5;
const SECOND_SEED = 0x9e3779b9;

/** FNV-1a, and the last mixing of MurmurHash3. */
function hashOf(digest: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < digest.length; i++) hash = Math.imul(hash ^ digest.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
