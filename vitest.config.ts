import { defineConfig } from 'vitest/config';
import { MissingPrograms } from './test/support/missing-programs.ts';

const LONG = 'test/**/*.long.test.ts';
const BROWSER = 'test/browser/**';
const ELSEWHERE = ['test/lab/**', 'test/ansible/**', 'test/fleet/temporal/**', BROWSER];

export default defineConfig({
  test: {
    env: { TZ: 'UTC', NO_COLOR: '1' },
    testTimeout: 30_000,
    // What takes long, because many random cases or whole clusters are gone through, is not waited for while a change is made.
    projects: [
      { extends: true, test: { name: 'quick', include: ['test/**/*.test.ts'], exclude: [LONG, ...ELSEWHERE] } },
      { extends: true, test: { name: 'long', include: [LONG], exclude: ELSEWHERE } },
      { extends: true, test: { name: 'browser', include: [`${BROWSER}/*.test.ts`] } },
    ],
    reporters: ['default', new MissingPrograms()],
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'html'] },
  },
});
