/** How much of a head, of chunk extensions and of trailers is taken before the reply is refused. All in bytes or counts. */
export interface HttpLimits {
  /** The longest line of a head or trailer section, without its end. */
  readonly lineBytes: number;
  /** A head up to the end of its last field line (its `headerBytes`), and likewise a trailer section. */
  readonly headBytes: number;
  /** Field lines of a head, and likewise of a trailer section. Each fold is one more: it costs as much memory as a field. */
  readonly fieldCount: number;
  /** Interim (1xx) responses before the final one. */
  readonly interimCount: number;
  /** The longest chunk-size line, extensions included. */
  readonly chunkLineBytes: number;
  /** All chunk extensions of one body together: nobody uses them but attackers. */
  readonly chunkExtensionBytes: number;
}

/** Generous next to what servers send (a head is rarely above 8 KiB), small next to what hurts. */
export const DEFAULT_LIMITS: HttpLimits = {
  lineBytes: 32 * 1024,
  headBytes: 256 * 1024,
  fieldCount: 512,
  interimCount: 32,
  chunkLineBytes: 4 * 1024,
  chunkExtensionBytes: 64 * 1024,
};
