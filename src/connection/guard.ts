import type { Origin } from './origin.js';
import type { Address } from './resolve.js';

/** Decides who may be connected to. It is asked about the very addresses that would be dialled, before a packet goes to any of them. */
export interface Guard {
  /** Those of the addresses found for `origin` that may be dialled. Throws `address-refused` where none is left. */
  admit(origin: Origin, addresses: readonly Address[]): readonly Address[];
  /** Whether a connection to `address` that is open already may be used for `origin`. */
  allows(origin: Origin, address: Address): boolean;
}
