import { describe, expect, it } from 'vitest';
import { FakeHost } from './support/fake-fleet.ts';
import { both, playbook, set, shownOf } from './support/include-play.ts';
import { apply, plan } from './support/workshop.ts';

describe('an include that a template names', () => {
  it('is another for each host, is read before anything is contacted, and is done by those that have it in common', async () => {
    const source = playbook(
      '- include_tasks: "{{ kind }}.yml"',
      {
        'one.yml': `- ${set('one')}\n`,
        'two.yml': `- ${set('two')}\n`,
      },
      "  vars: { kind: \"{{ 'one' if inventory_hostname == 'b' else 'two' }}\" }\n",
    );
    const fleet = ['a', 'b', 'c'].map((name) => new FakeHost(name));
    const { shown, done } = await both(source, fleet);
    expect(fleet.map(({ changes }) => changes)).toEqual([['set two 1'], ['set one 1'], ['set two 1']]);
    expect(shownOf(shown, 'b')).toMatchObject([{ path: 'tasks.0.include.1.0', action: 'change' }]);
    expect(done.events.flatMap((event) => (event.type === 'task-started' ? [event.hosts.join()] : []))).toEqual([
      'a,c',
      'b',
    ]);
  });

  it('is carried out as a saved plan says', async () => {
    const source = playbook('- include_tasks: "{{ inventory_hostname }}.yml"', {
      'a.yml': `- ${set('one')}\n`,
      'b.yml': `- ${set('two')}\n`,
    });
    const fleet = [new FakeHost('a'), new FakeHost('b')];
    const saved = (await plan(source, fleet)).result.plans;
    const { result } = await apply(source, fleet, { saved });
    expect(result.refused).toEqual([]);
    expect(fleet.map(({ changes }) => changes)).toEqual([['set one 1'], ['set two 1']]);
  });

  it('is named by the entries of a loop, and by what an earlier task has set', async () => {
    const source = playbook(
      '- remember: { kind: two }\n- include_tasks: { file: "{{ item }}.yml" }\n  loop: [one, "{{ kind }}"]',
      {
        'one.yml': `- ${set('{{ item }}')}\n`,
        'two.yml': `- ${set('{{ item }}2')}\n`,
      },
    );
    const host = new FakeHost('a');
    await both(source, [host]);
    expect(host.changes).toEqual(['set one 1', 'set two2 1']);
  });

  it.each([
    ['the file', '- include_tasks: "{{ made.out }}.yml"'],
    ['how often', '- include_tasks: x.yml\n  loop: "{{ [made.out] }}"'],
    ['the file in a file', '- include_tasks: again.yml\n  loop: "{{ [made.out] }}"'],
  ])('may set again what was set before, if only the run tells %s', async (_what, include) => {
    const asked = '- shell: x\n  register: made\n- remember: { fact: old }\n';
    const source = playbook(`${asked}${include}\n- ${set('last')}\n  when: fact == 'new'`, {
      'x.yml': '- remember: { fact: new }\n',
      'again.yml': '- include_tasks: "{{ item }}.yml"\n',
    });
    const host = new FakeHost('a');
    const { shown } = await both(source, [host]);
    expect(shownOf(shown, 'a').at(-1)).toMatchObject({ action: 'unknown' });
    expect(host.changes).toEqual(['say x', 'set last 1']);
  });

  it('is decided in the run where only that tells its name; what is not there then has failed', async () => {
    const files = { 'x.yml': `- ${set('x')}\n` };
    const source = (word: string) =>
      playbook(`- shell: ${word}\n  register: made\n- include_tasks: "{{ made.out }}.yml"`, files);
    const host = new FakeHost('a');
    const { shown } = await both(source('x'), [host]);
    expect(shownOf(shown, 'a')[1]).toMatchObject({ path: 'tasks.1', action: 'unknown' });
    expect(host.changes).toEqual(['say x', 'set x 1']);
    const { result, events } = await apply(source('y'), [host]);
    expect(result.failed).toEqual(['a']);
    expect(events).toContainEqual(
      expect.objectContaining({
        outcome: 'failed',
        reason: expect.stringMatching(/play.yml:5:.*cannot read the task file/),
      }),
    );
  });

  it('may be a role, with its handlers', async () => {
    const source = playbook(
      '- include_role: { name: "{{ item }}" }\n  loop: [web, db]\n- set: { key: end, value: "1" }',
      {
        'roles/web/tasks/main.yml': `- ${set('web', '{{ port }}')}\n  notify: Reload\n`,
        'roles/web/defaults/main.yml': 'port: "80"\n',
        'roles/web/handlers/main.yml': `- name: Reload\n  ${set('reloaded', '{{ port }}')}\n`,
        'roles/db/tasks/main.yml': `- ${set('{{ item }}')}\n`,
      },
    );
    const host = new FakeHost('a');
    const { shown } = await both(source, [host]);
    expect(shownOf(shown, 'a').map(({ path }) => path)).toEqual([
      'tasks.0.include.0.0.block.0',
      'tasks.0.include.1.0.block.0',
      'tasks.1',
      'tasks.flush.0',
    ]);
    expect(host.changes).toEqual(['set web 80', 'set db 1', 'set end 1', 'set reloaded 80']);
  });
});
