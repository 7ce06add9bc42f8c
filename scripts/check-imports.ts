/**
 * Imports go down only, and the layers of bytes import no I/O. Every import in src/, of types too, is held against the table below;
 * one that goes up or sideways where it may not is printed, and the status is 1.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseSync } from 'oxc-parser';

/** From the bottom up. Folders of one row may not import each other. */
const LAYERS: readonly (readonly string[])[] = [
  ['errors', 'version', 'package-file', 'quantities'],
  ['http', 'image'],
  ['flow'],
  ['connection', 'body'],
  ['save'],
  ['retrieval'],
  ['lab', 'dataset'],
  ['index'],
  ['cli'],
];

/** Bytes in, events out: these know nothing of sockets, files or clocks. */
const SANS_IO = new Set(['http', 'image']);
const IO =
  /^(node:)?(net|fs|tls|dns|http|https|http2|dgram|child_process|worker_threads|timers|stream|process|os)(\/|$)/;

const problems: string[] = [];
for (const file of sourceFiles()) {
  const from = layerOf(file);
  if (rankOf(from) < 0) problems.push(`${file}: the folder ${from}/ is in no layer`);
  for (const specifier of importsOf(file)) {
    if (!specifier.startsWith('.')) {
      if (SANS_IO.has(from) && IO.test(specifier))
        problems.push(`${file}: ${from}/ does no I/O, but imports ${specifier}`);
      continue;
    }
    const to = layerOf(join(dirname(file), specifier));
    if (to === from) continue;
    if (rankOf(to) >= rankOf(from))
      problems.push(`${file}: ${from}/ may not import ${specifier}, which lies in ${to}/`);
  }
}
for (const problem of problems) console.error(problem);
console.log(
  problems.length === 0 ? 'imports: all go down' : `imports: ${problems.length} go where they may not`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

function sourceFiles(): string[] {
  const names = readdirSync('src', { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src', name))
    .sort();
}

function layerOf(file: string): string {
  const [first] = relative('src', file).split('/');
  return first!.replace(/\.(js|ts)$/, '');
}

function rankOf(layer: string): number {
  return LAYERS.findIndex((row) => row.includes(layer));
}

function importsOf(file: string): string[] {
  const { module } = parseSync(file, readFileSync(file, 'utf8'));
  const fixed = [...module.staticImports, ...module.staticExports.flatMap(({ entries }) => entries)];
  const specifiers = fixed.flatMap((entry) =>
    'moduleRequest' in entry && entry.moduleRequest ? [entry.moduleRequest.value] : [],
  );
  const source = readFileSync(file, 'utf8');
  const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
    source.slice(start + 1, end - 1),
  );
  return [...specifiers, ...dynamic];
}
