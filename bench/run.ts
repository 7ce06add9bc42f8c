/**
 * `npm run bench`: sluice beside its peers, on nginx on loopback. `--quick` makes fewer rounds, `--only NAME` runs one row. The status is 0
 * also where a target is missed: that is a figure, not a failure.
 */
import { parseArgs } from 'node:util';
import { buildIfStale } from './command.js';
import { Material } from './material.js';
import { startNginx } from './nginx.js';
import { oneGibibyte } from './one-gibibyte.js';
import { oneSmallPicture } from './one-small-picture.js';
import { pictures } from './pictures.js';
import { findPrograms } from './programs.js';
import type { Claim, Row } from './row.js';
import { sentence, table } from './table.js';
import { trace } from './trace.js';

const ROWS: readonly Row[] = [pictures, oneGibibyte, oneSmallPicture, trace];
const QUICK = 1 / 3;
const INTERRUPTED_STATUS = 130;

const chosen = chooseRows();
// The listeners of 'exit' end the server and remove the folder.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(INTERRUPTED_STATUS));
}
const programs = findPrograms();
buildIfStale();
const material = new Material();
try {
  const nginx = await startNginx(programs.nginx, material.path('nginx'), material.root);
  try {
    await runAll(chosen.rows, nginx.origin);
  } finally {
    await nginx.stop();
  }
} finally {
  material.remove();
}

async function runAll(rows: readonly Row[], origin: string): Promise<void> {
  const rounds = (full: number) => (chosen.quick ? Math.ceil(full * QUICK) : full);
  const claims: Claim[] = [];
  for (const row of rows) {
    const made = await row.run({ material, programs, origin, rounds });
    claims.push(...made);
    for (const claim of made) console.log(sentence(claim));
  }
  console.log(`\n${table(claims)}`);
  console.log(
    'wall s, cpu s: medians. ratio: the median of the ratios of wall time, round by round; >=: peer / ours, <=: ours / peer.',
  );
}

function chooseRows(): { readonly rows: readonly Row[]; readonly quick: boolean } {
  const { values } = parseArgs({ options: { only: { type: 'string' }, quick: { type: 'boolean' } } });
  const { only, quick = false } = values;
  const rows = ROWS.filter(({ name }) => only === undefined || name === only);
  if (rows.length === 0) {
    throw new Error(`--only ${only}: the rows are ${ROWS.map(({ name }) => name).join(', ')}.`);
  }
  return { rows, quick };
}
