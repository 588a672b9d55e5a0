import { describe, expect, test } from 'vitest';
import { isOver, sameOptions, wayBack } from '../../src/cli/next-commands.ts';
import type { HostOptions, PlaybookOptions } from '../../src/cli/options.ts';
import type { HostRecap } from '../../src/core/events/recap.ts';
import type { Change } from '../../src/core/plan.ts';
import type { RunResult } from '../../src/engine/run-state.ts';
import { recap } from '../report/support/cluster.ts';

type Options = HostOptions & PlaybookOptions;

const given = (more: Partial<Options> = {}): Options => ({
  inventory: ['prod.yml'],
  forks: 50,
  timeout: 30,
  tags: [],
  skipTags: [],
  extraVars: [],
  ...more,
});

describe('the options of a command that does the same', () => {
  test.each<readonly [string, Partial<Options>, string]>([
    ['the inventory', {}, '-i prod.yml'],
    ['each inventory, quoted for a shell', { inventory: ['a b.yml', 'm1,'] }, "-i 'a b.yml' -i m1,"],
    ['which hosts', { limit: 'masters:!m2' }, "-i prod.yml -l 'masters:!m2'"],
    ['how they are reached', { user: 'ops', become: true, askBecomePass: true }, '-i prod.yml -u ops -b -K'],
    ['which tasks', { tags: ['a', 'b'], skipTags: ['c'] }, '-i prod.yml -t a,b --skip-tags c'],
    ['variables', { extraVars: ['renew_before=all', '{"a": 1}'] }, `-i prod.yml -e renew_before=all -e '{"a": 1}'`],
    [
      'no secret',
      { extraVars: ['ansible_become_password=hunter2', '@secrets.yml'] },
      '-i prod.yml -e … -e @secrets.yml',
    ],
  ])('are %s', (_what, options, words) => {
    expect(sameOptions(given(options))).toBe(words);
  });
});

describe('the same command again', () => {
  const all: RunResult = {
    plans: [],
    hosts: [],
    unreachable: [],
    refused: [],
    failed: [],
    left: [],
    together: [],
    registered: new Map(),
    wasConfirmed: true,
  };

  test.each<readonly [string, Partial<RunResult>, boolean]>([
    ['a host failed', { failed: ['m1'] }, false],
    ['a host was unreachable', { unreachable: ['m1'] }, false],
    ['a host was refused', { refused: ['m1'] }, false],
    ['somebody said no', { wasConfirmed: false }, false],
    ['it was interrupted', {}, true],
  ])('has something to do when %s', (_what, result, wasInterrupted) => {
    expect(isOver({ ...all, ...result }, wasInterrupted)).toBe(false);
  });

  test('has nothing to do when all went well', () => {
    expect(isOver(all, false)).toBe(true);
  });
});

describe('the way back', () => {
  const backup: Change = {
    kind: 'create',
    target: '/var/backups/kplay/20261124T151244Z-3f9c',
    before: null,
    after: null,
    disruptive: false,
  };
  const NOW = new Date('2026-11-24T15:12:44Z');
  const hosts = ['m1', 'm2'];
  const change = (...made: readonly [Change, ...Change[]]) =>
    ({ path: 'tasks.0', action: 'change', changes: made }) as const;
  const old: Change = { ...backup, kind: 'remove', target: '/var/backups/kplay/20251124T151244Z-aaaa' };
  const ended = (recaps: readonly HostRecap[], made = backup): RunResult => ({
    plans: [
      {
        play: 'Renew',
        order: { name: 'linear', reason: '', batches: [hosts] },
        tasks: [{ path: 'tasks.0', name: 'Back up', step: 'certs.backup' }],
        hosts: hosts.map((host) => ({ host, tasks: [change(made, old)] })),
      },
    ],
    hosts: recaps,
    unreachable: [],
    refused: [],
    failed: [],
    left: [],
    together: [],
    registered: new Map(),
    wasConfirmed: true,
  });
  const holding = (host: string, made = backup) => recap(host, { changes: [made] });

  test('is the backup of all hosts', () => {
    expect(wayBack(ended([holding('m1'), holding('m2')]), given({ limit: 'masters' }), NOW)).toEqual([
      'if it has to be taken back: kplay rollback -i prod.yml -l masters --backup 20261124T151244Z-3f9c',
    ]);
  });

  test('is for the hosts alone that have not been put back already', () => {
    const back = recap('m2', { restored: 1, changes: [backup] });
    expect(wayBack(ended([holding('m1'), back]), given(), NOW)).toEqual([
      'if it has to be taken back: kplay rollback -i prod.yml -l m1 --backup 20261124T151244Z-3f9c',
    ]);
  });

  test('says where the backups are, when that is another place', () => {
    const elsewhere = { ...backup, target: '/srv/kept/20261124T151244Z-3f9c' };
    expect(wayBack(ended([holding('m1', elsewhere), holding('m2', elsewhere)], elsewhere), given(), NOW)).toEqual([
      'if it has to be taken back: kplay rollback -i prod.yml --backup 20261124T151244Z-3f9c --backup-to /srv/kept',
    ]);
  });

  test.each([
    ['has expired', '2026-11-23T15:12:00Z'],
    ['ends within a day', '2026-11-25T15:12:00Z'],
  ])('is none where what would come back %s', (_what, ends) => {
    const holders = hosts.map((host) =>
      recap(host, { changes: [backup, { ...backup, target: 'apiserver', before: { ends } }] }),
    );
    expect(wayBack(ended(holders), given(), NOW)).toEqual([]);
  });

  test('is there where what would come back is good for more than a day', () => {
    const renewed = { ...backup, target: 'apiserver', before: { ends: '2026-11-25T15:13:00Z' } };
    expect(wayBack(ended([recap('m1', { changes: [backup, renewed] })]), given(), NOW)).toHaveLength(1);
  });

  test('is never a backup that the run has removed', () => {
    const holders = hosts.map((host) => recap(host, { changes: [backup, old] }));
    expect(wayBack(ended(holders), given(), NOW)).toEqual([
      'if it has to be taken back: kplay rollback -i prod.yml --backup 20261124T151244Z-3f9c',
    ]);
  });

  test('is nothing where nothing was backed up', () => {
    expect(wayBack(ended([recap('m1', { changes: [] })]), given(), NOW)).toEqual([]);
  });
});
