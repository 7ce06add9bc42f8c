import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMAND } from './command.js';
import { measure } from './meter.js';
import { type Contestant, inTurn, median } from './rounds.js';
import type { Row, Setting, Side } from './row.js';

const PICTURES = 10_000;
const AT_ONCE = 64;
/** As many as wget2 has been asked for here: with more it is slower. */
const WGET2_THREADS = 16;
const ROUNDS = 5;
/** What img2dataset says of itself: up to 85 images a second and core, resized. */
const IMG2DATASET_A_CORE = 85;

/**
 * A list of 10,000 pictures of 36 kB, whole processes: `pull`, each picture's structure and SHA-256 looked at, to files and to tar shards, against
 * the three commands that take a list and many connections, which write files and look at nothing. All write to memory.
 */
export const lists: Row = {
  name: 'lists',
  needs: ['curl', 'wget2', 'aria2c'],
  async run(setting) {
    const { programs, client, rounds } = setting;
    const list = await writeLists(setting);
    const folder = setting.material.path('data set');
    const contestant = (name: string, ...command: string[]): Contestant => ({
      name,
      run: async () => {
        mkdirSync(folder);
        try {
          return await measure(programs, { command });
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    });
    const limits = ['--concurrency', String(AT_ONCE), '--host-limit', String(AT_ONCE)];
    const pull = (...more: string[]) => [
      ...COMMAND,
      ...['pull', list.plain, '-o', folder, '-q', '--allow', '127.0.0.1', ...limits, ...more],
    ];
    const parallel = ['--parallel', '--parallel-max', String(AT_ONCE)];
    const bare = {
      origin: setting.origin,
      pictures: PICTURES,
      connections: AT_ONCE,
      file: join(folder, 'bodies'),
    };
    const [files, tar, resized, socket, ...peers] = await inTurn(rounds(ROUNDS), [
      contestant('pull to files', ...pull('--format', 'files')),
      contestant('pull to tar', ...pull()),
      contestant('pull, resized', ...pull('--resize', '256')),
      contestant('bare socket', process.execPath, client('storing-socket'), JSON.stringify(bare)),
      contestant('curl --parallel', programs.curl, '-q', '-s', ...parallel, '-K', list.ofCurl(folder)),
      contestant(
        'wget2',
        ...[
          programs.wget2,
          '--no-config',
          '-q',
          `--max-threads=${WGET2_THREADS}`,
          '-P',
          folder,
          '-i',
          list.plain,
        ],
      ),
      contestant(
        'aria2',
        ...[programs.aria2c, '--no-conf', '-q', `-j${AT_ONCE}`, '-d', folder, '-i', list.plain],
      ),
    ]);
    const work = '10,000 pictures to files';
    const toTar = { kind: 'speed', bound: 1.4 } as const;
    return {
      claims: [
        ...peers.map((peer) => ({ work, ours: files!, peer, target: { kind: 'speed', bound: 1 } as const })),
        { work: '10,000 pictures to tar shards', ours: tar!, peer: peers[0]!, target: toTar },
        // What no thread of Node can surpass.
        { work: '10,000 pictures, the limit', ours: socket!, peer: peers[0]!, target: toTar },
      ],
      notes: [files!, tar!, resized!].map(aCore),
    };
  },
};

/** The URLs, a line each, and as curl wants to have them. */
async function writeLists({ material, origin }: Setting) {
  const { count } = await material.pictures();
  const folder = material.path('lists');
  mkdirSync(folder);
  const names = Array.from({ length: PICTURES }, (_, n) => `pictures/${n % count}.jpg`);
  const plain = join(folder, 'urls.txt');
  writeFileSync(plain, names.map((name) => `${origin}/${name}\n`).join(''));
  return {
    plain,
    ofCurl(to: string): string {
      const file = join(folder, 'curl.conf');
      const lines = names.map((name, n) => `url = "${origin}/${name}"\noutput = "${join(to, `${n}.jpg`)}"\n`);
      writeFileSync(file, lines.join(''));
      return file;
    },
  };
}

/** How many pictures one core does in a second, the server's work not counted. */
function aCore({ name, samples }: Side): string {
  const rate = PICTURES / (median(samples.map(({ cpuMs }) => cpuMs)) / 1000);
  const times = (rate / IMG2DATASET_A_CORE).toFixed(0);
  return `${name}: ${Math.round(rate)} pictures a second of one core, ${times} times img2dataset's ${IMG2DATASET_A_CORE}`;
}
