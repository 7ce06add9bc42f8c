import type { Redis } from 'ioredis';
import type { HostRegistry, HostSlots } from '../schedule/host-slots.js';
import { connect, type QueueAddress } from './connection.js';
import { channelOf, HostBudget } from './host-budget.js';
import { LeaseEnd } from './lease-end.js';
import { KEEP_MS, LentSlots } from './lent-slots.js';

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
  #hasRoom: (host: string) => void = () => undefined;

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

  listen(hasRoom: (host: string) => void): void {
    this.#hasRoom = hasRoom;
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
      for (const [i, slots] of changed.entries())
        if (slots.got(shares[i]!, end, Date.now())) this.#hasRoom(slots.host);
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
