/**
 * `npm run bench`: sluice beside its peers, on nginx on loopback. `--quick` makes fewer rounds, `--only NAME` runs one row. The status is 0
 * also where a target is missed: that is a figure, not a failure.
 */
import { parseArgs } from 'node:util';
import { compileClients } from './clients.js';
import { coldHttps } from './cold-https.js';
import { buildIfStale } from './command.js';
import { digests } from './digests.js';
import { lists } from './lists.js';
import { longList } from './long-list.js';
import { Material } from './material.js';
import { startNginx } from './nginx.js';
import { oneGibibyte } from './one-gibibyte.js';
import { oneGibibyteToFile } from './one-gibibyte-to-file.js';
import { oneSmallPicture } from './one-small-picture.js';
import { pictures } from './pictures.js';
import { complaintOf, findPrograms, NEEDED_BY_ALL } from './programs.js';
import { recording } from './recording.js';
import type { Ceiling, Claim, Row, Setting } from './row.js';
import { slowBodies } from './slow-bodies.js';
import { smallReceives } from './small-receives.js';
import { ceilingSentence, ceilingTable, sentence, table } from './table.js';
import { trace } from './trace.js';

const ROWS: readonly Row[] = [
  oneGibibyte,
  oneGibibyteToFile,
  oneSmallPicture,
  pictures,
  digests,
  smallReceives,
  recording,
  trace,
  coldHttps,
  slowBodies,
  lists,
  longList,
];
const QUICK = 1 / 3;
const INTERRUPTED_STATUS = 130;

const chosen = chooseRows();
// The listeners of 'exit' end the server and remove the folder.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(INTERRUPTED_STATUS));
}
// Each of the clients would obey a proxy.
for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) delete process.env[name];
const programs = findPrograms([...NEEDED_BY_ALL, ...chosen.rows.flatMap(({ needs }) => needs)]);
const complaint = complaintOf(NEEDED_BY_ALL);
if (complaint !== undefined) throw new Error(`The bench can't run: ${complaint}.`);
buildIfStale();
const material = new Material();
try {
  const client = await compileClients(material.path('clients'));
  const nginx = await startNginx(programs.nginx, material.path('nginx'), material.root);
  const rounds = (full: number) => (chosen.quick ? Math.ceil(full * QUICK) : full);
  try {
    await runAll(chosen.rows, { material, programs, origin: nginx.origin, client, rounds });
  } finally {
    await nginx.stop();
  }
} finally {
  material.remove();
}

async function runAll(rows: readonly Row[], setting: Setting): Promise<void> {
  const claims: Claim[] = [];
  const ceilings: Ceiling[] = [];
  for (const row of rows) {
    const complaint = complaintOf(row.needs);
    if (complaint !== undefined) {
      console.log(`${row.name} is left out: ${complaint}.`);
      continue;
    }
    const found = await row.run(setting);
    claims.push(...found.claims);
    ceilings.push(...(found.ceilings ?? []));
    for (const claim of found.claims) console.log(sentence(claim));
    for (const ceiling of found.ceilings ?? []) console.log(ceilingSentence(ceiling));
    for (const note of found.notes ?? []) console.log(note);
  }
  if (claims.length > 0) console.log(`\n${table(claims)}`);
  if (ceilings.length > 0) console.log(ceilingTable(ceilings));
  console.log(
    'wall s, cpu s: medians. ratio: the median of the ratios, round by round, of wall time (of CPU time, or of peak memory, where the work says so); >=: peer / ours, <=: ours / peer.',
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
