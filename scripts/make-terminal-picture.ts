/** Draws what `sluice demo` prints (its receives, and the server made to wait) as docs/pictures/demo.svg, from a real run. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SECTIONS = ['S1, S2', 'S7'];
const COLUMNS = 82;
const LINE_PX = 19;
const CHARACTER_PX = 8.43;
const MARGIN_PX = 22;
const BAR_PX = 34;

const directory = mkdtempSync(join(tmpdir(), 'sluice-picture-'));
const run = spawnSync(process.execPath, [resolve('dist/cli.cjs'), 'demo'], {
  cwd: directory,
  encoding: 'utf8',
});
rmSync(directory, { recursive: true });
if (run.status !== 0) throw new Error(`the demo ended with status ${run.status}: ${run.stderr}`);

const sections = run.stdout
  .split(/\n(?=S\d)/)
  .filter((text) => SECTIONS.some((name) => text.startsWith(name)));
const lines = ['$ npm run demo', '', ...sections.flatMap((text) => text.trimEnd().split('\n').concat(''))];
writeFileSync('docs/pictures/demo.svg', svg(lines.slice(0, -1)));

function svg(text: readonly string[]): string {
  const width = Math.round(COLUMNS * CHARACTER_PX + 2 * MARGIN_PX);
  const height = text.length * LINE_PX + BAR_PX + MARGIN_PX;
  const rows = text.map((line, i) => {
    const y = BAR_PX + (i + 1) * LINE_PX;
    return `<text x="${MARGIN_PX}" y="${y}" class="${styleOf(line)}" xml:space="preserve">${escapeXml(line)}</text>`;
  });
  const lights = ['#e0604c', '#e3b341', '#57a773'].map(
    (colour, i) => `<circle cx="${MARGIN_PX + 18 * i}" cy="17" r="6" fill="${colour}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="sluice demo in a terminal">
<style>
text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #c8d3d9; }
.heading { fill: #ffd08a; font-weight: bold; }
.held { fill: #8fd6a4; }
.figures { fill: #7cc4e8; }
.prompt { fill: #ffffff; }
</style>
<rect width="100%" height="100%" rx="9" fill="#14232d"/>
${lights.join('\n')}
${rows.join('\n')}
</svg>
`;
}

function styleOf(line: string): string {
  if (line.startsWith('$')) return 'prompt';
  if (/^S\d/.test(line)) return 'heading';
  if (/^ {2}yes/.test(line)) return 'held';
  return /^ {4}[\d>.]/.test(line) ? 'figures' : 'plain';
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
