import type { Offer } from '../../body/sink.js';
import type { ConnectionPool } from '../../connection/pool.js';
import type { Lookup } from '../../connection/resolve.js';
import { SluiceError } from '../../errors.js';
import { type Settings, settle } from '../../retrieval/options.js';
import type { Receipt } from '../../retrieval/receipt.js';
import { Retrieval } from '../../retrieval/retrieval.js';
import { VERSION } from '../../version.js';
import { Encoder } from '../encode.js';
import type { Outcome, Picture } from '../outcome.js';
import type { ListRow } from '../row.js';
import type { BodyMemory, MemoryBudget } from '../schedule/memory-budget.js';
import { BodyBuffers } from './body-buffers.js';
import { BudgetSink } from './budget-sink.js';
import { optOutOf } from './opt-out.js';
import { checkHash, checkPicture, checkPlaceholder } from './picture-rules.js';
import type { RowPolicy } from './policy.js';
import { RobotsTxt } from './robots-txt.js';
import { RowFailure } from './row-failure.js';

/** One attempt at a row, as it ended. */
export interface Attempted {
  readonly outcome: Outcome;
  readonly picture: Picture | undefined;
  /** What the retrieval rejected with; undefined where it was not the retrieval that failed. */
  readonly error: SluiceError | undefined;
  /** Gives back the memory of the picture: to be called when it is stored. */
  release(): void;
}

/** Tries rows: retrieves the picture to memory and holds it against the policy. */
export class RowAttempts {
  readonly #settings: Settings;
  readonly #buffers = new BodyBuffers();
  readonly #encoder: Encoder | undefined;
  readonly #robots: RobotsTxt | undefined;

  constructor(
    private readonly policy: RowPolicy,
    private readonly budget: MemoryBudget,
    pool: ConnectionPool,
    signal: AbortSignal,
  ) {
    const { userAgentToken, allow, dns, timeoutMs, maxBytes, maxPixels, verify } = policy;
    const options = {
      headers: { 'User-Agent': `${userAgentToken}/${VERSION} (sluice)` },
      timeouts: { total: timeoutMs },
      maxBytes,
      maxPixels,
      verify,
      allow,
      dns,
      expect: 'image' as const,
      sha256: true,
      signal,
      pool,
    };
    this.#settings = settle(options);
    if (policy.encode !== undefined) this.#encoder = new Encoder(policy.encode);
    if (policy.robotsTxt) this.#robots = new RobotsTxt(options, userAgentToken);
  }

  /** How names are resolved; undefined for the system's way. */
  get lookup(): Lookup | undefined {
    return this.#settings.connect.lookup;
  }

  /** One attempt. Never rejects but for what is a bug. */
  async attempt(row: ListRow, attempts: number): Promise<Attempted> {
    const memory = this.budget.open();
    const began = performance.now();
    const known = () => ({ row, attempts, ms: Math.round(performance.now() - began) });
    const sink = this.#sinkFor(memory);
    let receipt: Receipt | undefined;
    try {
      await this.#robots?.check(row.url);
      const { destination } = sink;
      receipt = await new Retrieval(row.url, this.#settings, { destination }).run();
      const bytes = sink.bytes();
      const { policy } = this;
      checkPlaceholder(receipt, policy);
      checkPicture(receipt, policy);
      checkHash(row, bytes, receipt, policy);
      const picture = { bytes, extension: sink.extension() };
      const { release } = sink;
      if (this.#encoder === undefined) return done(success(known(), receipt, receipt), picture, release);
      const encoded = await this.#encoder.encode(bytes);
      if (encoded.failure !== undefined) throw new RowFailure('resize-failed', 'encode', encoded.failure);
      return done(success(known(), receipt, encoded), encoded.picture, release);
    } catch (error) {
      sink.release();
      if (error instanceof SluiceError) return failed(failure(known(), error, error.receipt), error);
      if (error instanceof RowFailure) {
        const outcome = failure(known(), error, receipt);
        return failed(receipt === undefined ? { ...outcome, ...sink.offered() } : outcome, undefined);
      }
      throw error;
    }
  }

  #sinkFor(memory: BodyMemory) {
    const { optOut, userAgentToken } = this.policy;
    let sink: BudgetSink | undefined;
    let offered: Offer | undefined;
    const destination = (offer: Offer) => {
      const { head } = offer;
      offered = offer;
      const directive = optOut ? optOutOf(head.fields, userAgentToken) : undefined;
      if (directive !== undefined) {
        const says = `The server says ${directive} in X-Robots-Tag: the picture is not for data sets.`;
        throw new RowFailure('opt-out', 'policy', says);
      }
      const { framing } = head;
      sink = new BudgetSink(memory, this.#buffers, framing.kind === 'length' ? framing.length : undefined);
      return sink;
    };
    return {
      destination,
      bytes: () => sink?.stored ?? new Uint8Array(0),
      extension: () => offered?.type?.extension ?? 'bin',
      offered: () => (offered === undefined ? {} : ofOffer(offered)),
      release: () => {
        sink?.release();
        memory.release();
      },
    };
  }
}

type Known = Pick<Outcome, 'row' | 'attempts' | 'ms'>;
type Ending = Pick<Outcome, 'status' | 'code' | 'phase' | 'errorMessage' | 'width' | 'height'>;
type Size = Pick<Outcome, 'width' | 'height'>;

function success(known: Known, receipt: Receipt, { width, height }: Size): Outcome {
  const ending: Ending = { status: 'success', code: null, phase: null, errorMessage: null, width, height };
  return outcomeOf(known, receipt, ending);
}

function failure(known: Known, error: SluiceError | RowFailure, receipt: Receipt | undefined): Outcome {
  const { code, phase, message: errorMessage } = error;
  const status = code === 'resize-failed' ? 'failed_to_resize' : 'failed_to_download';
  return outcomeOf(known, receipt, { status, code, phase, errorMessage, width: null, height: null });
}

/** Written out: made by spreading, each outcome would have a shape of its own, and be read as slowly by all who handle it. */
function outcomeOf(known: Known, receipt: Receipt | undefined, ending: Ending): Outcome {
  return {
    row: known.row,
    status: ending.status,
    code: ending.code,
    phase: ending.phase,
    errorMessage: ending.errorMessage,
    httpStatus: receipt?.status ?? null,
    attempts: known.attempts,
    ms: known.ms,
    finalUrl: receipt?.finalUrl ?? null,
    address: receipt?.address ?? null,
    mediaType: receipt?.mediaType ?? null,
    width: ending.width,
    height: ending.height,
    originalWidth: receipt?.width ?? null,
    originalHeight: receipt?.height ?? null,
    bytes: receipt?.bodyBytes ?? 0,
    sha256: receipt?.sha256 ?? null,
  };
}

/** What is known of a response that was given up at its head. */
function ofOffer({ url, head, type }: Offer) {
  return { httpStatus: head.status, finalUrl: url.href, mediaType: type?.mediaType ?? null };
}

function done(outcome: Outcome, picture: Picture, release: () => void): Attempted {
  return { outcome, picture, error: undefined, release };
}

function failed(outcome: Outcome, error: SluiceError | undefined): Attempted {
  return { outcome, picture: undefined, error, release: () => undefined };
}
