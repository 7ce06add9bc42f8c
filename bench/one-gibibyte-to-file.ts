import { unlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { COMMAND } from './command.js';
import { measure } from './meter.js';
import { type Contestant, inTurn } from './rounds.js';
import type { Row } from './row.js';

const MEBIBYTES = 1024;
const ROUNDS = 7;
const PEAK_BYTES = 80 * 2 ** 20;

/**
 * 1 GiB to a new file in memory, whole processes: the command against curl, wget, wget2 and aria2. Each as it is without a configuration file, and
 * silent; aria2 also without its default of setting the file's space aside before (for which it is the faster or the slower by the system).
 */
export const oneGibibyteToFile: Row = {
  name: 'one-gibibyte-to-file',
  needs: ['curl', 'wget', 'wget2', 'aria2c'],
  async run({ material, origin, programs, rounds }) {
    const url = origin + (await material.body(MEBIBYTES));
    const file = material.path('body');
    const aria2 = [programs.aria2c, '--no-conf', '-q', '-d', dirname(file), '-o', basename(file)];
    const peakTo = material.path('peak');
    const contestant = (name: string, ...command: string[]): Contestant => ({
      name,
      run: async () => {
        try {
          return await measure(programs, { command, peakTo });
        } finally {
          unlinkSync(file);
        }
      },
    });
    const [sluice, ...peers] = await inTurn(rounds(ROUNDS), [
      contestant('sluice get', ...COMMAND, 'get', '-o', file, url),
      contestant('curl', programs.curl, '-q', '-s', '-o', file, url),
      contestant('wget', programs.wget, '--no-config', '-q', '-O', file, url),
      contestant('wget2', programs.wget2, '--no-config', '-q', '-O', file, url),
      contestant('aria2', ...aria2, url),
      contestant('aria2 (none)', ...aria2, '--file-allocation=none', url),
    ]);
    const work = '1 GiB to a file';
    return {
      claims: peers.map((peer) => ({ work, ours: sluice!, peer, target: { kind: 'speed', bound: 1 } })),
      ceilings: [{ work, bytes: sluice!.samples.map(({ peakBytes = 0 }) => peakBytes), bound: PEAK_BYTES }],
    };
  },
};
