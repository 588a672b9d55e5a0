import { defineConfig } from 'vitest/config';
import { MissingPrograms } from '../support/missing-programs.ts';

/**
 * Fleets at length: npm run test:fleet. The same tests are part of npm run test:long, with fewer cases, but for those that need a
 * Temporal server.
 */
export default defineConfig({
  test: {
    include: ['test/fleet/**/*.long.test.ts', 'test/fleet/temporal/**/*.test.ts'],
    env: { TZ: 'UTC', NO_COLOR: '1', KPLAY_FLEET_KILLS: 'all', KPLAY_FLEET_PAIRS: '50' },
    fileParallelism: false,
    reporters: ['default', new MissingPrograms()],
  },
});
