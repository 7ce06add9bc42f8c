import fc from 'fast-check';
import type { CrewSettings, Reply, World } from '../../../bench/simulation/crew.js';
import { uniform } from '../../../bench/simulation/random.js';
import {
  type AttemptVerdict,
  VERDICT_TABLE,
  type VerdictKind,
} from '../../../src/dataset/schedule/attempt-verdict.js';
import { SharedHosts } from '../../../src/dataset/schedule/shared-hosts.js';

/** How a host behaves: the kinds that its attempts end in, one drawn for each. */
interface Habits {
  readonly kinds: readonly VerdictKind[];
  readonly ms: number;
  /** Share of its failures and 429s that come with a pause. */
  readonly pauses: number;
  readonly pauseMs: number;
}

const KINDS = Object.keys(VERDICT_TABLE) as VerdictKind[];
const RETRIES = 2;

const habits: fc.Arbitrary<Habits> = fc.record({
  // Good answers are as likely as everything else together.
  kinds: fc.array(fc.oneof(fc.constant<VerdictKind>('answered'), fc.constantFrom(...KINDS)), {
    minLength: 1,
    maxLength: 4,
  }),
  ms: fc.double({ min: 0, max: 5_000, noNaN: true }),
  pauses: fc.constantFrom(0, 0.2, 1),
  pauseMs: fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 2_000_000 })),
});

class RandomWorld implements World {
  constructor(
    private readonly hosts: readonly Habits[],
    /** Each row's host, by number. */
    private readonly list: readonly number[],
    private readonly seed: number,
  ) {}

  get rows(): number {
    return this.list.length;
  }

  hostOf(row: number): string {
    return `host-${this.list[row]! % this.hosts.length}.example`;
  }

  ask(row: number, attempt: number, now: number): Reply {
    const { kinds, ms, pauses, pauseMs } = this.hosts[this.list[row]! % this.hosts.length]!;
    const draw = (what: number) => uniform(row * 4 + attempt, this.seed + what + Math.floor(now));
    const kind = kinds[Math.floor(draw(1) * kinds.length)]!;
    const isGood = kind === 'answered' || kind === 'unasked';
    const pause = !isGood && draw(2) < pauses ? pauseMs : 0;
    const retryMs = isGood || attempt > RETRIES ? undefined : Math.max(pause, 500 * attempt);
    const verdict: AttemptVerdict = { kind, pauseMs: pause, retryMs };
    return { ms: ms * (0.5 + draw(3)), verdict };
  }
}

/** Any crew in any world: from one worker with one host to three with a dozen. */
export const crews: fc.Arbitrary<{ world: World; settings: CrewSettings }> = fc
  .record({
    world: fc
      .tuple(
        fc.array(habits, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(1000), { minLength: 1, maxLength: 1_000, size: 'max' }),
        fc.nat(),
      )
      .map(([hosts, list, seed]) => new RandomWorld(hosts, list, seed)),
    hostLimit: fc.integer({ min: 1, max: 9 }),
    workers: fc.integer({ min: 1, max: 3 }),
    limit: fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 100 })),
    shardSize: fc.integer({ min: 1, max: 60 }),
    mostShards: fc.integer({ min: 1, max: 5 }),
    mostRows: fc.integer({ min: 1, max: 200 }),
    patienceMs: fc.constantFrom(1_000, 30_000, 300_000),
    msPerAnswer: fc.constantFrom(0, 10),
  })
  .map(
    ({
      world,
      hostLimit,
      workers,
      limit: [least, more],
      shardSize,
      mostShards,
      mostRows,
      patienceMs,
      msPerAnswer,
    }) => ({
      world,
      settings: {
        workers,
        hosts: new SharedHosts(SharedHosts.buffer(hostLimit, 0)),
        limit: { least, most: least + more },
        shardSize,
        window: { mostShards, mostRows },
        patienceMs,
        msPerAnswer,
      },
    }),
  );
