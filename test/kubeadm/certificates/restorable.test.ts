import { expect, test } from 'vitest';
import { isTooLateToRestore } from '../../../src/kubeadm/certificates/restorable.ts';
import { DAY, NOW } from '../support/keys.ts';

test.each<[what: string, left: number, is: boolean]>([
  ['has expired', -1, true],
  ['expires within a day', DAY - 1, true],
  ['ends in a day', DAY, false],
])('whether a certificate that %s is too late to restore', (_what, left, is) => {
  expect(isTooLateToRestore(NOW.getTime() + left, NOW)).toBe(is);
});
