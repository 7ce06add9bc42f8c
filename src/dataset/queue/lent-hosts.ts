import type { Redis } from 'ioredis';
import type { HostRegistry, HostSlots } from '../schedule/host-slots.js';
import { connect, type QueueAddress } from './connection.js';
import { channelOf, HostBudget, type HostShare, type HostWish } from './host-budget.js';
import { LeaseEnd } from './lease-end.js';

/** Where the table of hosts is that many machines share. */
export interface QueueHosts {
  readonly address: QueueAddress;
  readonly run: string;
  readonly hostLimit: number;
  /** How long slots are lent, in milliseconds. */
  readonly leaseMs: number;
}

/** A wish waits so long for others to go with it: well below the time after which a schedule looks again at a host that was full. */
const GATHER_MS = 5;
/** Slots that are not used are kept so long, in case they are. */
const KEEP_MS = 100;
const LONGEST_GOODBYE_MS = 1000;

/** The slots of hosts, lent by Redis ahead of their use: what is asked of them is answered from what was lent. */
export class LentHosts implements HostRegistry {
  readonly hostLimit: number;
  readonly #budget: HostBudget;
  readonly #leaseMs: number;
  readonly #hosts = new Map<string, LentSlots>();
  #changed = new Set<LentSlots>();
  #gathering: NodeJS.Timeout | undefined;
  readonly #renewing: NodeJS.Timeout;
  #telling: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** `ears`: a connection of its own for what is told to all. */
  constructor(
    private readonly redis: Redis,
    private readonly ears: Redis,
    { run, hostLimit, leaseMs }: QueueHosts,
  ) {
    this.hostLimit = hostLimit;
    this.#leaseMs = leaseMs;
    this.#budget = new HostBudget(redis, run, hostLimit, leaseMs);
    ears.on('message', (_channel, message: string) => this.#hear(message));
    this.#renewing = setInterval(() => this.#renew(), Math.min(KEEP_MS, leaseMs / 4));
  }

  slotsOf(host: string): HostSlots {
    let slots = this.#hosts.get(host);
    if (slots === undefined) {
      slots = new LentSlots(host, this.hostLimit, this.#leaseMs, (changed) => this.#tell(changed));
      this.#hosts.set(host, slots);
    }
    return slots;
  }

  /** Gives back what was lent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#renewing);
    clearTimeout(this.#gathering);
    for (const slots of this.#hosts.values()) if (slots.leave()) this.#changed.add(slots);
    this.ears.disconnect();
    const goodbye = setTimeout(() => this.redis.disconnect(), LONGEST_GOODBYE_MS);
    await this.#telling.then(() => this.#exchange());
    clearTimeout(goodbye);
    this.redis.disconnect();
  }

  #hear(message: string): void {
    const [pauseMs, host] = message.split(' ');
    const slots = this.#hosts.get(host!);
    if (slots === undefined) return;
    if (pauseMs === '0') this.#tell(slots);
    else slots.pausedFor(Number(pauseMs), Date.now());
  }

  #tell(slots: LentSlots): void {
    if (this.#isClosed) return;
    this.#hosts.set(slots.host, slots);
    this.#changed.add(slots);
    this.#gathering ??= setTimeout(() => {
      this.#telling = this.#telling.then(() => this.#exchange());
    }, GATHER_MS);
  }

  async #exchange(): Promise<void> {
    this.#gathering = undefined;
    const changed = [...this.#changed];
    this.#changed = new Set();
    const wishes = changed.map((slots) => slots.wish(Date.now()));
    // Redis counts from a later moment.
    const end = new LeaseEnd(this.#leaseMs);
    try {
      const shares = await this.#budget.shares(wishes);
      for (const [i, slots] of changed.entries()) slots.got(shares[i]!, end, Date.now());
    } catch {
      // Redis has gone: what was lent is used until its lease is over, and then nothing is asked for. The main thread says that it has gone.
      for (const slots of changed) this.#changed.add(slots);
    }
  }

  #renew(): void {
    const now = Date.now();
    for (const [host, slots] of this.#hosts) {
      if (slots.isForgotten(now)) this.#hosts.delete(host);
      else if (slots.isDue()) this.#tell(slots);
    }
  }
}

/** Connects, and lends. Rejects with `queue-failed`. */
export async function lend(hosts: QueueHosts): Promise<LentHosts> {
  const ears = await connect(hosts.address);
  await ears.subscribe(channelOf(hosts.run));
  return new LentHosts(await connect(hosts.address), ears, hosts);
}

class LentSlots implements HostSlots {
  #lent = 0;
  #used = 0;
  /** The most that were used since the last exchange. */
  #peak = 0;
  /** One was wanted and not there, since the last exchange. */
  #missed = false;
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

  got({ slots, fair, crowded, pauseMs, lowered }: HostShare, end: LeaseEnd, now: number): void {
    this.#lent = slots;
    this.#fair = fair;
    this.#crowded = crowded;
    this.#end = end;
    this.#exchangedAt = performance.now();
    this.#lowered = lowered;
    this.pausedFor(pauseMs, now);
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
