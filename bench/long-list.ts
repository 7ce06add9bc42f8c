import { once } from 'node:events';
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import sharp from 'sharp';
import type { Outcome, Tenth, Work } from './clients/long-list.js';
import { LIBRARY, runClient } from './clients.js';
import type { Material } from './material.js';
import { freePort, startNginx } from './nginx.js';
import type { Ceiling, Claim, Row, Sample, Setting, Side } from './row.js';

/** Rows of the lists where the bench makes one round; a full run makes so many. */
const REFUSALS_A_ROUND = 100_000;
const PICTURES_A_ROUND = 30_000;
const ROUNDS = 10;
const THREADS = 2;
/** One row in so many is of the same host. */
const REFUSING_HOSTS = 100_000;
const ANSWERING_HOSTS = 50;

const MOST_BYTES = 300_000_000;
/** Of the last tenth to the second, and to the first. */
const MOST_GROWTH = 1.1;

/**
 * One long list, by two threads: a million URLs of 100,000 hosts that refuse, and 300,000 tiny pictures. What was resident at most, what the last tenth
 * had against the second, and what CPU time it took against the first.
 */
export const longList: Row = {
  name: 'long-list',
  needs: [],
  async run(setting) {
    const refusals = await pulled(setting, 'refusals', REFUSALS_A_ROUND, refusing);
    const port = await freePort();
    const prefix = setting.material.path('tiny-nginx');
    const root = await tinyPicture(setting.material);
    const server = await startNginx(setting.programs.nginx, prefix, root, answering(port));
    try {
      const pictures = await pulled(setting, 'tiny pictures', PICTURES_A_ROUND, tiny(port));
      const found = [refusals, pictures];
      return {
        claims: found.flatMap(({ claims }) => claims),
        ceilings: found.map(({ ceiling }) => ceiling),
        notes: found.map(({ note }) => note),
      };
    } finally {
      await server.stop();
    }
  },
};

interface Pulled {
  readonly claims: readonly Claim[];
  readonly ceiling: Ceiling;
  readonly note: string;
}

async function pulled(
  { material, rounds, client }: Setting,
  name: string,
  rowsARound: number,
  url: (row: number) => string,
): Promise<Pulled> {
  const rows = rounds(ROUNDS) * rowsARound;
  const folder = material.path(name.replaceAll(' ', '-'));
  mkdirSync(folder);
  try {
    const list = join(folder, 'urls.txt');
    await writeList(list, rows, url);
    const work: Work = {
      list,
      rows,
      directory: join(folder, 'out'),
      allow: ['127.0.0.0/8'],
      threads: THREADS,
      module: LIBRARY,
    };
    return judged(`${rows} ${name}`, await runClient<Outcome>(client('long-list'), work));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function judged(work: string, { tenths, peakBytes }: Outcome): Pulled {
  const last = side('the last tenth', tenths.at(-1)!);
  return {
    claims: [
      {
        work: `${work}, CPU time`,
        ours: last,
        peer: side('the first', tenths[0]!),
        target: { kind: 'cpu', bound: MOST_GROWTH },
      },
      {
        work: `${work}, memory`,
        ours: last,
        peer: side('the second', tenths[1]!),
        target: { kind: 'memory', bound: MOST_GROWTH },
      },
    ],
    ceiling: { work: `${work}, ${THREADS} threads`, bytes: [peakBytes], bound: MOST_BYTES },
    note: `${work}, by tenths: resident ${shown(tenths.map((tenth) => tenth.peakBytes))} MB, of its own ${shown(tenths.map((tenth) => tenth.ownBytes))} MB, CPU ${tenths.map(({ cpuMs }) => (cpuMs / 1000).toFixed(1)).join(' ')} s`,
  };
}

function side(name: string, { wallMs, cpuMs, peakBytes }: Tenth): Side {
  const sample: Sample = { wallMs, cpuMs, peakBytes };
  return { name, samples: [sample] };
}

function shown(bytes: readonly number[]): string {
  return bytes.map((each) => (each / 1e6).toFixed(0)).join(' ');
}

async function writeList(path: string, rows: number, url: (row: number) => string): Promise<void> {
  const stream = createWriteStream(path);
  for (let row = 0; row < rows; row++) if (!stream.write(`${url(row)}\n`)) await once(stream, 'drain');
  stream.end();
  await finished(stream);
}

/** Nobody listens at port 2 of any address of this machine's own network. */
function refusing(row: number): string {
  const host = row % REFUSING_HOSTS;
  return `http://127.${16 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}:2/${row}.jpg`;
}

function tiny(port: number): (row: number) => string {
  return (row) => `http://${addressOf(row % ANSWERING_HOSTS)}:${port}/${row}.jpg`;
}

function addressOf(host: number): string {
  return `127.2.0.${1 + host}`;
}

/** Every path is the one picture. */
function answering(port: number): string {
  const addresses = Array.from(
    { length: ANSWERING_HOSTS },
    (_, host) => `listen ${addressOf(host)}:${port};`,
  );
  return `server {
    ${addresses.join('\n    ')}
    location / { try_files /tiny.jpg =404; }
  }`;
}

async function tinyPicture(material: Material): Promise<string> {
  const root = material.path('tiny');
  mkdirSync(root);
  const create = { width: 8, height: 8, channels: 3, background: 'teal' } as const;
  writeFileSync(join(root, 'tiny.jpg'), await sharp({ create }).jpeg().toBuffer());
  return root;
}
