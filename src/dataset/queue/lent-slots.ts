import type { HostSlots } from '../schedule/host-slots.js';
import type { HostShare, HostWish } from './host-budget.js';
import { LeaseEnd } from './lease-end.js';

/** Slots that are not used are kept so long, in milliseconds, in case they are. */
export const KEEP_MS = 100;

/** What one crew was lent of one host: it is used at once, and told of when there is time. */
export class LentSlots implements HostSlots {
  #lent = 0;
  #used = 0;
  /** The most that were used since the last exchange. */
  #peak = 0;
  /** One was wanted and not there, since the last exchange. */
  #missed = false;
  /** There was none when it was looked for, and the schedule waits to hear of one. */
  #wasFull = false;
  #fair: number;
  #crowded = false;
  #wished = 0;
  /** When what was lent is no longer ours. */
  #end = new LeaseEnd(0);
  /** By the steady clock. */
  #exchangedAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = 0;
  #lowered = 0;
  #answers = 0;
  /** To be told. */
  #newPauseUntil = 0;
  #overloadedSince: number | undefined;

  constructor(
    readonly host: string,
    private readonly hostLimit: number,
    private readonly leaseMs: number,
    private readonly tell: (slots: LentSlots) => void,
  ) {
    this.#fair = hostLimit;
  }

  take(now: number): 'taken' | 'full' | 'paused' {
    if (this.#pausedUntil > now) return 'paused';
    const { isOver } = this.#end;
    if (this.#used < this.#lent && !isOver) {
      this.#used++;
      this.#peak = Math.max(this.#peak, this.#used);
      return 'taken';
    }
    this.#missed = true;
    this.#wasFull = true;
    // Who has its part already asks for more now and then only.
    if (this.#lent < this.#fair || this.#sinceExchange > KEEP_MS || isOver) this.tell(this);
    return 'full';
  }

  give(): boolean {
    this.#used--;
    const leaves = this.#crowded || this.#used >= this.#fair;
    if (!leaves) return false;
    // What this one leaves goes back at once, and is another's before we ask again.
    this.#peak = this.#used;
    this.#missed = false;
    this.#lent = this.#used;
    this.tell(this);
    return true;
  }

  /** It was told by the slot that was not there. */
  want(): void {}

  succeeded(): void {
    if (this.#lowered > 0) this.#answers++;
  }

  halve(startedAt: number, now: number): void {
    if (startedAt < this.#pausedUntil) return;
    this.#overloadedSince = startedAt;
    this.#pausedUntil = now;
    this.tell(this);
  }

  pause(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
    this.#newPauseUntil = this.#pausedUntil;
    this.tell(this);
  }

  pausedUntil(): number {
    return this.#pausedUntil;
  }

  wish(now: number): HostWish {
    const wanted = this.#peak + (this.#missed ? Math.max(1, this.#peak) : 0);
    this.#wished = Math.min(this.hostLimit, wanted);
    // What was lent and is wanted is kept, up to our part; between asking and being answered no more is taken than was said to be used.
    this.#lent = Math.max(this.#used, Math.min(this.#lent, this.#wished, this.#fair));
    const wish = {
      host: this.host,
      wanted: this.#wished,
      used: this.#lent,
      pauseMs: Math.max(0, this.#newPauseUntil - now),
      overloadedAgoMs: this.#overloadedSince === undefined ? undefined : now - this.#overloadedSince,
      answers: this.#answers,
    };
    this.#peak = this.#used;
    this.#missed = false;
    this.#newPauseUntil = 0;
    this.#overloadedSince = undefined;
    this.#answers = 0;
    return wish;
  }

  /** True where there is room, and there was none when it was looked for. */
  got({ slots, fair, crowded, pauseMs, lowered }: HostShare, end: LeaseEnd, now: number): boolean {
    this.#lent = slots;
    this.#fair = fair;
    this.#crowded = crowded;
    this.#end = end;
    this.#exchangedAt = performance.now();
    this.#lowered = lowered;
    this.pausedFor(pauseMs, now);
    const hasRoom = this.#wasFull && this.#used < this.#lent;
    if (hasRoom) this.#wasFull = false;
    return hasRoom;
  }

  /** The host is left alone by all. */
  pausedFor(ms: number, now: number): void {
    if (ms > 0) this.#pausedUntil = Math.max(this.#pausedUntil, now + ms);
  }

  /** Uses nothing any more; true where there is something to give back. */
  leave(): boolean {
    const has = this.#lent > 0 || this.#wished > 0;
    this.#used = 0;
    this.#peak = 0;
    this.#missed = false;
    return has;
  }

  /** It is time to renew the lease, or to give back what is neither used nor waited for. */
  isDue(): boolean {
    if (this.#lent === 0 && this.#used === 0 && this.#wished === 0) return false;
    const isAbove = this.#lent > this.#used || this.#wished > this.#used;
    return this.#sinceExchange > (isAbove ? KEEP_MS : this.leaseMs / 4);
  }

  get #sinceExchange(): number {
    return performance.now() - this.#exchangedAt;
  }

  isForgotten(now: number): boolean {
    const isIdle = this.#lent === 0 && this.#used === 0 && this.#wished === 0 && !this.#missed;
    return isIdle && this.#pausedUntil <= now;
  }
}
