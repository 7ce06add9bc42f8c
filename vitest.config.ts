import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    testTimeout: 20_000,
    setupFiles: ['test/support/seed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'modules',
          include: ['test/**/*.test.ts'],
          exclude: ['test/system/**', 'test/cli/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'command',
          include: ['test/cli/**/*.test.ts'],
          // A project of its own, so that only these tests wait for a build.
          globalSetup: ['test/support/build.ts'],
          // Most of these tests wait for a paced server; each starts a process or two.
          maxConcurrency: 6,
        },
      },
    ],
  },
});
