import { COMMAND } from './command.js';
import { measure } from './meter.js';
import { inTurn } from './rounds.js';
import type { Row } from './row.js';

const MEBIBYTES = 256;
const ROUNDS = 9;

/** 256 MiB by receives of 5120 bytes, dropped: with the trace in a file, against the same without a trace. */
export const trace: Row = {
  name: 'trace',
  needs: [],
  async run({ material, origin, programs, rounds }) {
    const url = origin + (await material.body(MEBIBYTES));
    const command = [...COMMAND, 'get', '-o', '/dev/null', '--recv-size', '5120', url];
    const [untraced, traced] = await inTurn(rounds(ROUNDS), [
      { name: 'without', run: () => measure(programs, { command }) },
      {
        name: '--trace',
        run: () =>
          measure(programs, { command: [...command, '--trace'], stdout: material.path('trace.txt') }),
      },
    ]);
    return {
      claims: [
        {
          work: '--trace by 5120 bytes',
          ours: traced!,
          peer: untraced!,
          target: { kind: 'time', bound: 1.5 },
        },
      ],
    };
  },
};
