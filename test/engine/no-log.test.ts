import { describe, expect, it } from 'vitest';
import type { PlayPlan } from '../../src/core/events/plan.ts';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

const HIDDEN = '(hidden by no_log)';

function play(task: string, more = ''): string {
  return `- name: P\n  hosts: all\n  tasks:\n    - name: T\n      no_log: true\n      ${task}\n${more}`;
}

/** Whatever holds this word gives something away. */
const SECRET = /hush/;

const TASKS: readonly (readonly [what: string, task: string, outcome: string])[] = [
  ['says', 'say: hush', 'ok'],
  ['changes', 'set: { key: hush, value: hush }', 'changed'],
  ['changes in a loop', 'set: { key: "hush-{{ item }}", value: hush }\n      loop: [1, 2]', 'changed'],
  ['changes in stages', 'serve: { key: hush, value: hush }', 'changed'],
  ['runs', 'shell: hush', 'changed'],
  ['fails at', 'set: { key: broken-hush, value: hush }', 'failed'],
  ['fails and ignores', 'set: { key: broken-hush, value: hush }\n      ignore_errors: true', 'ignored'],
  ['expects', 'expect: { key: hush, value: x }', 'failed'],
  ['refuses', 'shun: { key: held, value: hush }', 'refused'],
  ['cannot render', 'say: "{{ \'hush\' | int }}"', 'refused'],
];

const host = (): FakeHost => new FakeHost('h', { held: 'hush' }).break(/^set broken/, 'fails');

describe('no_log', () => {
  it.each(TASKS)('hides what a task %s, in plans, events, the journal and the recap', async (_what, task, outcome) => {
    const before = await plan(play(task), [host()]);
    const { events, journal, result } = await apply(play(task), [host()]);
    const shown = [before.events, before.result.plans, events, journal, result.plans, result.hosts];
    expect(JSON.stringify(shown)).not.toMatch(SECRET);
    const ended = events
      .filter((event) => event.type === 'task-finished')
      .map((event) => [event.outcome, event.reason]);
    expect(ended).toEqual(outcome === 'refused' ? [] : [[outcome, HIDDEN]]);
    expect(result.refused).toEqual(outcome === 'refused' ? ['h'] : []);
  });

  it('leaves to be seen how many changes of which kind there are', async () => {
    const { events, journal, result } = await apply(play('serve: { key: hush, value: hush }'), [host()]);
    const change = { kind: 'update', target: HIDDEN, before: null, after: null };
    const changes = [
      { ...change, disruptive: true, stage: 'drain' },
      { ...change, disruptive: false, stage: 'fill' },
    ];
    expect(result.plans[0]?.hosts[0]?.tasks).toEqual([{ path: 'tasks.0', action: 'change', changes }]);
    expect(events.find(({ type }) => type === 'task-finished')).toMatchObject({ changes });
    expect(journal.filter(({ type }) => type === 'intent')).toMatchObject([
      { changes: [changes[0]] },
      { changes: [changes[1]] },
    ]);
    expect(result.hosts).toMatchObject([{ changed: 1, changes }]);
    expect(new Set(lines(events, 'task-progress'))).toEqual(new Set([`T on h: ${HIDDEN}`]));
  });

  it('hides nothing from the tasks that follow', async () => {
    const next = '    - say: "it was {{ r.was }}"\n      register: s\n';
    const { result } = await apply(play('set: { key: held, value: x }\n      register: r', next), [host()]);
    expect(result.registered.get('h')?.get('s')).toMatchObject({ msg: 'it was hush' });
  });

  it('of a saved plan leaves the kinds of its changes to be compared, and what would be done otherwise', async () => {
    const saved: readonly PlayPlan[] = (await plan(play('set: { key: hush, value: hush }'), [host()])).result.plans;
    const same = await apply(play('set: { key: hush, value: hush }'), [host()], { saved });
    expect(same.result.refused).toEqual([]);
    const other = await apply(play('say: hush'), [host()], { saved });
    expect(other.result.refused).toEqual(['h']);
    expect(lines(other.events, 'host-refused')).toEqual([
      `h refused: the host has changed since the plan was made ${JSON.stringify([
        ['T: planned', `update ${HIDDEN}`],
        ['T: now', HIDDEN],
      ])}`,
    ]);
  });

  it('does not hide that a host is lost', async () => {
    const lost = new FakeHost('h').break(/^set/, 'lost-before');
    const { events } = await apply(play('set: { key: hush, value: hush }'), [lost]);
    expect(lines(events, 'task-finished')).toEqual(['T on h: unreachable, the connection was lost']);
  });
});
