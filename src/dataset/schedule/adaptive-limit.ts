/**
 * How many retrievals run at once: the limit finds itself, by these rules.
 *
 * 1. Time is cut into epochs. One ends when a second has passed and as many attempts have finished as the limit allows at once, so that by
 *    Little's law about all that ran at its beginning is over; or after ten seconds.
 * 2. The goodput of an epoch is its answers a second, whatever they said: an error status is work done. The epoch after a change of the limit only
 *    settles; the one after that is measured.
 * 3. The limit changes for the goodput's sake only where it was what held the crew back: it was reached at three of four ends of attempts.
 *    Otherwise the hosts, or the list, set the pace.
 * 4. Of two limits that were measured one after the other, the higher is worth it if it brought at least a quarter of what it would have in proportion.
 *    At first the limit is doubled as long as that is worth it. From then on it goes by a fixed step: on upwards where the higher was worth it, on
 *    downwards where it was not, and back where that is the other way; from a bound, a step away from it. So it stays near the least limit
 *    that brings the most.
 * 5. Congestion is a share of hosts, not of attempts, so that one that fails a thousand times weighs as much as one that fails once: it is the mean, over
 *    the hosts asked in an epoch, of the share of each one's attempts that ended in a time-out, a reset or a failed look-up.
 * 6. Some hosts always fail. The base rate is the mean share, over the last epochs. Where the share is above twice the base and a tenth, of
 *    eight hosts or more, the limit is cut to seven tenths at once.
 * 7. After a cut only attempts that began after it count, and nothing is changed for as long as the failures that led to it had taken: a time-out
 *    tells of the time when it began.
 * 8. If the share has not fallen by then it was not our doing: the limit is what it was before the cut, and the share is the new base rate.
 * 9. The limit stays between `least` and `most`. Where they are the same number, it is fixed.
 */

/** What is counted of one host, in the epoch that it was counted in last. */
export interface HostCount {
  epoch: number;
  finishedInEpoch: number;
  congestedInEpoch: number;
}

/** An attempt that is over. Times in milliseconds. */
export interface FinishedAttempt {
  readonly startedAt: number;
  readonly answered: boolean;
  readonly congested: boolean;
  /** As many ran as the limit allows. */
  readonly full: boolean;
}

/** What one worker lets run at once; the crew's bounds are shared out among the workers. */
export interface LimitBounds {
  readonly least: number;
  readonly most: number;
}

const EPOCH_MS = 1_000;
const LONGEST_EPOCH_MS = 10_000;
const FULL_SHARE = 3 / 4;
/** Of `most`. */
const STEP_SHARE = 1 / 16;
const GROWTH_SHARE = 1 / 4;
const CUT = 0.7;
const BASE_FACTOR = 2;
const BASE_MARGIN = 0.1;
const LEAST_HOSTS = 8;
/** Weight of the last epoch in the base rate. */
const BASE_WEIGHT = 1 / 8;
/** Of the share before the cut: less than this is a fall. */
const STILL = 0.8;

/** A limit and the goodput that it brought. */
interface Measure {
  readonly limit: number;
  readonly goodput: number;
}

/** What is to be known before a cut is judged. */
interface Cut {
  readonly at: number;
  readonly judgedAt: number;
  readonly limitBefore: number;
  readonly share: number;
}

export class AdaptiveLimit {
  #limit: number;
  readonly #stepSize: number;
  #doubling = true;
  /** The limit was changed in the epoch before. */
  #settling = true;
  #last: Measure | undefined;
  #base: number | undefined;
  #cut: Cut | undefined;

  #epoch = 0;
  #epochStart: number;
  #finished = 0;
  #answered = 0;
  #full = 0;
  #hosts = 0;
  /** Of each host the share of its attempts that were congested, added up. */
  #congestion = 0;
  /** The longest that a congested attempt of this epoch took. */
  #congestedMs = 0;

  constructor(
    private readonly bounds: LimitBounds,
    now: number,
  ) {
    this.#limit = bounds.least;
    this.#stepSize = Math.max(1, Math.round(bounds.most * STEP_SHARE));
    this.#epochStart = now;
  }

  /** How many may run at once. */
  get limit(): number {
    return this.#limit;
  }

  /** The upper bound. */
  get most(): number {
    return this.bounds.most;
  }

  /** An attempt of the host with this count is over. */
  finished(host: HostCount, attempt: FinishedAttempt, now: number): void {
    this.#finished++;
    if (attempt.answered) this.#answered++;
    if (attempt.full) this.#full++;
    this.#count(host, attempt, now);
    const ms = now - this.#epochStart;
    if (ms >= LONGEST_EPOCH_MS || (ms >= EPOCH_MS && this.#finished >= this.#limit)) this.#endEpoch(now, ms);
  }

  #count(host: HostCount, { congested, startedAt }: FinishedAttempt, now: number): void {
    if (host.epoch !== this.#epoch) {
      host.epoch = this.#epoch;
      host.finishedInEpoch = host.congestedInEpoch = 0;
      this.#hosts++;
    } else this.#congestion -= host.congestedInEpoch / host.finishedInEpoch;
    host.finishedInEpoch++;
    if (congested && startedAt >= (this.#cut?.at ?? Number.NEGATIVE_INFINITY)) {
      host.congestedInEpoch++;
      this.#congestedMs = Math.max(this.#congestedMs, now - startedAt);
    }
    this.#congestion += host.congestedInEpoch / host.finishedInEpoch;
  }

  #endEpoch(now: number, ms: number): void {
    const measure: Measure = { limit: this.#limit, goodput: this.#answered / ms };
    const wasFull = this.#full >= this.#finished * FULL_SHARE;
    const before = this.#limit;
    const settled = !this.#settling;
    if (this.#cut !== undefined) this.#judgeCut(this.#cut, now);
    else if (!this.#cutIfCongested(now) && settled) this.#climb(measure, wasFull);
    this.#settling = this.#limit !== before;
    this.#epoch++;
    this.#epochStart = now;
    this.#finished = this.#answered = this.#full = this.#hosts = this.#congestion = this.#congestedMs = 0;
  }

  get #share(): number {
    return this.#hosts === 0 ? 0 : this.#congestion / this.#hosts;
  }

  /** Rule 6. */
  #cutIfCongested(now: number): boolean {
    const share = this.#share;
    const base = this.#base ?? share;
    if (this.#hosts >= LEAST_HOSTS && share > base * BASE_FACTOR + BASE_MARGIN) {
      this.#cut = { at: now, judgedAt: now + this.#congestedMs, limitBefore: this.#limit, share };
      this.#set(this.#limit * CUT);
      this.#doubling = false;
      this.#last = undefined;
      return true;
    }
    this.#base = base + (share - base) * BASE_WEIGHT;
    return false;
  }

  /** Rules 7 and 8. */
  #judgeCut(cut: Cut, now: number): void {
    if (now < cut.judgedAt) return;
    this.#cut = undefined;
    if (this.#hosts < LEAST_HOSTS || this.#share < cut.share * STILL) return;
    this.#base = this.#share;
    this.#set(cut.limitBefore);
  }

  /** Rules 3 and 4. */
  #climb(measure: Measure, wasFull: boolean): void {
    const last = wasFull ? this.#last : undefined;
    this.#last = wasFull ? measure : undefined;
    if (!wasFull) return;
    if (this.#doubling) this.#double(last, measure);
    else this.#step(last, measure);
  }

  #double(last: Measure | undefined, measure: Measure): void {
    this.#doubling = measure.limit < this.bounds.most && (last === undefined || isWorthIt(last, measure));
    this.#set(this.#doubling || last === undefined ? measure.limit * 2 : last.limit);
  }

  #step(last: Measure | undefined, measure: Measure): void {
    if (last === undefined || last.limit === measure.limit) {
      this.#set(measure.limit + (measure.limit < this.bounds.most ? this.#stepSize : -this.#stepSize));
      return;
    }
    const wentUp = last.limit < measure.limit;
    const goUp = wentUp ? isWorthIt(last, measure) : isWorthIt(measure, last);
    if (goUp === wentUp) this.#set(measure.limit + (goUp ? this.#stepSize : -this.#stepSize));
    else this.#set(last.limit);
  }

  #set(limit: number): void {
    this.#limit = Math.min(this.bounds.most, Math.max(this.bounds.least, Math.round(limit)));
  }
}

function isWorthIt(lower: Measure, higher: Measure): boolean {
  return higher.goodput >= lower.goodput * (1 + (higher.limit / lower.limit - 1) * GROWTH_SHARE);
}
