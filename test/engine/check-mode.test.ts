import { describe, expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan, type Report } from './support/workshop.ts';

const shown = ({ result }: Report) => result.plans[0]?.hosts[0]?.tasks ?? [];
const finished = ({ events }: Report) => lines(events, 'task-finished');

const PLAY = `- hosts: all
  tasks:
    - name: Only planned
      set: { key: a, value: "1" }
      check_mode: true
      register: made
      notify: Told
    - name: In earnest
      set: { key: b, value: "is-{{ made is changed }}" }
    - name: Still to do
      set: { key: a, value: "1" }
  handlers:
    - name: Told
      set: { key: c, value: told }
`;

describe('a task in check mode', () => {
  it('is planned and told, counts as changed, and changes nothing', async () => {
    const host = new FakeHost('a');
    const report = await apply(PLAY, [host]);
    expect(host.changes).toEqual(['set b is-True', 'set a 1', 'set c told']);
    expect(finished(report)[0]).toBe('Only planned on a: changed, check mode, not done: update a');
    expect(report.result.hosts[0]).toMatchObject({ changed: 4, failed: 0, refused: 0 });
    expect(report.result.hosts[0]?.changes.map(({ target }) => target)).toEqual(['b', 'a', 'c']);
  });

  it('leaves the host to those behind it as it is, in the plan as in the run', async () => {
    const tasks = shown(await plan(PLAY, [new FakeHost('a')]));
    expect(tasks[0]).toMatchObject({ action: 'none', would: [{ kind: 'update', target: 'a', after: '1' }] });
    expect(tasks[2]).toMatchObject({ action: 'change', changes: [{ target: 'a', before: null, after: '1' }] });
    expect(tasks[3]).toMatchObject({ path: 'tasks.flush.0', action: 'change' });
    expect(tasks[3]).not.toHaveProperty('condition');
  });

  it('takes no lock, where it is all that there is', async () => {
    const host = new FakeHost('a');
    await apply('- hosts: all\n  check_mode: true\n  tasks:\n    - set: { key: a, value: "1" }\n', [host]);
    expect(host.log.filter((message) => message === 'lock')).toEqual([]);
    expect(host.changes).toEqual([]);
  });

  it('has nothing to tell where nothing is to be done', async () => {
    const report = await apply('- hosts: all\n  check_mode: true\n  tasks:\n    - set: { key: a, value: "1" }\n', [
      new FakeHost('a', { a: '1' }),
    ]);
    expect(finished(report)).toEqual(['set on a: ok, a is 1']);
  });

  it('is chosen by the innermost that says so', async () => {
    const host = new FakeHost('a');
    await apply(
      `- hosts: all
  check_mode: true
  tasks:
    - set: { key: a, value: "1" }
    - check_mode: false
      block:
        - set: { key: b, value: "1" }
        - set: { key: c, value: "1" }
          check_mode: true
`,
      [host],
    );
    expect(host.changes).toEqual(['set b 1']);
  });

  it('tells of each entry of a loop', async () => {
    const host = new FakeHost('a', { x: '1' });
    const report = await apply(
      `- hosts: all
  tasks:
    - set: { key: "{{ item }}", value: "1" }
      loop: [x, y, z]
      check_mode: true
      register: all
    - say: "{{ all.results | map(attribute='changed') | list }}"
`,
      [host],
    );
    expect(finished(report)).toEqual([
      'set on a: changed, check mode, not done: update y, update z',
      'say on a: ok, false,true,true',
    ]);
    expect(host.changes).toEqual([]);
  });

  it('hides with no_log what it would do', async () => {
    const { result, events } = await apply(
      '- hosts: all\n  tasks:\n    - set: { key: a, value: "1" }\n      check_mode: true\n      no_log: true\n',
      [new FakeHost('a')],
    );
    expect(JSON.stringify([result.plans, events])).not.toContain('"target":"a"');
    expect(JSON.stringify(events)).not.toContain('update a');
  });
});

describe('diff', () => {
  it('is said in the plan where the task, or what is around it, says it', async () => {
    const tasks = shown(
      await plan(
        `- hosts: all
  diff: true
  tasks:
    - set: { key: a, value: "1" }
    - set: { key: b, value: "1" }
      diff: false
    - block:
        - set: { key: c, value: "1" }
      diff: false
`,
        [new FakeHost('a')],
      ),
    );
    expect(tasks.map((task) => task.diff)).toEqual([true, false, false]);
  });
});
