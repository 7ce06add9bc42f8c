import { defineConfig } from 'vitest/config';

/** Tests that need rights (mounting, packet capture): `npm run test:system`. */
export default defineConfig({
  test: {
    include: ['test/system/**/*.test.ts'],
    testTimeout: 60_000,
  },
});
