import { expect, test } from 'vitest';
import { LiveScreen } from '../../../src/report/screen/live-screen.ts';

test.each([
  [{}, 79, 23],
  [{ columns: 0, rows: 0 }, 79, 23],
  [{ columns: 120, rows: 40 }, 119, 39],
])('a terminal of the size %j has lines of %i columns, %i of them', (size, width, height) => {
  const screen = new LiveScreen({ ...size, write: () => undefined });
  expect([screen.width, screen.height]).toEqual([width, height]);
});
