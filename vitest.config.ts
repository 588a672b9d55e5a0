import { defineConfig } from 'vitest/config';
import { MissingPrograms } from './test/support/missing-programs.ts';

const LONG = 'test/**/*.long.test.ts';
const BROWSER = 'test/browser/**';
const ELSEWHERE = ['test/lab/**', 'test/ansible/**', 'test/fleet/temporal/**', BROWSER];

/** Milliseconds. A machine of CI may be slow and busy, and what hangs does so there as well. */
const LIMIT = process.env['CI'] ? 120_000 : 30_000;

export default defineConfig({
  test: {
    env: { TZ: 'UTC', NO_COLOR: '1' },
    testTimeout: LIMIT,
    hookTimeout: LIMIT,
    // What takes long, because many random cases or whole clusters are gone through, is not waited for while a change is made.
    projects: [
      {
        extends: true,
        // A process for each file would load everything again: that takes as long as the tests.
        test: { name: 'quick', include: ['test/**/*.test.ts'], exclude: [LONG, ...ELSEWHERE], isolate: false },
      },
      { extends: true, test: { name: 'long', include: [LONG], exclude: ELSEWHERE } },
      { extends: true, test: { name: 'browser', include: [`${BROWSER}/*.test.ts`] } },
    ],
    reporters: ['default', new MissingPrograms()],
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'html'] },
  },
});
