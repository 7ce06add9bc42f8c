import type { AttemptVerdict } from '../../src/dataset/schedule/attempt-verdict.js';
import type { Reply, World } from './crew.js';
import { normal, uniform, WeightedIndex } from './random.js';

/** A made-up web. Times in milliseconds; shares from 0 to 1. */
export interface WebSettings {
  readonly rows: number;
  readonly hosts: number;
  /** A host's share of the rows is as 1 / rank ^ skew (Zipf). */
  readonly skew: number;
  /** A host's mean time to an answer is log-normal, and so is each answer's around it. The median is that of the thousand largest, and of all others. */
  readonly largeMedianMs: number;
  readonly medianMs: number;
  readonly hostSigma: number;
  readonly answerSigma: number;
  /** Shares of the hosts beyond the thousand largest. */
  readonly unresolved: number;
  readonly refusing: number;
  readonly silent: number;
  /** Hosts that allow so many answers a second, and say 429 with a Retry-After to what is more. */
  readonly limiting: number;
  readonly answersASecond: number;
  readonly retryAfterMs: number;
  /** Share of the attempts at good hosts whose connection breaks. */
  readonly broken: number;
}

export const WEB: WebSettings = {
  rows: 10_000_000,
  hosts: 100_000,
  skew: 0.75,
  largeMedianMs: 50,
  medianMs: 150,
  hostSigma: 0.8,
  answerSigma: 0.4,
  unresolved: 0.05,
  refusing: 0.02,
  silent: 0.01,
  limiting: 0.02,
  answersASecond: 4,
  retryAfterMs: 5_000,
  broken: 0.005,
};

/** How all attempts at a host end, but for chance. */
type Fate = 'good' | 'limiting' | 'unresolved' | 'refusing' | 'silent';

const LARGE_HOSTS = 1_000;
const UNRESOLVED_MS = 20;
const REFUSED_MS = 40;
export const SILENT_MS = 15_000;
const REFUSAL_MS = 30;
/** As `sluice pull` does by default: two retries, the first after half a second. */
const RETRIES = 2;
const RETRY_MS = 500;

const ANSWERED: AttemptVerdict = { kind: 'answered', pauseMs: 0, retryMs: undefined };
const UNRESOLVED: AttemptVerdict = { kind: 'unresolved', pauseMs: 0, retryMs: undefined };

/** Many hosts of skewed sizes and speeds, of which some fail in their ways. The same at every run. */
export class Web implements World {
  readonly rows: number;
  readonly names: readonly string[];
  /** Each host's mean time to an answer. */
  readonly meanMs: Float64Array;
  readonly fates: readonly Fate[];
  /** Each host's share of the rows. */
  readonly shares: Float64Array;
  /** Tokens of the limiting hosts, and when they were counted. */
  readonly #tokens: Float64Array;
  readonly #countedAt: Float64Array;
  readonly #draw: WeightedIndex;

  constructor(readonly settings: WebSettings) {
    const { hosts, skew } = settings;
    this.rows = settings.rows;
    this.names = Array.from({ length: hosts }, (_, host) => `host-${host}.example`);
    const weights = Float64Array.from({ length: hosts }, (_, host) => (host + 1) ** -skew);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    this.shares = weights.map((weight) => weight / sum);
    this.#draw = new WeightedIndex(weights);
    this.meanMs = Float64Array.from({ length: hosts }, (_, host) => meanMsOf(host, settings));
    this.fates = Array.from({ length: hosts }, (_, host) => fateOf(host, settings));
    this.#tokens = new Float64Array(hosts).fill(settings.answersASecond);
    this.#countedAt = new Float64Array(hosts);
  }

  hostOf(row: number): string {
    return this.names[this.host(row)]!;
  }

  /** The number of the row's host. */
  host(row: number): number {
    return this.#draw.draw(uniform(row, 2), uniform(row, 3));
  }

  ask(row: number, attempt: number, now: number): Reply {
    const host = this.host(row);
    switch (this.fates[host]!) {
      case 'unresolved':
        return { ms: UNRESOLVED_MS, verdict: UNRESOLVED };
      case 'refusing':
        return { ms: REFUSED_MS, verdict: failed('unreachable', attempt) };
      case 'silent':
        return { ms: SILENT_MS, verdict: failed('silent', attempt) };
      case 'limiting':
        return this.#takesToken(host, now) ? this.#answer(host, row, attempt) : this.#tooMany(attempt);
      default:
        return this.#answer(host, row, attempt);
    }
  }

  #answer(host: number, row: number, attempt: number): Reply {
    const { answerSigma, broken } = this.settings;
    const ms = this.meanMs[host]! * Math.exp(answerSigma * normal(row, attempt) - answerSigma ** 2 / 2);
    const breaks = uniform(row, attempt + 100) < broken;
    return { ms, verdict: breaks ? failed('broken', attempt) : ANSWERED };
  }

  #tooMany(attempt: number): Reply {
    const { retryAfterMs } = this.settings;
    const verdict = failed('overloaded', attempt);
    const retryMs = verdict.retryMs === undefined ? undefined : Math.max(verdict.retryMs, retryAfterMs);
    return { ms: REFUSAL_MS, verdict: { ...verdict, pauseMs: retryAfterMs, retryMs } };
  }

  #takesToken(host: number, now: number): boolean {
    const { answersASecond } = this.settings;
    const gained = ((now - this.#countedAt[host]!) * answersASecond) / 1000;
    const tokens = Math.min(answersASecond, this.#tokens[host]! + gained);
    this.#countedAt[host] = now;
    this.#tokens[host] = tokens >= 1 ? tokens - 1 : tokens;
    return tokens >= 1;
  }
}

function failed(kind: AttemptVerdict['kind'], attempt: number): AttemptVerdict {
  const retryMs = attempt > RETRIES ? undefined : RETRY_MS * 2 ** (attempt - 1);
  return { kind, pauseMs: 0, retryMs };
}

function meanMsOf(host: number, { largeMedianMs, medianMs, hostSigma }: WebSettings): number {
  return (host < LARGE_HOSTS ? largeMedianMs : medianMs) * Math.exp(hostSigma * normal(host, 1));
}

function fateOf(host: number, settings: WebSettings): Fate {
  if (host < LARGE_HOSTS) return 'good';
  let left = uniform(host, 4);
  for (const fate of ['unresolved', 'refusing', 'silent', 'limiting'] as const) {
    left -= settings[fate];
    if (left < 0) return fate;
  }
  return 'good';
}
