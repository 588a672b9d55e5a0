import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Ended } from './support/controller.ts';
import { MarkedFleet } from './support/marked-fleet.ts';

let site: MarkedFleet;
beforeEach(() => {
  site = new MarkedFleet();
});
afterEach(() => site.close());

/** When no window of Saturday is open. */
const FRIDAY = { wallClock: () => new Date('2026-11-27T12:00:00Z') };
const SATURDAY = 'window: "Sat 01:00-24:00 UTC", expected: 5m';

/** Nothing of it is certain: the handler runs where the run finds that something has changed. */
const HANDLER = `
  handlers: [{ name: Reload, copy: { content: x, dest: /tmp/mark } }]
  tasks:
    - name: Ask
      assert: { that: "true" }
      changed_when: answer is defined
      register: answer
      notify: Reload
`;
/** The same, included under a condition that only the run knows. */
const INCLUDED = `
  tasks:
    - name: Ask
      assert: { that: "true" }
      changed_when: answer is defined
      register: answer
    - include_tasks: more.yml
      when: answer.changed
`;
/** It changes something only if something fails. */
const RESCUE = `
  tasks:
    - block: [{ assert: { that: "true" } }]
      rescue: [{ copy: { content: x, dest: /tmp/mark } }]
`;

function play(rollout: string, body: string): void {
  site.controller.file('more.yml', '- copy: { content: x, dest: /tmp/mark }\n');
  site.controller.file('play.yml', `- name: Mark\n  hosts: all\n  rollout: ${rollout}${body}`);
}

const plan = (...more: readonly string[]): Promise<Ended> =>
  site.controller.run(['plan', site.at('play.yml'), '-i', site.at('fleet.yml'), ...more], FRIDAY);

describe.each([
  ['a handler', HANDLER],
  ['what is included under a condition', INCLUDED],
])('a rollout of which only the run decides whether anything is changed: by %s', (_what, body) => {
  test('is confirmed before, and a no begins nothing', async () => {
    site.fleet({ a: '', b: '' });
    play('{ order: name }', body);
    expect((await site.run(['--confirm'], { types: ['no'] })).exitCode).toBe(3);
    expect(site.marked('a', 'b')).toEqual([]);
    const { exitCode, stdout } = await site.run(['--confirm'], { types: ['yes'] });
    expect(exitCode, stdout).toBe(0);
    expect(site.marked('a', 'b')).toEqual(['a', 'b']);
  });

  test('has something to do', async () => {
    site.fleet({ a: '', b: '' });
    play('{ order: name }', body);
    const { exitCode, stdout } = await plan('--detailed-exitcode');
    expect(stdout).toContain('0 hosts to change, 2 may change, 0 unchanged, 0 refused.');
    expect(stdout).toContain('Next: kplay run');
    expect(exitCode).toBe(2);
  });

  test('waits for the approvals of its waves', async () => {
    site.fleet({ a: 'wave: canary', b: '' });
    play('{ waves: [{ name: canary }, { name: rest, approval: manual }] }', body);
    let told = '';
    const { exitCode } = await site.run([], {
      onOutput: (text) => {
        told += text;
        if (text.includes('is waiting for approval')) {
          expect(existsSync(site.at('b/tmp/mark'))).toBe(false);
          void site.controller.run(['approve', 'last', 'rest']);
        }
      },
    });
    expect(told).toContain('wave rest is waiting for approval');
    expect(exitCode, told).toBe(0);
    expect(site.marked('a', 'b')).toEqual(['a', 'b']);
  });

  test('is planned to be refused outside its windows, as it is, and held back by them', async () => {
    site.fleet({ a: `wave: canary, ${SATURDAY}`, b: '' });
    play('{ waves: [{ name: canary }, { name: rest }] }', body);
    const { stdout } = await plan();
    expect(stdout).not.toContain('nothing');
    expect(stdout).toMatch(/^1 +a +canary +1 may change {2}outside its windows/m);
    expect(stdout).toMatch(/^2 +b +rest +1 may change {2}after wave canary/m);
    expect(stdout).toContain('Next: to wait for the next window, which opens 2026-11-28 01:00 UTC: kplay run');
    const { stdout: told, exitCode } = await site.run([], FRIDAY);
    expect(told).toContain('refused: cluster a (a-m1): outside its windows');
    expect(exitCode).toBe(3);
    expect(site.marked('a', 'b')).toEqual([]);
  });
});

const LOOK = '{ command: id, changed_when: false, register: found }';
const LOOKS: readonly (readonly [string, string])[] = [
  ['a command that changes nothing', LOOK],
  [
    'one of which only the run tells whether it runs',
    `${LOOK}, { command: id, changed_when: false, when: found.rc == 0 }`,
  ],
  ['waiting for a file', '{ wait_for: { path: /tmp, delay: 0 } }'],
];

test.each(LOOKS)('what only looks needs no window: %s', async (_what, tasks) => {
  site.fleet({ a: SATURDAY });
  site.controller.file('play.yml', `- name: Look\n  hosts: all\n  tasks: [${tasks}]\n`);
  const { exitCode, stdout, stderr } = await site.run([], FRIDAY);
  expect(exitCode, stdout + stderr).toBe(0);
  expect(stdout).toContain('a-m1 : ok=');
});

test.each(LOOKS)('nor does it in a rollout, whatever is done outside of windows: %s', async (_what, tasks) => {
  site.fleet({ a: `wave: canary, ${SATURDAY}`, b: '' });
  const waves = '{ waves: [{ name: canary }, { name: rest }] }';
  site.controller.file('play.yml', `- name: Look\n  hosts: all\n  rollout: ${waves}\n  tasks: [${tasks}]\n`);
  const planned = await plan('--detailed-exitcode');
  expect(planned.stdout).not.toContain('outside its windows');
  expect(planned.exitCode).toBe(0);
  for (const window of [[], ['--window', 'skip'], ['--window', 'wait']]) {
    const { exitCode, stdout, stderr } = await site.run(window, FRIDAY);
    expect(exitCode, stdout + stderr).toBe(0);
    for (const host of ['a-m1', 'b-m1']) expect(stdout).toContain(`${host} : ok=`);
  }
});

test.each(LOOKS)('nor does it need an approval, a soak or the hooks of waves: %s', async (_what, tasks) => {
  site.fleet({ a: '', b: '' });
  const waves = '{ waves: [{ name: canary, clusters: a, soak: 1s }, { name: rest, approval: manual }] }';
  const hook = `on_wave: [{ command: touch ${site.controller.directory}/called }]`;
  site.controller.file('play.yml', `- name: Look\n  hosts: all\n  ${hook}\n  rollout: ${waves}\n  tasks: [${tasks}]\n`);
  const { exitCode, stdout, stderr } = await site.run([], {
    onOutput: (text) => {
      if (text.includes('is waiting for approval')) void site.controller.run(['abort', 'last']);
    },
  });
  expect(stdout).not.toContain('is waiting for approval');
  expect(stdout).not.toContain('soaks until');
  expect(exitCode, stdout + stderr).toBe(0);
  for (const host of ['a-m1', 'b-m1']) expect(stdout).toMatch(new RegExp(`${host} : ok=[12] `));
  expect(existsSync(join(site.controller.directory, 'called'))).toBe(false);
});

test('a wave in which a failed look leads to a change waits for its approval, as its plan says', async () => {
  site.fleet({ a: 'wave: canary', b: '' });
  const body = RESCUE.replace('assert: { that: "true" }', 'command: "false", changed_when: false');
  play('{ waves: [{ name: canary }, { name: rest, approval: manual }] }', body);
  const { stdout: planned } = await plan();
  let told = '';
  const { exitCode } = await site.run([], {
    onOutput: (text) => {
      told += text;
      if (text.includes('is waiting for approval')) {
        expect(site.marked('a', 'b')).toEqual(['a']);
        void site.controller.run(['approve', 'last', 'rest']);
      }
    },
  });
  expect(told).toContain('wave rest is waiting for approval');
  expect(exitCode, told).toBe(0);
  expect(site.marked('a', 'b')).toEqual(['a', 'b']);
  expect(planned).toMatch(/wave rest: b; when it is approved/);
});

test('a rollout that changes something only behind a failure asks nobody, as one with nothing to do', async () => {
  site.fleet({ a: '', b: '' });
  play('{ waves: [{ name: canary, clusters: a }, { name: rest, approval: manual }] }', RESCUE);
  const { exitCode, stdout, stderr } = await site.run(['--confirm'], { types: [] });
  expect(exitCode, stdout + stderr).toBe(0);
  expect(stdout).not.toContain('is waiting for approval');
  expect(site.marked('a', 'b')).toEqual([]);
  expect((await plan('--detailed-exitcode')).exitCode).toBe(0);
});

test('what only a failure changes needs a window: outside of it nobody is asked to approve what will be refused', async () => {
  site.fleet({ a: `wave: canary, ${SATURDAY}`, b: '' });
  const looks = RESCUE.replace('assert: { that: "true" }', 'command: id, changed_when: false');
  play('{ waves: [{ name: canary, approval: manual }, { name: rest }] }', looks);
  const { exitCode, stdout } = await site.run([], {
    ...FRIDAY,
    onOutput: (text) => {
      if (text.includes('is waiting for approval')) void site.controller.run(['approve', 'last', 'canary']);
    },
  });
  expect(stdout).toContain('refused: cluster a (a-m1): outside its windows');
  expect(exitCode).toBe(3);
  expect(stdout).not.toContain('is waiting for approval');
  expect(stdout).not.toContain('cluster a: started');
});

/** What a failed task alone leads to, which would change something: other tasks, or other work of the same. */
const BEHIND_FAILURE: readonly (readonly [string, string])[] = [
  ['a rescue', `{ block: [${LOOK}], rescue: [{ copy: { content: x, dest: /tmp/mark } }] }`],
  [
    'an always',
    `{ block: [${LOOK}, { set_fact: { done: true } }], always: [{ copy: { content: x, dest: /tmp/mark }, when: done is undefined }] }`,
  ],
];

describe.each([
  ['of a play', ''],
  ['of a rollout', '  rollout: { waves: [{ name: canary, clusters: a }, { name: rest }] }\n'],
])('the plan %s says of a cluster outside its windows what becomes of it in a run', (_what, rollout) => {
  const playOf = (tasks: string): string =>
    site.controller.file('play.yml', `- name: Look\n  hosts: all\n${rollout}  tasks: [${tasks}]\n`);

  test.each([
    ...LOOKS.map(([what, tasks]) => [what, tasks, false] as const),
    ...BEHIND_FAILURE.map(([what, tasks]) => [what, tasks, true] as const),
  ])('with %s', async (_which, tasks, isRefused) => {
    site.fleet({ a: SATURDAY, b: '' });
    playOf(tasks);
    const { stdout, exitCode } = await plan('--detailed-exitcode');
    const { stdout: told, exitCode: code } = await site.run([], FRIDAY);
    expect(told.includes('refused: cluster a (a-m1): outside its windows'), told).toBe(isRefused);
    expect(code).toBe(isRefused ? 3 : 0);
    // Nothing is to be done as things are.
    expect(exitCode).toBe(0);
    expect(/^1 +a .* {2}outside its windows; it may start Sat 2026-11-28 01:00 UTC$/m.test(stdout), stdout).toBe(
      isRefused,
    );
    expect(/^Next: to wait for the next window, which opens 2026-11-28 01:00 UTC: kplay run/m.test(stdout)).toBe(
      isRefused,
    );
    expect(stdout.includes('2 unchanged (2 unless a task fails)')).toBe(isRefused);
    const { stdout: shown } = await site.run(['--window', 'skip'], FRIDAY);
    expect(/^1 +a .* nothing unless a task fails +skipped; outside its windows/m.test(shown), shown).toBe(isRefused);
  });
});

test.each(BEHIND_FAILURE)('and says so of one cluster: with %s', async (_which, tasks) => {
  site.fleet({ a: SATURDAY });
  site.controller.file('play.yml', `- name: Look\n  hosts: all\n  tasks: [${tasks}]\n`);
  const { stdout } = await plan();
  expect(stdout).toContain('0 hosts to change, 1 unchanged (1 unless a task fails), 0 refused.');
  expect(stdout).toContain('Next: to wait for the next window, which opens 2026-11-28 01:00 UTC: kplay run');
});
