/** Builds the lab's page as `dist/web/`, and the report as one file, `dist/report.html`. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { build, type InlineConfig, type Rolldown } from 'vite';

const COMMON: InlineConfig = {
  configFile: false,
  root: resolve('web'),
  base: '/',
  logLevel: 'warn',
};

export async function buildWeb(): Promise<void> {
  await build({
    ...COMMON,
    build: {
      outDir: resolve('dist/web'),
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: { polyfill: false },
      // Fonts as files: a page's policy allows none from elsewhere.
      assetsInlineLimit: 0,
    },
  });
  writeReportTemplate(await buildReport());
}

/** The report's script and style, each as one text. */
async function buildReport(): Promise<{ script: string; style: string }> {
  const built = (await build({
    ...COMMON,
    publicDir: false,
    build: {
      write: false,
      target: 'es2022',
      modulePreload: { polyfill: false },
      assetsInlineLimit: Number.MAX_SAFE_INTEGER,
      cssCodeSplit: false,
      rolldownOptions: { input: resolve('web/report.tsx'), output: { format: 'iife' } },
    },
  })) as Rolldown.RolldownOutput;
  let script = '';
  let style = '';
  for (const part of built.output) {
    if (part.type === 'chunk') script += part.code;
    else if (basename(part.fileName).endsWith('.css')) style += String(part.source);
  }
  return { script, style };
}

/** `"@run@"` and `@title@` stand where a run is written in; the policy allows just these scripts, and nothing from anywhere. */
function writeReportTemplate({ script, style }: { script: string; style: string }): void {
  const harmless = script.replaceAll('</script', '<\\/script');
  const hash = createHash('sha256').update(harmless).digest('base64');
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:`;
  const page = readFileSync('web/report.html', 'utf8')
    .replace('@policy@', () => policy)
    .replace('<!--style-->', () => `<style>${style.replaceAll('</style', '<\\/style')}</style>`)
    .replace('<!--script-->', () => `<script>${harmless}</script>`);
  mkdirSync('dist', { recursive: true });
  writeFileSync('dist/report.html', page);
}
