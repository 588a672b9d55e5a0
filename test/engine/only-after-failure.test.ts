import { describe, expect, it } from 'vitest';
import { isToBeConfirmed } from '../../src/core/plan-totals.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { plan } from './support/workshop.ts';

const set = (key: string): string => `set: { key: ${key}, value: "1" }`;

/** Only the run tells whether it changes something. */
const ASK = `- name: Ask
      shell: hello
      changed_when: made.out == 'hello'
      register: made`;

const HANDLERS = `  handlers:
    - name: Reload
      ${set('x')}
`;

/** The paths of what the run decides: without a failure, and behind one. */
async function decidedInRun(play: string): Promise<Readonly<Record<'open' | 'behindFailure', readonly string[]>>> {
  const { result } = await plan(play, [new FakeHost('a')]);
  const uncertain = (result.plans[0]?.hosts[0]?.tasks ?? []).filter(({ condition }) => condition !== undefined);
  return {
    open: uncertain.filter((task) => !task.onlyAfterFailure).map(({ path }) => path),
    behindFailure: uncertain.filter((task) => task.onlyAfterFailure).map(({ path }) => path),
  };
}

describe('what only the run decides', () => {
  it('is told from what only a failure leads to: all that lies in a rescue, and the handlers that it notifies', async () => {
    const play = `- hosts: all
  tasks:
    ${ASK}
    - name: Try
      block:
        - ${set('a')}
      rescue:
        - ${set('b')}
          notify: Reload
        - block:
            - meta: flush_handlers
            - ${set('c')}
              notify: Reload
          when: made.out == 'hello'
${HANDLERS}`;
    const { open, behindFailure } = await decidedInRun(play);
    expect(open).toEqual([]);
    expect(behindFailure).toContain('tasks.1.rescue.0');
    expect(behindFailure.at(-1)).toBe('tasks.flush.0');
  });

  it('is not hidden by a failure that leads to it as well', async () => {
    const play = `- hosts: all
  tasks:
    - name: Try
      block:
        - ${set('a')}
      rescue:
        - ${set('b')}
          notify: Reload
    ${ASK}
      notify: Reload
${HANDLERS}`;
    expect(await decidedInRun(play)).toEqual({ open: ['tasks.flush.0'], behindFailure: ['tasks.0.rescue.0'] });
  });

  it('is kept for a handler that an always may notify, although the block has run it', async () => {
    const play = `- hosts: all
  tasks:
    - name: Try
      block:
        - ${set('a')}
          notify: Reload
        - meta: flush_handlers
      always:
        ${ASK.replaceAll('\n', '\n    ')}
          notify: Reload
${HANDLERS}`;
    expect(await decidedInRun(play)).toEqual({ open: ['tasks.flush.0'], behindFailure: [] });
    const { result } = await plan(play, [new FakeHost('a')]);
    expect(result.plans[0]?.hosts[0]?.tasks.at(-1)).toMatchObject({ condition: "only if 'Ask' changes something" });
  });

  it('is told from handlers that are forced', async () => {
    const play = `- hosts: all
  force_handlers: true
  tasks:
    ${ASK}
      notify: Reload
${HANDLERS}`;
    expect(await decidedInRun(play)).toEqual({ open: ['tasks.flush.0'], behindFailure: ['handlers.0'] });
  });

  it('is told from what lies behind the end of a host, or of the play, that only a failure can skip', async () => {
    const play = (action: string, rescue: string, when = '') => `- hosts: all
  tasks:
    ${ASK}
    - block:
        - meta: ${action}${when}
${rescue}    - ${set('a')}
`;
    const rescue = '      rescue:\n        - say: { msg: caught }\n';
    for (const action of ['end_host', 'end_play', 'end_batch']) {
      const { open, behindFailure } = await decidedInRun(play(action, rescue));
      expect([open, behindFailure.at(-1)]).toEqual([[], 'tasks.2']);
      const uncertain = await decidedInRun(play(action, rescue, "\n          when: made.out == 'hello'"));
      expect(uncertain.open).toEqual(['tasks.2']);
    }
  });
});

it('a play that changes something only behind a failure need not be confirmed, one with a handler has to be', async () => {
  const isDue = async (play: string): Promise<boolean> =>
    isToBeConfirmed((await plan(play, [new FakeHost('a')])).result.plans);
  const rescue = `      rescue:\n        - ${set('b')}\n`;
  const block = '- hosts: all\n  tasks:\n    - block:\n        - assert: { that: "true" }\n';
  expect(await isDue(block + rescue)).toBe(false);
  const judged = `- hosts: all
  tasks:
    - assert: { that: "true" }
      changed_when: made is defined
      register: made
      notify: Reload
${HANDLERS}`;
  expect(await isDue(judged)).toBe(true);
});
