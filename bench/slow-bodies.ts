import type { Work } from './clients/slow-readers.js';
import { LIBRARY, runClient } from './clients.js';
import { type Contestant, inTurn } from './rounds.js';
import type { Row, Setting, Side } from './row.js';

const SHORT_MEBIBYTES = 0.5;
const LONG_MEBIBYTES = 5;
const FEW = 100;
const SOME = 500;
const MANY = 1000;
const PAUSE_MS = 50;
const ROUNDS = 3;

/** What a receive asks for by default, as README has it: a connection's buffer. */
const RECV_SIZE = 64 * 1024;
/** The buffer, the piece that the reader has and the one it is given, one that V8 has not collected yet, and as much again for all else. */
const BYTES_A_CONNECTION = 5 * RECV_SIZE;

/**
 * Many bodies read at once, each slowly, from a server that sends as fast as it may: the most memory that the process had, with 100, 500 and 1,000 of
 * them, and with bodies ten times as long.
 */
export const slowBodies: Row = {
  name: 'slow-bodies',
  needs: [],
  async run(setting) {
    const sides = await inTurn(setting.rounds(ROUNDS), [
      await reading(setting, FEW, SHORT_MEBIBYTES),
      await reading(setting, SOME, SHORT_MEBIBYTES),
      await reading(setting, MANY, SHORT_MEBIBYTES),
      await reading(setting, MANY, LONG_MEBIBYTES),
    ]);
    const [few, , many, long] = sides;
    const each = many!.samples.map((sample, round) => {
      return (sample.peakBytes! - few!.samples[round]!.peakBytes!) / (MANY - FEW);
    });
    return {
      claims: [
        { work: 'slow bodies, memory', ours: long!, peer: many!, target: { kind: 'memory', bound: 1.1 } },
      ],
      ceilings: [{ work: 'a slow body more', bytes: each, bound: BYTES_A_CONNECTION }],
      notes: [`slow bodies: peak memory ${sides.map(shown).join(', ')}`],
    };
  },
};

async function reading(
  { material, origin, client }: Setting,
  connections: number,
  mebibytes: number,
): Promise<Contestant> {
  const work: Work = {
    url: origin + (await material.body(mebibytes)),
    length: mebibytes * 2 ** 20,
    connections,
    pauseMs: PAUSE_MS,
    module: LIBRARY,
  };
  return {
    name: `${connections} of ${mebibytes} MiB`,
    run: () => runClient(client('slow-readers'), work),
  };
}

function shown({ name, samples }: Side): string {
  const peak = Math.max(...samples.map(({ peakBytes = 0 }) => peakBytes));
  return `${(peak / 2 ** 20).toFixed(0)} MiB with ${name}`;
}
