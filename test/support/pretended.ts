import { BytesSink } from '../../src/body/bytes-sink.js';
import { addressRange, PUBLIC } from '../../src/retrieval/address-policy.js';
import { type RetrieveOptions, settle } from '../../src/retrieval/options.js';
import type { Receipt } from '../../src/retrieval/receipt.js';
import { Retrieval } from '../../src/retrieval/retrieval.js';

/** On loopback, and public to `retrievePretending`. */
export const PRETENDED = '127.0.0.2';
/** A second one. */
export const ALSO_PRETENDED = '127.0.0.4';

/** What an address is where those two are public: a test never connects beyond loopback. */
export function pretendedRange(address: string): string {
  return address === PRETENDED || address === ALSO_PRETENDED ? PUBLIC : addressRange(address);
}

/** `retrieve` to memory with the guard that `options` ask for, under that policy. */
export function retrievePretending(url: string, options: RetrieveOptions = {}): Promise<Receipt> {
  const settings = settle(options);
  const guard = { ...settings.guard, rangeOf: pretendedRange };
  return new Retrieval(url, { ...settings, guard }, { destination: (offer) => new BytesSink(offer) }).run();
}
