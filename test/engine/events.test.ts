import { describe, expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

const EVERYTHING = `- name: Everything
  hosts: all
  tasks:
    - name: Look
      shell: warm
      changed_when: false
      register: seen
    - name: Tell
      say: "{{ seen.out }} on {{ inventory_hostname }}"
    - name: Colour
      set: { key: colour, value: red }
      register: colour
    - name: Only a
      set: { key: only, value: a }
      when: inventory_hostname == 'a'
    - name: Each
      set: { key: "slot-{{ item }}", value: "{{ item }}" }
      loop: [x, y]
    - name: Shaky
      set: { key: shaky, value: new }
      ignore_errors: true
    - name: Judged
      shell: odd
      failed_when: false
      changed_when: colour is changed
    - name: Staged
      serve: { key: page, value: two }
    - name: Proof
      expect: { key: colour, value: red }
`;

const hosts = (): readonly [FakeHost, FakeHost] => [
  new FakeHost('a', { colour: 'red' }),
  new FakeHost('b', { only: 'b' }).break(/^set shaky/, 'fails'),
];

const LOOKED_AT = [
  "play 'Everything' on a b",
  'a is being connected',
  'b is being connected',
  'a connected',
  'b connected',
  'a is being observed',
  'b is being observed',
  'a observed: 7',
  'b observed: 6',
  `planned linear [["a","b"]]: a ${[
    'change [look warm]',
    "unknown until 'Look'",
    'none',
    'change [update only]',
    'change [update slot-x, update slot-y]',
    'change [update shaky]',
    'change [run odd]',
    'change [update page-drained, update page]',
    'none',
  ].join(', ')}; b ${[
    'change [look warm]',
    "unknown until 'Look'",
    'change [update colour]',
    'skip',
    'change [update slot-x, update slot-y]',
    'change [update shaky]',
    'change [run odd]',
    'change [update page-drained, update page]',
    'none',
  ].join(', ')}`,
];

describe('what a run tells', () => {
  it('is what happens, in its order', async () => {
    expect(lines((await apply(EVERYTHING, hosts())).events)).toEqual([
      ...LOOKED_AT,
      'batch 1/1: a b',
      'Look: started on a b',
      'Look on a: ok, warm',
      'Look on b: ok, warm',
      'Tell: started on a b',
      'Tell on a: ok, warm on a',
      'Tell on b: ok, warm on b',
      'Colour: started on a b',
      'Colour on a: ok, colour is red',
      'Colour on b: changed, update colour [update colour]',
      'Only a: started on a b',
      'Only a on a: changed, update only [update only]',
      "Only a on b: skipped, not when inventory_hostname == 'a'",
      'Each: started on a b',
      'Each on a: changed, 2 changes [update slot-x, update slot-y]',
      'Each on b: changed, 2 changes [update slot-x, update slot-y]',
      'Shaky: started on a b',
      'Shaky on a: changed, update shaky [update shaky]',
      'Shaky on b: ignored, a command on the host ended with 1',
      'Judged: started on a b',
      'Judged on a: ok, run odd',
      'Judged on b: changed, run odd [run odd]',
      'Staged: started on a b',
      'Staged › drain: started on a b',
      'Staged on a: page-drained settles',
      'Staged on b: page-drained settles',
      'Staged › drain: ended',
      'Staged › fill: started on a b',
      'Staged on a: page settles',
      'Staged on b: page settles',
      'Staged › fill: ended',
      'Staged on a: changed, 2 changes [update page-drained, update page]',
      'Staged on b: changed, 2 changes [update page-drained, update page]',
      'Proof: started on a b',
      'Proof on a: ok, colour is red',
      'Proof on b: ok, colour is red',
      "play 'Everything' ended",
    ]);
  });

  it('ends with the plan when it only plans', async () => {
    const { events, journal } = await plan(EVERYTHING, hosts());
    expect(lines(events)).toEqual(LOOKED_AT);
    expect(journal).toEqual([]);
  });

  it('counts for the recap what came of each task', async () => {
    const { result } = await apply(EVERYTHING, hosts());
    const rest = { unreachable: 0, refused: 0, restored: 0, state: 'changed' };
    expect(result.hosts).toMatchObject([
      { host: 'a', ok: 9, changed: 4, skipped: 0, failed: 0, ...rest },
      { host: 'b', ok: 8, changed: 4, skipped: 1, failed: 0, ignored: 1, ...rest },
    ]);
    expect(result.hosts[1]?.changes.map(({ target }) => target)).toEqual([
      'colour',
      'slot-x',
      'slot-y',
      'odd',
      'page-drained',
      'page',
    ]);
  });

  it('stands in the journal before it is begun, and when it is done', async () => {
    const { journal } = await apply('- hosts: all\n  tasks:\n    - serve: { key: page, value: two }\n', [
      new FakeHost('a').break(/^set page two/, 'fails'),
    ]);
    expect(journal).toMatchObject([
      { type: 'run', runId: 'run-1', source: 'all', hosts: ['a'] },
      {
        type: 'intent',
        host: 'a',
        task: 'serve',
        path: 'tasks.0',
        stage: 'drain',
        changes: [{ target: 'page-drained' }],
      },
      { type: 'done', host: 'a', task: 'serve', stage: 'drain' },
      { type: 'intent', host: 'a', task: 'serve', stage: 'fill', changes: [{ target: 'page' }] },
      { type: 'failed', host: 'a', task: 'serve', reason: 'a command on the host ended with 1' },
    ]);
  });
});
