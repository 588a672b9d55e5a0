import { describe, expect, test } from 'vitest';
import { missingReport } from './missing-programs.ts';
import { needing, type ProgramName, program } from './programs.ts';

describe('what a run says of tests that were skipped', () => {
  test('is nothing when they were skipped for another reason, or none was', () => {
    expect(missingReport([])).toBe('');
    expect(missingReport([[], []])).toBe('');
  });

  test('names each program that is missing, how many tests wait for it, and how to get it', () => {
    expect(missingReport([['busybox'], ['sshd', 'ssh-keygen'], [], ['busybox', 'actionlint']])).toBe(
      [
        '3 tests were skipped: not everything that they need is installed (KPLAY_REQUIRE_ORACLES=1 makes that a failure).',
        '  actionlint     1  go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
        '  busybox        2  apt-get install busybox',
        '  ssh-keygen     1  apt-get install openssh-client',
        '  sshd           1  apt-get install openssh-server',
        '',
      ].join('\n'),
    );
    expect(missingReport([['openssl']])).toMatch(/^1 test was skipped: /);
  });
});

describe('a test that needs a program', () => {
  test('runs where it is installed', () => {
    expect(needing()).toEqual({ skip: false });
    expect(program('sh')).toMatch(/\/sh$/);
  });

  test('is skipped, with the reason, where it is not; and fails where that is asked for', () => {
    const nowhere = 'no-such-program-anywhere' as ProgramName;
    const before = process.env['KPLAY_REQUIRE_ORACLES'];
    try {
      process.env['KPLAY_REQUIRE_ORACLES'] = '';
      expect(needing(nowhere)).toEqual({ skip: true, meta: { missing: [nowhere] } });
      process.env['KPLAY_REQUIRE_ORACLES'] = '1';
      expect(() => needing(nowhere)).toThrow(`not installed: ${nowhere}`);
    } finally {
      if (before === undefined) delete process.env['KPLAY_REQUIRE_ORACLES'];
      else process.env['KPLAY_REQUIRE_ORACLES'] = before;
    }
  });
});
