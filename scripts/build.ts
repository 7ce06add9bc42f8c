/** Builds `dist/`: the library and the command as bundles that start fast, the lab's page and the report, and the type declarations. */
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { buildWeb } from './build-web.js';

rmSync('dist', { recursive: true, force: true });

const common: BuildOptions = {
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // sharp and classic-level are native, bullmq and ioredis for many machines only: loaded only when used. The others are small, and bundled the command starts sooner.
  external: ['sharp', 'classic-level', 'bullmq', 'ioredis'],
  legalComments: 'linked',
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
};

const library = build({
  ...common,
  entryPoints: {
    index: 'src/index.ts',
    'lab-origin': 'src/lab/origin-thread.ts',
    'lab-retrieval': 'src/lab/retrieval-thread.ts',
    'pull-member': 'src/dataset/pull/member-thread.ts',
  },
  splitting: true,
  format: 'esm',
  chunkNames: 'chunks/[name]-[hash]',
  // content-disposition is CommonJS and asks for Node's own modules by require().
  banner: {
    js: "import { createRequire as createRequire_ } from 'node:module';\nconst require = createRequire_(import.meta.url);",
  },
});

const command = build({
  ...common,
  entryPoints: { cli: 'src/cli/start.ts', command: 'src/cli/main.ts' },
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  // What is loaded when it is needed is loaded by require(): on Node 20 a script from a cache can't import().
  supported: { 'dynamic-import': false },
  // A third less to read for V8, and every name stays.
  minifyWhitespace: true,
  minifySyntax: true,
  define: { 'import.meta.url': 'moduleUrl_' },
  banner: { js: "const moduleUrl_ = require('node:url').pathToFileURL(__filename).href;" },
});
await Promise.all([library, command, buildWeb()]);
chmodSync('dist/cli.cjs', 0o755);

execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
await makeCodeCache();

/** Lets V8 keep the code of what the command does most: it retrieves a picture to a file. */
async function makeCodeCache(): Promise<void> {
  const picture = readFileSync('assets/cover.jpg');
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': picture.length }).end(picture);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-build-'));
  try {
    const get = ['get', '-o', join(folder, 'cover.jpg'), `http://127.0.0.1:${port}/cover.jpg`];
    // A proxy of the environment's leads elsewhere.
    const env = { ...process.env, no_proxy: '*' };
    await promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/make-code-cache.ts', ...get], {
      env,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
    server.close();
  }
}
