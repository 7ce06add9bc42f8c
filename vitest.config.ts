import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    testTimeout: 20_000,
    // On two cores vitest would use one. Much of the time of these tests is waiting: for a paced server, for a process to start.
    maxWorkers: 3,
    // Concurrent tests of one file: those of test/hostile/.
    maxConcurrency: 4,
    setupFiles: ['test/support/seed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'modules',
          include: ['test/**/*.test.ts'],
          exclude: ['test/system/**', 'test/cli/**', 'test/hostile/**', 'test/web/**', 'test/readme.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'command',
          include: [
            'test/cli/**/*.test.ts',
            'test/hostile/**/*.test.ts',
            'test/web/**/*.test.ts',
            'test/readme.test.ts',
          ],
          // A project of its own, so that only these tests wait for a build: the command as a process, and the lab's page in a browser.
          globalSetup: ['test/support/build.ts'],
        },
      },
    ],
  },
});
