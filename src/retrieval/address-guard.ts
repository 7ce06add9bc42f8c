import { isIP } from 'node:net';
import type { Guard } from '../connection/guard.js';
import { hostPort, type Origin } from '../connection/origin.js';
import type { Address } from '../connection/resolve.js';
import { SluiceError } from '../errors.js';
import type { JudgedAddress } from '../flow/trace.js';
import { type AddressException, isExcepted, isPortExcepted } from './address-exceptions.js';
import { addressRange, PUBLIC } from './address-policy.js';
import { badPortService } from './bad-port.js';

/**
 * Which addresses are connected to: `public`: only those, at every hop; `redirects`: any that the URL leads to, but after a public
 * address has answered, redirects lead to public ones only; `any`: all.
 */
export type Addresses = 'public' | 'redirects' | 'any';

/** Who may be connected to in one retrieval. */
export interface AddressRules {
  readonly addresses: Addresses;
  readonly exceptions: readonly AddressException[];
  /** What an address is: `addressRange`, but for tests, which stay on loopback. */
  readonly rangeOf: (address: string) => string;
}

export const PUBLIC_ONLY: AddressRules = { addresses: 'public', exceptions: [], rangeOf: addressRange };

/** Whom a guard tells what it found. */
export interface ResolvedObserver {
  resolved(origin: Origin, addresses: readonly JudgedAddress[]): void;
}

/** The guard of a retrieval's first hop; undefined where there is nothing to refuse, now or later, and nobody to tell. */
export function firstGuard(
  rules: AddressRules,
  observer: ResolvedObserver | undefined,
): AddressGuard | undefined {
  if (rules.addresses === 'any' && observer === undefined) return undefined;
  const guarded = rules.addresses === 'public';
  return new AddressGuard(rules, observer, guarded, guarded);
}

/** The guard of one hop. */
export class AddressGuard implements Guard {
  constructor(
    private readonly rules: AddressRules,
    private readonly observer: ResolvedObserver | undefined,
    private readonly guardsPorts: boolean,
    private readonly guardsAddresses: boolean,
  ) {}

  /** The guard of the hop that a response from `address` redirects to; undefined where a proxy was asked, for who answered it is not known. */
  afterRedirect(address: string | undefined): AddressGuard {
    if (this.rules.addresses !== 'redirects' || this.guardsAddresses) return this;
    return new AddressGuard(
      this.rules,
      this.observer,
      true,
      address === undefined || this.rules.rangeOf(address) === PUBLIC,
    );
  }

  /** Through a proxy only an address that stands in the URL can be judged: names are the proxy's to resolve. Throws `address-refused`. */
  admitThroughProxy(origin: Origin): void {
    const family = isIP(origin.host);
    if (family !== 0) this.admit(origin, [{ address: origin.host, family: family as 4 | 6 }]);
  }

  allows({ host, port }: Origin, { address }: Address): boolean {
    return this.#mayUsePort(host, address, port) && this.#mayConnect(host, address, port);
  }

  admit(origin: Origin, addresses: readonly Address[]): readonly Address[] {
    const admitted = addresses.filter((address) => this.allows(origin, address));
    if (this.observer === undefined && admitted.length > 0) return admitted;
    const judged = addresses.map((address) => ({
      address: address.address,
      range: this.rules.rangeOf(address.address),
      allowed: admitted.includes(address),
    }));
    this.observer?.resolved(origin, judged);
    if (admitted.length === 0) throw this.#refused(origin, judged);
    return admitted;
  }

  #mayUsePort(host: string, address: string, port: number): boolean {
    if (!this.guardsPorts || badPortService(port) === undefined) return true;
    return isPortExcepted(this.rules.exceptions, host, address, port);
  }

  #mayConnect(host: string, address: string, port: number): boolean {
    if (!this.guardsAddresses || this.rules.rangeOf(address) === PUBLIC) return true;
    return isExcepted(this.rules.exceptions, host, address, port);
  }

  #refused({ host, port }: Origin, judged: readonly JudgedAddress[]): SluiceError {
    const found = judged.map(({ address, range }) => `${address} (${range})`).join(', ');
    const where = hostPort(host, port);
    const service = this.guardsPorts ? badPortService(port) : undefined;
    const why =
      service !== undefined
        ? `port ${port} is for ${service}, not for HTTP; allow (--allow) with the port makes an exception`
        : this.rules.addresses === 'public'
          ? 'only public addresses are connected to; allow (--allow) makes an exception'
          : 'a redirect from a public address must lead to public ones; allow (--allow) makes an exception';
    return new SluiceError('address-refused', `${where} is refused: it leads to ${found}, and ${why}.`, {
      cause: new Error(`${where}: ${found}`),
    });
  }
}
