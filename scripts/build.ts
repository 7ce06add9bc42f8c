/** Builds `dist/`: the library and the command as bundles that start fast, and the type declarations. */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });

await build({
  entryPoints: {
    index: 'src/index.ts',
    cli: 'src/cli/main.ts',
    'pull-member': 'src/dataset/pull/member-thread.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // sharp and lmdb are native, bullmq and ioredis for many machines only: loaded only when used. The others are small, and bundled the command starts sooner.
  external: ['sharp', 'lmdb', 'bullmq', 'ioredis'],
  chunkNames: 'chunks/[name]-[hash]',
  legalComments: 'linked',
  sourcemap: 'linked',
  sourcesContent: false,
  // commander and content-disposition are CommonJS and ask for Node's own modules by require().
  banner: {
    js: "import { createRequire as createRequire_ } from 'node:module';\nconst require = createRequire_(import.meta.url);",
  },
  logLevel: 'warning',
});
chmodSync('dist/cli.js', 0o755);

execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
