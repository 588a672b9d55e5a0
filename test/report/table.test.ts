import { expect, test } from 'vitest';
import { table } from '../../src/report/table.ts';

test('columns are aligned by what is seen, and cannot reach the terminal', () => {
  expect(
    table(
      ['HOST', 'STATE'],
      [
        ['漢字-1', 'whole'],
        ['m1', 'dam\u001baged'],
        ['m2', ''],
      ],
    ),
  ).toBe('HOST    STATE\n漢字-1  whole\nm1      dam\\x1baged\nm2\n');
});
