import robotsParser from 'robots-parser';
import { SluiceError } from '../../errors.js';
import type { RetrieveOptions } from '../../retrieval/options.js';
import { retrieve } from '../../retrieval/retrieve.js';
import { RowFailure } from './row-failure.js';

/** RFC 9309 §2.5: at least 500 KiB are to be read, and more need not be. */
const MOST_BYTES = 512 * 1024;
/** Origins whose rules are remembered. */
const MOST_ORIGINS = 4096;

/** What the library gives; its own types don't describe what it exports. */
interface Rules {
  isAllowed(url: string, token: string): boolean | undefined;
}
const readRules = robotsParser as unknown as (url: string, text: string) => Rules;

/** What an origin says: rules, or that everything or nothing may be asked for (RFC 9309 §2.3.1). */
type Said = Rules | 'all' | 'nothing';

/** robots.txt of the origins of a run (RFC 9309): asked for once each, and kept. */
export class RobotsTxt {
  readonly #origins = new Map<string, Promise<Said>>();

  constructor(
    private readonly options: RetrieveOptions,
    private readonly token: string,
  ) {}

  /** Throws `opt-out` where the origin's robots.txt does not want `url` to be asked for by us. */
  async check(url: string): Promise<void> {
    if (!URL.canParse(url)) return; // The retrieval says so better.
    const { origin, protocol } = new URL(url);
    if (protocol !== 'http:' && protocol !== 'https:') return;
    const said = await this.#of(origin);
    if (said === 'all' || (said !== 'nothing' && said.isAllowed(url, this.token) !== false)) return;
    const why = said === 'nothing' ? 'could not be read (a server error)' : 'does not allow it';
    throw new RowFailure('opt-out', 'policy', `${origin}/robots.txt ${why}.`);
  }

  #of(origin: string): Promise<Said> {
    let said = this.#origins.get(origin);
    if (said === undefined) {
      said = this.#ask(origin);
      if (this.#origins.size >= MOST_ORIGINS) this.#origins.delete(this.#origins.keys().next().value!);
      this.#origins.set(origin, said);
    }
    return said;
  }

  async #ask(origin: string): Promise<Said> {
    const url = `${origin}/robots.txt`;
    const options = {
      ...this.options,
      expect: undefined,
      verify: 'none',
      sha256: false,
      maxBytes: MOST_BYTES,
      maxRedirects: 5,
    } as const;
    try {
      const { bytes } = await retrieve(url, options);
      return readRules(url, Buffer.from(bytes).toString('utf8'));
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      const status = error.receipt?.status ?? null;
      // A file that is not there forbids nothing; a server that fails is not to be asked (§2.3.1.3, §2.3.1.4).
      return status !== null && status >= 500 ? 'nothing' : 'all';
    }
  }
}
