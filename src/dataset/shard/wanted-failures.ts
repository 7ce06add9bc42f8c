import { ERROR_TABLE } from '../../errors.js';
import { type Outcome, type OutcomeCode, ROW_ERROR_CODES } from '../outcome.js';

/** Statuses by their first digit (RFC 9110 §15). */
export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx';

/** Which failures are meant: a code, or of `http-status` a status or a class of them. */
export type FailureSelector = OutcomeCode | number | StatusClass;

const BY_STATUS = 'http-status';

/** Failures that are to be tried again. */
export class WantedFailures {
  readonly #codes: ReadonlySet<unknown>;
  readonly #byStatus: readonly (number | StatusClass)[];

  /** With no selector, all. */
  constructor(selectors: readonly FailureSelector[]) {
    this.#codes = new Set(selectors);
    this.#byStatus = selectors.filter((selector) => isStatus(selector) || isClass(selector));
  }

  /** Whether a shard with failures of these codes may have any: only its table tells of statuses. */
  among(codes: readonly string[]): 'none' | 'some' | 'perhaps' {
    if (codes.some((code) => this.#wantsAllOf(code))) return 'some';
    return this.#byStatus.length > 0 && codes.includes(BY_STATUS) ? 'perhaps' : 'none';
  }

  has({ code, httpStatus }: Pick<Outcome, 'code' | 'httpStatus'>): boolean {
    if (code === null) return false;
    if (this.#wantsAllOf(code)) return true;
    if (code !== BY_STATUS || httpStatus === null) return false;
    const its = `${Math.floor(httpStatus / 100)}xx`;
    return this.#byStatus.some((status) => status === httpStatus || status === its);
  }

  #wantsAllOf(code: string): boolean {
    return this.#codes.size === 0 || this.#codes.has(code);
  }
}

export function isFailureSelector(value: unknown): value is FailureSelector {
  return isStatus(value) || isClass(value) || isCode(value);
}

function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 599;
}

function isClass(value: unknown): value is StatusClass {
  return typeof value === 'string' && /^[1-5]xx$/.test(value);
}

function isCode(value: unknown): value is OutcomeCode {
  if (typeof value !== 'string') return false;
  return Object.hasOwn(ERROR_TABLE, value) || (ROW_ERROR_CODES as readonly string[]).includes(value);
}
