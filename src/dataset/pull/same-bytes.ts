/** Digests that are counted at once. */
const MOST_DIGESTS = 20_000;

/** Bytes that came for many URLs: a placeholder, perhaps. */
export interface SameBytes {
  readonly sha256: string;
  /** URLs that it came for, at least so many. */
  readonly urls: number;
  /** One of them. */
  readonly url: string;
}

interface Counted {
  urls: number;
  readonly url: string;
}

/**
 * Finds bytes that come again and again, in bounded memory (Misra and Gries, Finding repeated elements, 1982): when a digest comes for which there is no room, every count
 * is lowered by one, and what is at zero is forgotten. A count is never too high, and too low by at most one in 20,000 of the pictures seen.
 */
export class SameBytesCounter {
  readonly #digests = new Map<string, Counted>();

  /** A picture with these bytes came for a URL that was not asked for before. */
  add(sha256: string, url: string): void {
    const counted = this.#digests.get(sha256);
    if (counted !== undefined) counted.urls++;
    else if (this.#digests.size < MOST_DIGESTS) this.#digests.set(sha256, { urls: 1, url });
    else this.#lowerAll();
  }

  /** Those that came for more than `urls` URLs, the most frequent first. */
  above(urls: number): SameBytes[] {
    return [...this.#digests]
      .filter(([, counted]) => counted.urls > urls)
      .map(([sha256, counted]) => ({ sha256, ...counted }))
      .sort((a, b) => b.urls - a.urls);
  }

  #lowerAll(): void {
    for (const [sha256, counted] of this.#digests) {
      counted.urls--;
      if (counted.urls === 0) this.#digests.delete(sha256);
    }
  }
}
