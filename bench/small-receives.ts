import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { COMMAND } from './command.js';
import { measure } from './meter.js';
import { inTurn } from './rounds.js';
import type { Row } from './row.js';

const MEBIBYTES = 1024;
const RECV_SIZE = '5120';
const ROUNDS = 9;
const RECV_LOOP = fileURLToPath(new URL('./clients/recv_loop.py', import.meta.url));

/** 1 GiB by receives of 5120 bytes, dropped, whole processes: the command against the textbook's loop in Python. */
export const smallReceives: Row = {
  name: 'small-receives',
  needs: ['python3'],
  async run({ material, origin, programs, client, rounds }) {
    const path = await material.body(MEBIBYTES);
    const python = interpreter(programs.python3);
    const url = origin + path;
    const contestant = (name: string, ...command: string[]) => ({
      name,
      run: () => measure(programs, { command }),
    });
    const [loop, socket, sluice] = await inTurn(rounds(ROUNDS), [
      contestant("Python's recv", python, RECV_LOOP, new URL(origin).port, path),
      contestant('bare socket', process.execPath, client('dropping-socket'), url, RECV_SIZE),
      contestant('sluice get', ...COMMAND, 'get', '-o', '/dev/null', '--recv-size', RECV_SIZE, url),
    ]);
    const work = '1 GiB by 5120 bytes';
    return {
      claims: [
        { work, ours: sluice!, peer: loop!, target: { kind: 'speed', bound: 1 } },
        // What no process of Node can surpass: whether the target can be met at all.
        { work: `${work}, the limit`, ours: socket!, peer: loop!, target: { kind: 'speed', bound: 1 } },
      ],
    };
  },
};

/** The interpreter itself: what stands in the path may be a script that looks for it (pyenv's does, for 50 ms). */
function interpreter(python: string): string {
  return execFileSync(python, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
}
