import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { COMMAND } from './command.js';
import { measure } from './meter.js';
import { inTurn } from './rounds.js';
import type { Row } from './row.js';

const MEBIBYTES = 1024;
const ROUNDS = 15;
/** The command's own, where it is not told another. */
const RECV_SIZE = 1024 * 1024;
const RECV_LOOP = fileURLToPath(new URL('./clients/recv-loop.c', import.meta.url));

/** 1 GiB received and dropped, whole processes: the command against a C program that does nothing but recv(2), and against curl. */
export const oneGibibyte: Row = {
  name: 'one-gibibyte',
  needs: ['cc', 'curl'],
  async run({ material, origin, programs, client, rounds }) {
    const path = await material.body(MEBIBYTES);
    const url = origin + path;
    const peakTo = material.path('peak');
    const recvLoop = material.path('recv-loop');
    execFileSync(programs.cc, ['-O2', '-o', recvLoop, RECV_LOOP]);
    const contestant = (name: string, ...command: string[]) => ({
      name,
      run: () => measure(programs, { command, peakTo }),
    });
    const [c, curl, socket, sluice] = await inTurn(rounds(ROUNDS), [
      contestant('recv in C', recvLoop, new URL(origin).port, path),
      contestant('curl', programs.curl, '-q', '-s', '-o', '/dev/null', url),
      contestant('bare socket', process.execPath, client('dropping-socket'), url, String(RECV_SIZE)),
      contestant('sluice get', ...COMMAND, 'get', '-o', '/dev/null', url),
    ]);
    const work = '1 GiB dropped';
    return {
      claims: [
        { work, ours: sluice!, peer: c!, target: { kind: 'speed', bound: 0.9 } },
        { work, ours: sluice!, peer: curl!, target: { kind: 'speed', bound: 1 } },
        // What no process of Node can surpass: whether the first target can be met at all.
        { work: `${work}, the limit`, ours: socket!, peer: c!, target: { kind: 'speed', bound: 0.9 } },
      ],
    };
  },
};
