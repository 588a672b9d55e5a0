import { defineConfig } from 'vitest/config';

/** The corpus alone: npm run test:ansible. */
export default defineConfig({
  test: {
    include: ['test/ansible/**/*.test.ts'],
    env: { TZ: 'UTC', NO_COLOR: '1' },
    testTimeout: 120_000,
    hookTimeout: 1_200_000,
  },
});
