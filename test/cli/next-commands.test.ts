import { describe, expect, test } from 'vitest';
import { earlierBackups } from '../../src/cli/journal/earlier-backups.ts';
import type { HostOptions } from '../../src/cli/options/host-options.ts';
import type { PlaybookOptions } from '../../src/cli/options/options.ts';
import { isOver, isPlanCurrent, limitWithout, remainingOptions, undoOf } from '../../src/cli/run/next-commands.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import type { HostRecap } from '../../src/core/events/recap.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import type { Change } from '../../src/core/plan.ts';
import { NO_RESULT, type RunResult } from '../../src/engine/run-result.ts';
import { matchLimit } from '../../src/inventory/match.ts';
import { JOURNAL_VERSION } from '../../src/journal/journal-line.ts';
import { loaded } from '../inventory/support/inventories.ts';
import { recap } from '../report/support/cluster.ts';

type Options = HostOptions & PlaybookOptions;

const given = (more: Partial<Options> = {}): Options => ({
  inventory: ['prod.yml'],
  forks: 50,
  tags: [],
  skipTags: [],
  extraVars: [],
  ...more,
});

const commandsOf = (...given: Parameters<typeof undoOf>): readonly string[] => undoOf(...given).commands;

/** The undo that leads back to a backup. */
const kept = (id: string) => [
  { step: 'certs.restore', params: { backup: id, backup_to: '/var/backups/kplay' } },
  { step: 'control_plane.restart', params: {} },
];

describe('the same command again', () => {
  test.each<readonly [string, Partial<RunResult>, boolean]>([
    ['a host failed', { failed: ['m1'] }, false],
    ['a host was unreachable', { unreachable: ['m1'] }, false],
    ['a host was refused', { refused: ['m1'] }, false],
    ['somebody said no', { wasConfirmed: false }, false],
    ['it was interrupted', {}, true],
  ])('has something to do when %s', (_what, result, wasInterrupted) => {
    expect(isOver({ ...NO_RESULT, ...result }, wasInterrupted)).toBe(false);
  });

  test('has nothing to do when all went well', () => {
    expect(isOver(NO_RESULT, false)).toBe(true);
  });
});

describe('a saved plan that was refused', () => {
  const held: RunResult = { ...NO_RESULT, refused: ['m1'], hosts: [recap('m1', { changed: 0, state: 'unchanged' })] };
  test.each<readonly [string, readonly string[], Partial<RunResult>, boolean]>([
    ['a lock was held', ['host-locked'], {}, true],
    ['its cluster was outside its windows, and another one locked', ['outside-window', 'host-locked'], {}, true],
    ['a host has changed', ['outside-window', 'host-changed'], {}, false],
    ['nothing was refused, and a host failed', [], { failed: ['m1'] }, false],
    ['another host was changed', ['host-locked'], { hosts: [recap('m2', { changed: 1, state: 'changed' })] }, false],
  ])('when %s: whether it still fits', (_what, refusals, result, fits) => {
    expect(isPlanCurrent({ ...held, ...result }, new Set(refusals))).toBe(fits);
  });
});

describe('a limit without the hosts that could not be planned', () => {
  const files = {
    'hosts.yml': 'a: { hosts: { m1: , m2: , m3: , fd00::1: , fd00::2: } }\nb: { hosts: { m1: , m2: , fd00::1: } }\n',
    'some.txt': 'm1\nm2\nm3\nfd00::1\n',
  };

  test.each([
    'all',
    'm1,m2',
    'm1:m2:m3',
    'a:&b',
    'a,&b',
    'a:!m3',
    '@some.txt',
    '@some.txt:!m2',
    '@some.txt,!m2',
    'a[0:3]',
    '~m[1-3]|fd.*',
    'fd00::1',
    'm*',
    'm1:[fd00::2]',
  ])('of %s is for the others', (limit) => {
    const inventory = loaded(files, ['hosts.yml']);
    const directory = inventory.sources[0]?.replace('hosts.yml', '') ?? '';
    const whole = limit.replace('@', `@${directory}`);
    const namesOf = (pattern: string): readonly string[] => {
      const problems = new Problems();
      const names = matchLimit(inventory, pattern, problems).map(({ name }) => name);
      expect(problems.all).toEqual([]);
      return names;
    };
    const all = namesOf(whole);
    const without = all.filter((name) => ['m1', 'm3', 'fd00::1', 'fd00::2'].includes(name));
    expect(namesOf(limitWithout(whole, without))).toEqual(all.filter((name) => !without.includes(name)));
  });

  test('reads as it was written', () => {
    expect(limitWithout('all', ['m1'])).toBe('all,!m1');
    expect(limitWithout('masters:&prod', ['m1'])).toBe('masters:&prod:!m1');
  });
});

const backup: Change = {
  kind: 'create',
  target: '/var/backups/kplay/20261124T151244Z-3f9c',
  before: null,
  after: null,
  disruptive: false,
};

const PLANNED: RunResult['plans'][number] = {
  play: 'Renew',
  order: { name: 'linear', reason: '', batches: [['m1']] },
  tasks: [{ path: 'tasks.0', name: 'Back up', step: 'certs.backup' }],
  hosts: [{ host: 'm1', tasks: [{ path: 'tasks.0', action: 'change', changes: [backup] }] }],
};

describe('a command that only shows its plan', () => {
  const changed: Partial<RunResult> = { plans: [PLANNED] };

  test.each<readonly [string, Partial<RunResult>, { readonly check?: boolean } | undefined]>([
    ['is given without -C when there is something to do', changed, { check: false }],
    ['is done when nothing is to be done', {}, undefined],
    [
      'is given again as it was when a host could not be looked at',
      { ...changed, unreachable: ['m1'] },
      { check: true },
    ],
  ])('%s', (_what, result, left) => {
    expect(remainingOptions({ check: true }, { ...NO_RESULT, ...result }, false)).toEqual(left);
  });
});

describe('the way back', () => {
  const NOW = new Date('2026-11-24T15:12:44Z');
  const hosts = ['m1', 'm2'];
  const change = (...made: readonly [Change, ...Change[]]) =>
    ({ path: 'tasks.0', action: 'change', changes: made }) as const;
  const old: Change = { ...backup, kind: 'remove', target: '/var/backups/kplay/20251124T151244Z-aaaa' };
  const ended = (recaps: readonly HostRecap[], made = backup): RunResult => ({
    ...NO_RESULT,
    plans: [
      {
        play: 'Renew',
        order: { name: 'linear', reason: '', batches: [hosts] },
        tasks: [{ path: 'tasks.0', name: 'Back up', step: 'certs.backup' }],
        hosts: hosts.map((host) => ({ host, tasks: [change(made, old)] })),
      },
    ],
    hosts: recaps,
  });
  const holding = (host: string, made = backup) => recap(host, { changes: [made] });

  test('is the backup of all hosts', () => {
    expect(commandsOf(ended([holding('m1'), holding('m2')]), given({ limit: 'masters' }), NOW)).toEqual([
      'to undo it: kplay rollback -i prod.yml -l masters --backup 20261124T151244Z-3f9c',
    ]);
  });

  test('names many of the hosts of an inventory by what is left out', () => {
    const many = Array.from({ length: 100 }, (_, index) => `w${index}`);
    const inventory = loaded({ 'prod.yml': `all: { hosts: { ${many.map((host) => `${host}: {}`).join(', ')} } }\n` });
    const recaps = many.map((host) => (host === 'w7' ? recap(host, { restored: 1 }) : holding(host)));
    const { commands } = undoOf({ ...ended(recaps), hosts: recaps }, given(), NOW, { inventory });
    expect(commands).toEqual(["to undo it: kplay rollback -i prod.yml -l 'all,!w7' --backup 20261124T151244Z-3f9c"]);
    // The play was not for all hosts of the inventory, and the command would be.
    const some = recaps.slice(0, 2);
    expect(commandsOf({ ...ended(some), hosts: some }, given(), NOW, { inventory })).toEqual([
      'to undo it: kplay rollback -i prod.yml -l w0,w1 --backup 20261124T151244Z-3f9c',
    ]);
  });

  test('is for the hosts alone that have not been put back already', () => {
    const back = recap('m2', { restored: 1, changes: [backup] });
    expect(commandsOf(ended([holding('m1'), back]), given(), NOW)).toEqual([
      'to undo it: kplay rollback -i prod.yml -l m1 --backup 20261124T151244Z-3f9c',
    ]);
  });

  test('has the variables by which hosts are reached, and no others', () => {
    const extraVars = ['ansible_user=ops', 'backup_to=/srv', 'ansible_password=x'];
    expect(commandsOf(ended([holding('m1'), holding('m2')]), given({ extraVars }), NOW)).toEqual([
      'to undo it: kplay rollback -i prod.yml -e ansible_user=ops -e … --backup 20261124T151244Z-3f9c',
    ]);
  });

  test.each([
    ['a file', '@hosts.yml', '/srv/kept', '@hosts.yml -e backup_to=/srv/kept'],
    [
      'a file, of which nothing is known',
      '@hosts.yml',
      '/var/backups/kplay',
      '@hosts.yml -e backup_to=/var/backups/kplay',
    ],
    [
      'a text with other variables',
      'ansible_user=ops backup_to=/srv',
      '/srv',
      "'ansible_user=ops backup_to=/srv' -e backup_to=/srv",
    ],
    ['a file, and it has blanks', '@hosts.yml', '/srv/a b', `@hosts.yml -e '{"backup_to":"/srv/a b"}'`],
  ])('says where the backups are with -e where %s may say it, too', (_what, text, directory, words) => {
    const made = { ...backup, target: `${directory}/20261124T151244Z-3f9c` };
    const options = given({ extraVars: [text] });
    expect(commandsOf(ended([holding('m1', made), holding('m2', made)], made), options, NOW)).toEqual([
      `to undo it: kplay rollback -i prod.yml -e ${words} --backup 20261124T151244Z-3f9c`,
    ]);
  });

  test('says where the backups are, when that is another place', () => {
    const elsewhere = { ...backup, target: '/srv/kept/20261124T151244Z-3f9c' };
    expect(commandsOf(ended([holding('m1', elsewhere), holding('m2', elsewhere)], elsewhere), given(), NOW)).toEqual([
      'to undo it: kplay rollback -i prod.yml --backup 20261124T151244Z-3f9c --backup-to /srv/kept',
    ]);
  });

  test('says where the backups are, when the inventory names another place', () => {
    const inventory = loaded({ 'prod.yml': 'all: { hosts: { m1: , m2: { backup_to: /srv/kept } } }\n' });
    const made = ended([holding('m1'), holding('m2')]);
    expect(undoOf(made, given(), NOW, { inventory }).commands).toEqual([
      'to undo it: kplay rollback -i prod.yml --backup 20261124T151244Z-3f9c --backup-to /var/backups/kplay',
    ]);
  });

  test.each([
    ['has expired', '2026-11-23T15:12:00Z'],
    ['expires within a day', '2026-11-25T15:12:00Z'],
  ])('is none where what would come back %s, and that is said', (_what, ends) => {
    const holders = hosts.map((host) =>
      recap(host, { changes: [backup, { ...backup, target: 'apiserver', before: { ends } }] }),
    );
    expect(undoOf(ended(holders), given(), NOW)).toEqual({ commands: [], without: [...hosts] });
    const [first, ...others] = holders;
    expect(undoOf(ended([holding(first?.host ?? ''), ...others]), given(), NOW)).toEqual({
      commands: [`to undo it: kplay rollback -i prod.yml -l ${first?.host} --backup 20261124T151244Z-3f9c`],
      without: others.map(({ host }) => host),
    });
  });

  test('is none where what would come back has expired, and the host was lost before it had anything new', () => {
    const expired = { ...backup, target: 'apiserver', before: { ends: '2026-11-23T15:12:00Z' } };
    const { plans, ...result } = ended([holding('m1'), holding('m2')]);
    const [plan, ...others] = plans[0]?.hosts ?? [];
    const renewing = {
      ...PLANNED,
      hosts: [{ host: 'm1', tasks: [...(plan?.tasks ?? []), change(expired)] }, ...others],
    };
    expect(undoOf({ ...result, plans: [renewing] }, given(), NOW)).toEqual({
      commands: ['to undo it: kplay rollback -i prod.yml -l m2 --backup 20261124T151244Z-3f9c'],
      without: ['m1'],
    });
  });

  test('is found by looking at the plan of each host once', () => {
    const names = Array.from({ length: 300 }, (_, index) => `m${index}`);
    let looks = 0;
    const planned = names.map((name) => ({
      get host() {
        looks += 1;
        return name;
      },
      tasks: PLANNED.hosts[0]?.tasks ?? [],
    }));
    const result = { ...ended(names.map((name) => holding(name))), plans: [{ ...PLANNED, hosts: planned }] };
    expect(undoOf(result, given(), NOW).without).toEqual([]);
    expect(looks).toBeLessThan(3 * names.length);
  });

  test('is there where what would come back is good for more than a day', () => {
    const renewed = { ...backup, target: 'apiserver', before: { ends: '2026-11-25T15:13:00Z' } };
    expect(commandsOf(ended([recap('m1', { changes: [backup, renewed] })]), given(), NOW)).toHaveLength(1);
  });

  test('is there where only a serving certificate of kubelet has expired: a rollback does not mind it', () => {
    const serving = { ...backup, target: 'kubelet-server', before: { ends: '2026-11-23T15:12:00Z' } };
    expect(commandsOf(ended([recap('m1', { changes: [backup, serving] })]), given(), NOW)).toHaveLength(1);
  });

  test('is never a backup that the run has removed', () => {
    const holders = hosts.map((host) => recap(host, { changes: [backup, old] }));
    expect(commandsOf(ended(holders), given(), NOW)).toEqual([
      'to undo it: kplay rollback -i prod.yml --backup 20261124T151244Z-3f9c',
    ]);
  });

  describe('of a run that uses a backup of an earlier one', () => {
    const leaf = { ...backup, target: 'apiserver' };
    const used = (undos: Readonly<Record<string, string>>, recaps: readonly HostRecap[]): RunResult => ({
      ...NO_RESULT,
      hosts: recaps,
      undos: new Map(Object.entries(undos).map(([host, id]) => [host, kept(id)])),
    });
    const changed = (host: string, more: Partial<HostRecap> = {}) => recap(host, { changes: [leaf], ...more });

    test('is that backup, for the hosts that were changed and not put back', () => {
      expect(commandsOf(used({ m1: 'old', m2: 'old' }, [changed('m1'), changed('m2')]), given(), NOW)).toEqual([
        'to undo it: kplay rollback -i prod.yml --backup old',
      ]);
      const others = [changed('m1'), recap('m2', { changes: [] }), changed('m3', { restored: 1 })];
      const itself = changed('m4', { state: 'restoring' });
      expect(
        commandsOf(used({ m1: 'old', m2: 'old', m3: 'old', m4: 'old' }, [...others, itself]), given(), NOW),
      ).toEqual(['to undo it: kplay rollback -i prod.yml -l m1 --backup old']);
    });

    test('is a command for each of several, one that it has made included', () => {
      const result = used({ m1: 'old', m2: 'older' }, [changed('m1'), changed('m2'), holding('m3')]);
      expect(commandsOf({ ...result, plans: ended([]).plans }, given(), NOW)).toEqual([
        'to undo it: kplay rollback -i prod.yml -l m3 --backup 20261124T151244Z-3f9c',
        'to undo it: kplay rollback -i prod.yml -l m1 --backup old',
        'to undo it: kplay rollback -i prod.yml -l m2 --backup older',
      ]);
    });

    test('is none where the run has removed it since', () => {
      const pruned = { ...old, target: '/var/backups/kplay/old' };
      expect(commandsOf(used({ m1: 'old' }, [changed('m1', { changes: [leaf, pruned] })]), given(), NOW)).toEqual([]);
    });
  });

  describe('of a run that goes on with another', () => {
    const at = (sequence: number, entry: JournalEntry) => ({ version: JOURNAL_VERSION, sequence, time: NOW, entry });
    const saved = (host: string) =>
      ({
        type: 'evidence',
        host,
        task: 'Back up',
        evidence: { backup: '20261124T151244Z-3f9c', directory: '/var/backups/kplay' },
      }) as const;
    const intent = (host: string, ends = '2027-11-24T00:00:00Z') =>
      ({ type: 'intent', host, task: 'Regenerate certificates', changes: [{ before: { ends } }] }) as const;
    const undone = (host: string, remaining: readonly string[] = []) =>
      ({ type: 'undo', host, step: 'certs.restore', remaining, succeeded: true, message: '' }) as const;
    const back = (recaps: readonly HostRecap[], ...entries: readonly JournalEntry[]) =>
      undoOf(ended(recaps), given(), NOW, {
        earlier: earlierBackups([entries.map((entry, index) => at(index, entry))]),
      });
    const whole = ['to undo it: kplay rollback -i prod.yml --backup 20261124T151244Z-3f9c'];
    const rest = ['to undo it: kplay rollback -i prod.yml -l m2 --backup 20261124T151244Z-3f9c'];
    const leaf = { ...backup, target: 'apiserver' };

    test('has the hosts that the first has put back, and this one has changed', () => {
      const recaps = [recap('m1', { changes: [leaf] }), holding('m2')];
      expect(back(recaps, saved('m1'), intent('m1'), undone('m1')).commands).toEqual(whole);
    });

    test('and those that the first one alone has changed', () => {
      const recaps = [recap('m1', { changes: [] }), holding('m2')];
      expect(back(recaps, saved('m1'), intent('m1')).commands).toEqual(whole);
      expect(back(recaps, saved('m1'), intent('m1'), undone('m1')).commands).toEqual(rest);
      expect(back(recaps, saved('m1'), intent('m1'), undone('m1', ['control_plane.restart'])).commands).toEqual(whole);
      const { commands, without } = back(recaps, saved('m1'), intent('m1', '2026-11-20T00:00:00Z'));
      expect({ commands, without }).toEqual({ commands: rest, without: ['m1'] });
    });

    test('has the hosts of which the first one has changed a serving certificate of kubelet that had expired', () => {
      const serving = {
        ...intent('m1'),
        changes: [{ target: 'kubelet-server', before: { ends: '2026-11-20T00:00:00Z' } }],
      };
      const recaps = [recap('m1', { changes: [] }), holding('m2')];
      expect(back(recaps, saved('m1'), serving).commands).toEqual(whole);
    });

    test('is judged by what the first one has found: what it has left cannot spoil its backup', () => {
      const found = { target: 'apiserver', before: { ends: '2027-11-24T00:00:00Z' } };
      const spoiled = { target: 'apiserver', before: { unusable: true } };
      const first = [saved('m1'), { ...intent('m1'), changes: [found] }];
      const second = [{ ...intent('m1'), changes: [spoiled] }];
      const earlier = (...runs: readonly (readonly JournalEntry[])[]) =>
        earlierBackups(runs.map((entries) => entries.map((entry, index) => at(index, entry))));
      const recaps = [recap('m1', { changes: [] }), holding('m2')];
      expect(undoOf(ended(recaps), given(), NOW, { earlier: earlier(first, second) }).commands).toEqual(whole);
      const own = [recap('m1', { changes: [{ ...leaf, ...spoiled }] }), holding('m2')];
      expect(undoOf(ended(own), given(), NOW, { earlier: earlier(first) }).commands).toEqual(whole);
      expect(undoOf(ended(recaps), given(), NOW, { earlier: earlier([...first, ...second]) }).commands).toEqual(rest);
    });

    test('has the hosts of which an undo has restored what the first one has made', () => {
      const second = { ...saved('m1'), evidence: { ...saved('m1').evidence, backup: 'second' } };
      const to = (backup: string) => ({ ...undone('m1'), params: { backup, backup_to: '/var/backups/kplay' } });
      const recaps = [recap('m1', { changes: [] }), holding('m2')];
      const entries = [saved('m1'), intent('m1'), second, intent('m1')];
      expect(back(recaps, ...entries, to('second')).commands).toEqual(whole);
      expect(back(recaps, ...entries, to('20261124T151244Z-3f9c')).commands).toEqual(rest);
      // An earlier journal does not say which one was restored: it was the latest.
      expect(back(recaps, ...entries, undone('m1')).commands).toEqual(whole);
      const again = [saved('m1'), intent('m1'), undone('m1'), second, intent('m1'), to('second')];
      expect(back(recaps, ...again).commands).toEqual(rest);
    });

    test('has the hosts of which it has itself restored what the first one has made', () => {
      const own = (id: string) => ({
        ...ended([recap('m1', { changes: [], restored: 1, state: 'restored' }), holding('m2')]),
        undos: new Map([['m1', kept(id)]]),
      });
      const earlier = earlierBackups([[at(1, saved('m1')), at(2, intent('m1'))]]);
      expect(undoOf(own('second'), given(), NOW, { earlier }).commands).toEqual(whole);
      expect(undoOf(own('20261124T151244Z-3f9c'), given(), NOW, { earlier }).commands).toEqual(rest);
    });

    test('has none of the hosts that the first one has restored, and it has itself', () => {
      const own = {
        ...ended([recap('m1', { changes: [backup], restored: 1, state: 'restored' }), holding('m2')]),
        undos: new Map([['m1', kept('second')]]),
      };
      const entries = [saved('m1'), intent('m1'), undone('m1')].map((entry, index) => at(index, entry));
      expect(undoOf(own, given(), NOW, { earlier: earlierBackups([entries]) }).commands).toEqual(rest);
    });

    test('has none of the hosts that each earlier one has restored with a backup of its own', () => {
      const making = (host: string) => ({
        ...intent(host),
        task: 'Back up',
        changes: [{ target: '/var/backups/kplay/second' }],
      });
      const to = (id: string) => ({ ...undone('m1'), params: { backup: id, backup_to: '/var/backups/kplay' } });
      const second = { ...saved('m1'), evidence: { ...saved('m1').evidence, backup: 'second' } };
      const first = [making('m1'), saved('m1'), intent('m1'), undone('m1')];
      const recaps = [recap('m1', { changes: [] }), holding('m2')];
      expect(back(recaps, ...first, making('m1'), second, intent('m1'), to('second')).commands).toEqual(rest);
      expect(back(recaps, ...first, making('m1'), second).commands).toEqual(rest);
      expect(back(recaps, ...first, making('m1'), second, intent('m1')).commands).toEqual(whole);
      expect(back(recaps, ...first, intent('m1'), making('m1'), second, to('second')).commands).toEqual(whole);
    });

    test('has the hosts that another task of the same name has changed', () => {
      const id = '20261124T151244Z-3f9c';
      const change = (path: string, target: string) => ({
        ...intent('m1'),
        task: 'Renew',
        path,
        changes: [{ target }],
      });
      const found = (path: string, backup = id) => ({
        ...saved('m1'),
        task: 'Renew',
        path,
        evidence: { ...saved('m1').evidence, backup },
      });
      const own = [change('tasks.0', `/var/backups/kplay/${id}`), found('tasks.0')];
      const renewal = change('tasks.1', 'apiserver');
      const second = [change('tasks.2', '/var/backups/kplay/second'), found('tasks.2', 'second')];
      const recaps = [recap('m1', { changes: [] }), holding('m2')];
      expect(back(recaps, ...own).commands).toEqual(rest);
      expect(back(recaps, ...own, ...second).commands).toEqual(rest);
      expect(back(recaps, ...own, renewal, found('tasks.2')).commands).toEqual(whole);
      expect(back(recaps, ...own, renewal, ...second).commands).toEqual(whole);
      const play = { type: 'run', runId: id, command: 'run', source: 'a.yml', hosts: ['m1'] } as const;
      expect(back(recaps, ...own, renewal, play, found('tasks.1')).commands).toEqual(whole);
      const older = [...own, renewal, found('tasks.2')].map(({ path: _, ...entry }) => entry);
      expect(back(recaps, ...older).commands).toEqual(whole);
    });

    test('leads back to the first backup of a host that has two', () => {
      const second = { ...backup, target: `${backup.target}-2` };
      const recaps = [recap('m1', { changes: [second, leaf] }), holding('m2')];
      expect(back(recaps, saved('m1'), intent('m1')).commands).toEqual(whole);
    });
  });

  test('is nothing where nothing was backed up', () => {
    expect(commandsOf(ended([recap('m1', { changes: [] })]), given(), NOW)).toEqual([]);
  });
});
