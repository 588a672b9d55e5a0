import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/core/events/event.ts';
import type { Note } from '../../../src/report/progress/note.ts';
import { noteOf } from '../../../src/report/progress/note-of-event.ts';
import { Notes } from '../../../src/report/progress/notes.ts';
import { TaskProgress } from '../../../src/report/progress/task-progress.ts';
import { markLeads, noteLines, wordLeads } from '../../../src/report/screen/note-text.ts';
import { createStyle } from '../../../src/report/text/style.ts';
import { recordOf } from '../reports/support/records.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { PLAIN } from '../support/options.ts';

const style = createStyle(PLAIN);
const linesOf = (notes: readonly Note[], width = 200) =>
  notes.flatMap((note) => noteLines(note, markLeads(style), style, width));
function fold(notes: readonly Note[]): readonly Note[] {
  const kept = new Notes();
  for (const note of notes) kept.add(note);
  return kept.all;
}

const FAILED = EVERY_EVENT['task-finished'];
const progress = () => {
  const task = new TaskProgress('Restart');
  task.start(['prod-m1', 'prod-m2', 'prod-m3'], 0);
  task.startStage('etcd', ['prod-m1', 'prod-m2']);
  return task;
};

function notesOf(event: Event): readonly Note[] {
  const note = noteOf(event, { taskOf: progress, timeZone: 'UTC' });
  return note ? [note] : [];
}

const ended = (host: string, more: Partial<typeof FAILED>) => notesOf({ ...FAILED, host, ...more });

describe('a failure', () => {
  test('names task, stage and host, then the evidence and what to do', () => {
    expect(linesOf(ended('prod-m1', { changes: [] }))).toEqual([
      '✖ Restart the control plane › etcd › prod-m1   etcd did not answer within 240s',
      '    last answer   connection refused',
      '  What to do: look at its log',
      '  More: kplay explain not-in-time',
    ]);
  });

  test('says what had been changed before it', () => {
    expect(linesOf(ended('prod-m1', { details: [] }))[1]).toMatch(
      /^ {4}changed before {3}apiserver, apiserver-kubelet/,
    );
  });

  test('does not call a command changed that only looks', () => {
    const look = { kind: 'look', target: 'test -e /x', before: null, after: null, disruptive: false } as const;
    expect(linesOf(ended('prod-m1', { details: [], changes: [look] })).join()).not.toContain('changed before');
    expect(
      linesOf(ended('prod-m1', { details: [], changes: [look, { ...look, kind: 'run', target: 'make' }] }))[1],
    ).toBe('    changed before   make');
  });

  test('is put on several lines where one is too narrow', () => {
    expect(linesOf(ended('prod-m1', { changes: [] }), 44).slice(0, 3)).toEqual([
      '✖ Restart the control plane › etcd › prod-m1',
      '    etcd did not answer within 240s',
      '    last answer   connection refused',
    ]);
  });

  test('of several hosts for the same reason is told once', () => {
    const notes = fold([...ended('prod-m1', {}), ...ended('prod-m2', {}), ...ended('prod-m1', {})]);
    expect(linesOf(notes)[0]).toContain('› prod-m1, prod-m2   etcd');
    expect(fold([...notes, ...ended('prod-m2', { reason: 'another' })])).toHaveLength(2);
  });
});

test('of what the playbook itself says there is no more to be told', () => {
  const lines = linesOf(ended('prod-m1', { code: 'assertion' }));
  expect(lines.at(-1)).toBe('  What to do: look at its log');
});

describe('a host that is lost', () => {
  test('is told of once, though connection and task both say it', () => {
    const lost = notesOf({ ...EVERY_EVENT['host-unreachable'], host: 'prod-m1', reason: 'connection lost' });
    const notes = fold([...lost, ...ended('prod-m1', { outcome: 'unreachable', reason: 'connection lost' })]);
    expect(linesOf(notes)).toEqual([
      '✖ prod-m1   unreachable: connection lost',
      '  What to do: see whether it runs',
      '  More: kplay explain unreachable-timeout',
    ]);
  });
});

describe('hosts that do not go on', () => {
  const cancelled = { outcome: 'cancelled', reason: 'a master failed' } as const;

  test('are named together, those that had begun apart', () => {
    const notes = fold([
      ...ended('prod-m2', cancelled),
      ...ended('prod-m3', cancelled),
      ...ended('prod-m4', cancelled),
      ...ended('prod-m4', cancelled),
    ]);
    expect(linesOf(notes)).toEqual([
      '◼ prod-m2, prod-m3 stopped: a master failed',
      '◼ prod-m4 not started: a master failed',
    ]);
  });
});

describe('a refusal', () => {
  test('of a host is told with its evidence', () => {
    expect(linesOf(notesOf(EVERY_EVENT['host-refused']))).toEqual([
      '✖ prod-m3 refused: the host has changed since the plan was made',
      '    apiserver   renewed meanwhile',
      '  What to do: make a new plan',
      '  More: kplay explain host-changed',
    ]);
  });

  test('begins in a log with its own word: nothing has failed', () => {
    const lines = (event: Event) => notesOf(event).flatMap((note) => noteLines(note, wordLeads(style), style, 200));
    expect(lines(EVERY_EVENT['host-refused'])[0]).toBe(
      'refused: prod-m3: the host has changed since the plan was made',
    );
    expect(lines(EVERY_EVENT['play-refused'])[0]).toBe(
      'refused: cluster prod (prod-m1, prod-m2, prod-m3): the etcd-ca of prod-m3 differs from that of prod-m1, prod-m2',
    );
  });

  test('of a cluster is told of the cluster and its hosts', () => {
    expect(linesOf(notesOf(EVERY_EVENT['play-refused']))[0]).toBe(
      '✖ cluster prod (prod-m1, prod-m2, prod-m3) refused: the etcd-ca of prod-m3 differs from that of prod-m1, prod-m2',
    );
  });

  test('of a play is told of the play', () => {
    const { cluster: _, ...refused } = EVERY_EVENT['play-refused'];
    expect(linesOf(notesOf(refused))[0]).toBe(
      '✖ Renew the leaf certificates of kubeadm control planes refused: the etcd-ca of prod-m3 differs from that of prod-m1, prod-m2',
    );
  });
});

test('everything that ends well and has nothing to show gives no note', () => {
  const { said: _, ...silent } = FAILED;
  for (const outcome of ['ok', 'changed', 'skipped'] as const) {
    expect(notesOf({ ...silent, outcome })).toEqual([]);
  }
});

test('in a log a word says what the mark says', () => {
  const [note] = ended('prod-m1', {});
  expect(note && noteLines(note, wordLeads(style), style, 200)[0]).toMatch(/^failed: Restart the control plane › /);
});

test('an undo that fails is told as a failure', () => {
  const note = {
    kind: 'undo',
    host: 'm1',
    succeeded: false,
    isUnproven: false,
    goesOn: true,
    message: 'a command on the host ended with 1',
    details: [['output', 'mkdir: Operation not permitted']],
    elapsedMs: 900,
  } as const;
  expect(linesOf([note])).toEqual([
    '✖ m1 not restored: a command on the host ended with 1 (0.9s)',
    '    output   mkdir: Operation not permitted',
  ]);
});

test('an undo of which only the proof is missing is told so', () => {
  const { remaining: _, details: __, ...last } = EVERY_EVENT['undo-finished'];
  expect(linesOf(notesOf({ ...last, succeeded: false, unproven: true, message: 'the connection was lost' }))).toEqual([
    '✖ prod-m1 restored, but not proven: the connection was lost (0.9s)',
    '  What to do: restart it and run again',
  ]);
});

test('a host is told to be restored when the last step of its undo is done, and not before', () => {
  const { remedy: _, remaining: __, ...last } = EVERY_EVENT['undo-finished'];
  expect(linesOf(notesOf({ ...last, remaining: ['control_plane.restart'] }))).toEqual([
    '↺ prod-m1 partly restored: 12 changes (0.9s)',
  ]);
  expect(linesOf(notesOf(last))).toEqual(['↺ prod-m1 restored: 12 changes (0.9s)']);
});

test.each(['window-shut', 'window-late'] as const)(
  'the windows in a note of %s are called what reports and events call them',
  (type) => {
    const event = EVERY_EVENT[type];
    const started = [EVERY_EVENT['run-started'], EVERY_EVENT['play-started'], event] as const;
    const [trouble] = recordOf(started.map((one, at) => [at, one])).plays.flatMap(({ troubles }) => troubles);
    const called = type === 'window-late' ? 'windows of dev' : 'windows';
    expect(trouble?.details).toEqual([[called, event.window.windows]]);
    expect(linesOf(notesOf(event)).join('\n')).toContain(`${called}   ${event.window.windows}`);
  },
);

test.each(['wave-soaking', 'window-waiting'] as const)('a wait that was planned is no warning: %s', (type) => {
  const [word = ''] = notesOf(EVERY_EVENT[type]).flatMap((note) => noteLines(note, wordLeads(style), style, 200));
  expect(word).toMatch(/^(?:wave canary soaks until|waiting for the window of cluster prod)/);
  expect(linesOf(notesOf(EVERY_EVENT[type])).join()).not.toContain('warning');
  const asks = notesOf(EVERY_EVENT['wave-waiting']).flatMap((note) => noteLines(note, wordLeads(style), style, 200));
  expect(asks.join()).toContain('warning: ');
});

test('many hosts, each with a reason of its own, are not compared with each other', () => {
  let reads = 0;
  const counted = (note: Note): Note =>
    new Proxy(note, {
      get(target, key) {
        reads += 1;
        return Reflect.get(target, key);
      },
    });
  const notes = Array.from({ length: 500 }, (_, at) => ended(`m${at}`, { reason: `m${at} did not answer` })).flat();
  expect(fold(notes.map(counted))).toHaveLength(500);
  expect(reads / notes.length).toBeLessThan(100);
});

describe('a cluster that is left until its window opens', () => {
  const SHUT_NOTES = notesOf({
    ...EVERY_EVENT['window-shut'],
    counts: 'left',
    remedy: 'leave this run alone: it waits',
  });

  test.each(['interrupted', 'rollout-stopped', 'run-finished'] as const)(
    'is not waited for any more after %s',
    (type) => {
      const kept = new Notes();
      for (const note of SHUT_NOTES) kept.add(note);
      expect(linesOf(kept.all)).toEqual([
        expect.stringContaining('cluster prod is left as it is: '),
        '  What to do: leave this run alone: it waits',
      ]);
      kept.endWaits(EVERY_EVENT[type]);
      expect(linesOf(kept.all)).toEqual([expect.stringContaining('cluster prod is left as it is: ')]);
    },
  );
});
