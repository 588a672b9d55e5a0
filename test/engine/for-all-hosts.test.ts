import { describe, expect, it } from 'vitest';
import { FakeHost } from './support/fake-fleet.ts';
import { apply, plan } from './support/workshop.ts';

const set = (key: string): string => `set: { key: ${key}, value: "1" }`;
const changes = (...hosts: readonly FakeHost[]): readonly (readonly string[])[] => hosts.map((host) => host.changes);
const failing = (name: string, key: string): FakeHost => new FakeHost(name).break(new RegExp(`^set ${key}`), 'fails');

describe('more failures than the play bears', () => {
  it('halt the others where they are, and whatever is to be done is done on all of them', async () => {
    const [a, b] = [new FakeHost('a'), failing('b', 'x')];
    const { result } = await apply(
      `- hosts: all
  any_errors_fatal: true
  tasks:
    - block:
        - block:
            - ${set('x')}
            - ${set('never')}
          always:
            - ${set('inner')}
        - ${set('never')}
      always:
        - ${set('outer')}
    - ${set('never')}
`,
      [a, b],
    );
    expect(changes(a, b)).toEqual([
      ['set x 1', 'set inner 1', 'set outer 1'],
      ['set x 1', 'set inner 1', 'set outer 1'],
    ]);
    expect(result.failed).toEqual(['b']);
    expect(result.hosts.find(({ host }) => host === 'a')).toMatchObject({ failed: 0 });
  });

  it('halt them under force_handlers, too: handlers run on all, and no play follows', async () => {
    const [a, b] = [new FakeHost('a'), failing('b', 'x')];
    await apply(
      `- hosts: all
  any_errors_fatal: true
  force_handlers: true
  tasks:
    - { ${set('first')}, notify: h }
    - ${set('x')}
    - ${set('never')}
  handlers:
    - { name: h, ${set('handled')} }
- hosts: a
  tasks:
    - ${set('never')}
`,
      [a, b],
    );
    expect(changes(a, b)).toEqual([
      ['set first 1', 'set x 1', 'set handled 1'],
      ['set first 1', 'set x 1', 'set handled 1'],
    ]);
  });
});

describe('a play of which no host came through', () => {
  const two = (more = '') => `- hosts: a
  tasks:
    - block:
        - ${set('x')}
${more}- hosts: b
  tasks:
    - ${set('y')}
`;

  it('ends the run', async () => {
    const [a, b] = [failing('a', 'x'), new FakeHost('b')];
    await apply(two(), [a, b]);
    expect(changes(b)).toEqual([[]]);
  });

  it('ends the plan as well, where that is known', async () => {
    const { result } = await plan(two(), [new FakeHost('a').break(/^open/, 'lost-before'), new FakeHost('b')]);
    expect(result.plans.map(({ play }) => play)).toEqual(['a']);
  });

  it('ends nothing where its failures were rescued', async () => {
    const [a, b] = [failing('a', 'x'), new FakeHost('b')];
    await apply(two(`      rescue:\n        - ${set('saved')}\n`), [a, b]);
    expect(changes(a, b)).toEqual([['set x 1', 'set saved 1'], ['set y 1']]);
  });
});

describe('what one host does for all', () => {
  it('notifies handlers on that host alone', async () => {
    const [a, b] = [new FakeHost('a'), new FakeHost('b')];
    await apply(
      `- hosts: all
  tasks:
    - { ${set('x')}, run_once: true, notify: h }
  handlers:
    - { name: h, ${set('handled')} }
`,
      [a, b],
    );
    expect(changes(a, b)).toEqual([['set x 1', 'set handled 1'], []]);
  });

  it('is the condition of end_play: that of the first host', async () => {
    const [a, b] = [new FakeHost('a'), new FakeHost('b')];
    await apply(
      `- hosts: all
  tasks:
    - { meta: end_play, when: inventory_hostname == 'b' }
    - ${set('x')}
    - { meta: end_play, when: inventory_hostname == 'a' }
    - ${set('y')}
`,
      [a, b],
    );
    expect(changes(a, b)).toEqual([['set x 1'], ['set x 1']]);
  });
});

it('a handler that stands before the one that notifies it runs where handlers run next', async () => {
  const a = new FakeHost('a');
  await apply(
    `- hosts: all
  tasks:
    - { ${set('x')}, notify: two }
  handlers:
    - { name: one, ${set('first')} }
    - { name: two, ${set('second')}, notify: one }
`,
    [a],
  );
  expect(a.changes).toEqual(['set x 1', 'set second 1', 'set first 1']);
});
