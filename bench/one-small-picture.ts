import { COMMAND } from './command.js';
import { measure } from './meter.js';
import { inTurn } from './rounds.js';
import type { Row } from './row.js';

const ROUNDS = 15;
const TIMES = 5;

/** One picture of 36 kB to a file, the whole process: against a Node that does nothing, which is the floor. */
export const oneSmallPicture: Row = {
  name: 'one-small-picture',
  needs: [],
  async run({ material, origin, programs, rounds }) {
    const { count } = await material.pictures();
    const url = `${origin}/pictures/${Math.floor(count / 2)}.jpg`;
    const file = material.path('picture.jpg');
    const [floor, sluice] = await inTurn(rounds(ROUNDS), [
      {
        name: 'node -e 0',
        run: () => measure(programs, { command: [process.execPath, '-e', '0'], times: TIMES }),
      },
      {
        name: 'sluice get',
        run: () => measure(programs, { command: [...COMMAND, 'get', '-o', file, url], times: TIMES }),
      },
    ]);
    return {
      claims: [
        { work: 'one small picture', ours: sluice!, peer: floor!, target: { kind: 'time', bound: 1.5 } },
      ],
    };
  },
};
