import { defineConfig } from 'vitest/config';

/** Tests that need rights (mounting): `npm run test:system`. */
export default defineConfig({
  test: {
    include: ['test/system/**/*.test.ts'],
    testTimeout: 60_000,
    globalSetup: ['test/support/build.ts'],
  },
});
