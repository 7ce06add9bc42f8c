import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { COMMAND } from './command.js';
import { measure } from './meter.js';
import { inTurn } from './rounds.js';
import type { Row } from './row.js';

const MEBIBYTES = 1024;
const ROUNDS = 9;
const RECV_LOOP = fileURLToPath(new URL('./clients/recv_loop.py', import.meta.url));

/** 1 GiB by receives of 5120 bytes, dropped, whole processes: the command against the textbook's loop in Python. */
export const smallReceives: Row = {
  name: 'small-receives',
  needs: ['python3'],
  async run({ material, origin, programs, rounds }) {
    const path = await material.body(MEBIBYTES);
    const python = interpreter(programs.python3);
    const [loop, sluice] = await inTurn(rounds(ROUNDS), [
      {
        name: "Python's recv",
        run: () => measure(programs, { command: [python, RECV_LOOP, new URL(origin).port, path] }),
      },
      {
        name: 'sluice get',
        run: () =>
          measure(programs, {
            command: [...COMMAND, 'get', '-o', '/dev/null', '--recv-size', '5120', origin + path],
          }),
      },
    ]);
    return {
      claims: [
        { work: '1 GiB by 5120 bytes', ours: sluice!, peer: loop!, target: { kind: 'speed', bound: 1 } },
      ],
    };
  },
};

/** The interpreter itself: what stands in the path may be a script that looks for it (pyenv's does, for 50 ms). */
function interpreter(python: string): string {
  return execFileSync(python, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
}
