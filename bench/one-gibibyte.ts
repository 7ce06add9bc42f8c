import { COMMAND } from './command.js';
import { measure } from './meter.js';
import { inTurn } from './rounds.js';
import type { Row } from './row.js';

const MEBIBYTES = 1024;
const ROUNDS = 15;

/** 1 GiB received and dropped, whole processes: the command against curl. */
export const oneGibibyte: Row = {
  name: 'one-gibibyte',
  async run({ material, origin, programs, rounds }) {
    const url = origin + (await material.body(MEBIBYTES));
    const peakTo = material.path('peak');
    const [curl, sluice] = await inTurn(rounds(ROUNDS), [
      {
        name: 'curl',
        run: () => measure(programs, { command: [programs.curl, '-s', '-o', '/dev/null', url], peakTo }),
      },
      {
        name: 'sluice get',
        run: () => measure(programs, { command: [...COMMAND, 'get', '-o', '/dev/null', url], peakTo }),
      },
    ]);
    return [{ work: '1 GiB to /dev/null', ours: sluice!, peer: curl!, target: { kind: 'time', bound: 1 } }];
  },
};
