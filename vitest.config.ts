import { defineConfig } from 'vitest/config';
import { MissingPrograms } from './test/support/missing-programs.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/lab/**', 'test/ansible/**'],
    env: { TZ: 'UTC', NO_COLOR: '1' },
    testTimeout: 30_000,
    reporters: ['default', new MissingPrograms()],
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'html'] },
  },
});
