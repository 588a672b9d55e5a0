import { describe, expect, test } from 'vitest';
import { table } from '../../../src/report/text/table.ts';

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

const HEAD = ['RUN', 'BY', 'WHAT', 'RESULT'];
const ROWS = [
  ['20261127T063009Z-fa79', 'root@vm', 'run renew-certs.yml', 'changed'],
  ['20261127T063006Z-b25a', 'root@vm', 'plan', 'good'],
];
const WITHOUT_BY = `RUN                    WHAT                 RESULT
20261127T063009Z-fa79  run renew-certs.yml  changed
20261127T063006Z-b25a  plan                 good
`;

describe('a screen that is too narrow', () => {
  test.each([
    [60, table(HEAD, ROWS)],
    [59, WITHOUT_BY],
    [30, WITHOUT_BY.replaceAll(/(?:WHAT {17}|run renew-certs.yml {2}|plan {17})/g, '')],
  ])('of %i columns has those that matter most', (width, expected) => {
    expect(table(HEAD, ROWS, { width, optional: ['WHAT', 'BY'] })).toBe(expected);
  });

  test('has a record for each row if not even those fit, with all fields but the empty ones', () => {
    const optional = ['WHAT', 'BY'];
    const rows = [...ROWS, ['20261127T063001Z-aa1b', '', '', 'good']];
    expect(table(HEAD, rows, { width: 29, optional, sortBy: 'run' })).toBe(`RUN     20261127T063001Z-aa1b
RESULT  good

RUN     20261127T063006Z-b25a
BY      root@vm
WHAT    plan
RESULT  good

RUN     20261127T063009Z-fa79
BY      root@vm
WHAT    run renew-certs.yml
RESULT  changed
`);
    expect(table(HEAD, ROWS, { width: 16, optional })).toContain('RUN\n  20261127T063009Z-fa79\nBY  root@vm\n');
    expect(table(HEAD, [], { width: 16 })).toBe('');
  });

  test('has a line for each row without titles, as a file and a pipe have', () => {
    const row = '20261127T063009Z-fa79  root@vm  run renew-certs.yml  changed\n';
    expect(table(HEAD, ROWS, { width: 20, headers: false })).toContain(row);
    expect(table(HEAD, ROWS)).toContain(row);
  });

  test('cuts the column that may be cut', () => {
    expect(table(HEAD, ROWS, { width: 50, optional: ['BY'], cut: 'WHAT' })).toBe(
      [
        'RUN                    WHAT                RESULT',
        '20261127T063009Z-fa79  run renew-certs.y…  changed',
        '20261127T063006Z-b25a  plan                good\n',
      ].join('\n'),
    );
  });

  test('keeps its columns if the last one is narrow and fits', () => {
    const head = ['RUN', 'WHAT', 'RESULT', 'TIME'];
    const rows = [
      ['20261127T063009Z-fa79', 'run renew-certs.yml', 'interrupted', '3m 15s'],
      ['20261127T063006Z-b25a', 'run renew-certs.yml', 'failed', '5s'],
    ];
    for (let width = 63; width <= 75; width += 1)
      expect(table(head, rows, { width })).toBe(
        [
          'RUN                    WHAT                 RESULT       TIME',
          '20261127T063009Z-fa79  run renew-certs.yml  interrupted  3m 15s',
          '20261127T063006Z-b25a  run renew-certs.yml  failed       5s\n',
        ].join('\n'),
      );
  });

  test('has the last column on several lines', () => {
    const rows = [['certs.backup', 'save every file that the renewal may change, and read it back']];
    expect(table(['STEP', 'WHAT IT DOES'], rows, { width: 40 })).toBe(
      [
        'STEP          WHAT IT DOES',
        'certs.backup  save every file that the',
        '              renewal may change, and',
        '              read it back\n',
      ].join('\n'),
    );
  });
});
