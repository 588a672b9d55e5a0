import { describe, expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { playWith } from './support/play-files.ts';
import { apply, plan } from './support/workshop.ts';

const said = (host: FakeHost): readonly string[] => host.log.filter((message) => message.startsWith('say '));

describe('break_when', () => {
  const LOOP = `- hosts: all
  tasks:
    - shell: "{{ item }}"
      loop: [x, y, z]
      loop_control: { break_when: CONDITION }
      register: made
    - set: { key: seen, value: "n{{ made.results | length }}" }
`;
  const ending = (condition: string): string => LOOP.replace('CONDITION', condition);

  it('ends the loop behind the entry whose result it is, which only the run tells', async () => {
    const play = ending(`"made.out == 'y'"`);
    const shown = (await plan(play, [new FakeHost('a')])).result.plans[0]?.hosts[0]?.tasks ?? [];
    expect(shown[0]).toMatchObject({ action: 'change', changes: [{ target: 'x' }, { target: 'y' }, { target: 'z' }] });
    expect(shown[1]).toMatchObject({ action: 'unknown' });
    const host = new FakeHost('a');
    const { result } = await apply(play, [host]);
    expect(said(host)).toEqual(['say x', 'say y']);
    expect(host.slots.get('seen')).toBe('n2');
    expect(result).toMatchObject({ failed: [], refused: [] });
  });

  it('is foreseen where it depends on the entry alone', async () => {
    const shown = (await plan(ending(`"item == 'y'"`), [new FakeHost('a')])).result.plans[0]?.hosts[0]?.tasks[0];
    expect(shown).toMatchObject({ action: 'change', changes: [{ target: 'x' }, { target: 'y' }] });
    expect(shown).not.toMatchObject({ changes: [{}, {}, {}] });
  });

  it('lets the loop come to its end where it never holds, after failures too', async () => {
    const host = new FakeHost('a').break(/^say x/, 'fails');
    const { result } = await apply(
      ending('made is succeeded').replace('register', 'ignore_errors: true\n      register'),
      [host],
    );
    expect(said(host)).toEqual(['say x', 'say y']);
    expect(result.failed).toEqual([]);
    const other = new FakeHost('b');
    await apply(ending("made.out == 'never'"), [other]);
    expect(said(other)).toHaveLength(3);
  });

  it('ends a loop that only remembers, and leaves open what it remembers where only the run tells', async () => {
    const play = (condition: string): string => `- hosts: all
  tasks:
    - shell: y
      register: asked
    - remember: { last: "{{ item }}" }
      loop: [x, y, z]
      loop_control: { break_when: "${condition}" }
    - set: { key: seen, value: "{{ last }}" }
`;
    const host = new FakeHost('a');
    await apply(play("item == 'y'"), [host]);
    expect(host.slots.get('seen')).toBe('y');
    const third = new FakeHost('c');
    await apply(play("last == 'y'"), [third]);
    expect(third.slots.get('seen')).toBe('y');
    const shown = (await plan(play('item == asked.out'), [new FakeHost('b')])).result.plans[0]?.hosts[0]?.tasks ?? [];
    expect(shown.map(({ action }) => action)).toEqual(['change', 'unknown', 'unknown']);
    const other = new FakeHost('b');
    await apply(play('item == asked.out'), [other]);
    expect(other.slots.get('seen')).toBe('y');
  });

  it.each(['changed_when: false', 'failed_when: false', 'changed_when: "kept is changed"'])(
    'sees what an entry comes to with %s',
    async (condition) => {
      const play = `- hosts: all
  tasks:
    - remember: { last: "{{ item }}" }
      loop: [x, y, z]
      loop_control: { break_when: "kept is not changed and item == 'y'" }
      register: kept
      ${condition}
    - set: { key: seen, value: "{{ last }}-{{ kept.results | length }}-{{ kept is changed }}" }
`;
      const host = new FakeHost('a');
      const { result } = await apply(play, [host]);
      expect(result).toMatchObject({ failed: [], refused: [] });
      expect(host.slots.get('seen')).toBe('y-2-False');
    },
  );

  it('is foreseen by what the run tells of others, and is open until then', async () => {
    const play = `- hosts: all
  tasks:
    - shell: y
      register: asked
    - remember: { last: "{{ item }}" }
      loop: [x, y, z]
      loop_control: { break_when: kept is changed }
      register: kept
      changed_when: item == asked.out
    - set: { key: seen, value: "{{ last }}" }
`;
    const shown = (await plan(play, [new FakeHost('a')])).result.plans[0]?.hosts[0]?.tasks ?? [];
    expect(shown.map(({ action }) => action)).toEqual(['change', 'unknown', 'unknown']);
    const host = new FakeHost('a');
    await apply(play, [host]);
    expect(host.slots.get('seen')).toBe('y');
  });

  it('is not for a step that foresees how its host will be', async () => {
    const play = `- hosts: all\n  tasks:\n    - set: { key: "{{ item }}", value: "1" }\n      loop: [a, b]\n      loop_control: { break_when: true }\n`;
    await expect(plan(play, [new FakeHost('a')])).rejects.toThrow(
      'set predicts the state of its host, so its loop cannot have break_when',
    );
  });

  it('fails the host where it has no value', async () => {
    const { result } = await apply(ending('made.nothing == 1'), [new FakeHost('a')]);
    expect(result.failed).toEqual(['a']);
  });
});

describe('what the task of a loop registers', () => {
  const play = (line: string): string => `- hosts: all
  vars: { of_play: "{{ made.out }}" }
  tasks:
    - shell: x
      register: made
    - block:
        - shell: "{{ item }}"
          loop: "{{ [made.out, 'y'] }}"
          register: made
          ${line}
`;

  it.each([
    'when: made is not failed',
    'ignore_errors: "{{ made.out == \'x\' }}"',
    'vars: { before: "{{ made.out }}" }\n          when: before != "x"',
    'vars: { before: "{{ earlier }}", earlier: "{{ made.out | default(1) }}" }\n      delegate_to: "{{ before }}"',
    'when: of_play != "x"',
  ])('cannot decide about its next entries: %s', async (line) => {
    await expect(plan(play(line), [new FakeHost('a')])).rejects.toThrow(
      "an entry of a loop cannot use 'made', which its own task registers",
    );
  });

  it.each([
    'changed_when: made.out == "x"',
    'failed_when: made.out == "z"',
    'loop_control: { break_when: made.out == "x" }',
    'vars: { a: 1 }\n      when: made is defined',
    'loop_control: { loop_var: of_play }\n          vars: { item: z }\n          when: of_play != "z"',
  ])('can decide about the entry itself, and the list may be of an earlier one: %s', async (line) => {
    const { result } = await apply(play(line), [new FakeHost('a')]);
    expect(result).toMatchObject({ failed: [], refused: [] });
  });
});

describe('a condition of a block that reads what the task of a loop in it registers', () => {
  const play = (condition: string, more = ''): string => `- hosts: all
  tasks:
    - shell: x
      register: made
    - when: ${condition}
      block:
        - shell: "{{ item }}"
          loop: [x, y, z]
          register: made
          ${more}
    - set: { key: seen, value: "{{ made.results | length }}-{{ made.results | selectattr('skipped', 'defined') | list | length }}" }
`;

  it('holds for all entries while it holds with the result of each', async () => {
    const host = new FakeHost('a');
    const { result } = await apply(play('made is succeeded'), [host]);
    expect(said(host)).toEqual(['say x', 'say x', 'say y', 'say z']);
    expect(result).toMatchObject({ failed: [], refused: [] });
  });

  it('holds for the file of an include', async () => {
    const host = new FakeHost('a');
    const first = '- hosts: all\n  tasks:\n    - shell: x\n      register: made\n';
    const { result } = await apply(
      playWith({
        'play.yml': `${first}    - { when: made.out == 'x', block: [{ include_tasks: '{{ made.out }}.yml' }] }\n`,
        'x.yml': '- { shell: "{{ item }}", loop: [x, x], register: made }\n',
      }),
      [host],
    );
    expect(said(host)).toEqual(['say x', 'say x', 'say x']);
    expect(result).toMatchObject({ failed: [], refused: [] });
  });

  it.each(['made is succeeded', "made.out == 'x'"])('skips what follows a failed entry: %s', async (condition) => {
    const host = new FakeHost('a').break(/^say y/, 'fails');
    await apply(play(condition.replace("== 'x'", "in ['x', 'y']"), 'ignore_errors: true'), [host]);
    expect(said(host)).toEqual(['say x', 'say x', 'say y']);
    expect(host.slots.get('seen')).toBe('3-1');
  });

  it('is named by the entries that are skipped because of it, not another one that holds', async () => {
    const host = new FakeHost('a').break(/^say y/, 'fails');
    const conditions = '[made is defined, made is succeeded, made is not skipped]';
    const { result } = await apply(play(conditions, 'ignore_errors: true'), [host]);
    const made = result.registered.get('a')?.get('made');
    expect(made).toMatchObject({ results: [{}, {}, { skipped: true, skip_reason: 'not when made is succeeded' }] });
  });

  it('skips what follows where it does not hold for a skipped entry either', async () => {
    const host = new FakeHost('a');
    await apply(play(`made.out | default('none') == 'x'`), [host]);
    expect(said(host)).toEqual(['say x', 'say x', 'say y']);
    expect(host.slots.get('seen')).toBe('3-1');
  });

  it('fails the host where it no longer holds although no entry has failed', async () => {
    const host = new FakeHost('a');
    const { result, events } = await apply(play("made.out == 'x'"), [host]);
    expect(said(host)).toEqual(['say x', 'say x', 'say y']);
    expect(result.failed).toEqual(['a']);
    expect(JSON.stringify(events)).toContain(
      'this condition no longer holds with what an entry of the loop has registered',
    );
  });

  it.each(['made.out == item', 'made is succeeded'])(
    'is refused beside the entry or break_when: %s',
    async (condition) => {
      const more = condition.includes('item') ? '' : 'loop_control: { break_when: made.out == "y" }';
      await expect(plan(play(condition, more), [new FakeHost('a')])).rejects.toThrow(
        "an entry of a loop cannot use 'made', which its own task registers",
      );
    },
  );
});

describe('what takes precedence over a variable that reads what the task of a loop registers', () => {
  const TASKS = '- shell: "{{ note }} {{ item }}"\n  loop: [x, y]\n  register: made\n';

  it('is -e', async () => {
    const play = playWith({
      'play.yml': '- hosts: all\n  vars: { note: "{{ made.out }}" }\n  tasks: [import_tasks: tasks.yml]\n',
      'tasks.yml': TASKS,
    });
    const host = new FakeHost('a');
    await apply(play, [host], { extra: { note: 'given' } });
    expect(said(host)).toEqual(["say 'given x'", "say 'given y'"]);
  });

  it('may be anything for the default of a role', async () => {
    const play = playWith({
      'play.yml': '- hosts: all\n  tasks:\n    - remember: { note: given }\n    - import_role: { name: web }\n',
      'roles/web/defaults/main.yml': 'note: "{{ made.out }}"\n',
      'roles/web/tasks/main.yml': TASKS,
    });
    const host = new FakeHost('a');
    await apply(play, [host]);
    expect(said(host)).toEqual(["say 'given x'", "say 'given y'"]);
  });
});

describe('pause', () => {
  const PLAY = `- hosts: all
  tasks:
    - shell: "{{ item }}"
      loop: [x, y, z]
      loop_control: { pause: PAUSE }
`;

  it.each(['2.5', '"{{ 2.5 }}"', '"{{ \'2.5\' }}"'])(
    'is waited between two entries, not before the first: %s',
    async (pause) => {
      const { events } = await apply(PLAY.replace('PAUSE', pause), [new FakeHost('a')]);
      const finished = events.find((event) => event.type === 'task-finished');
      expect(finished).toMatchObject({ outcome: 'changed', elapsedMs: 5_000 });
    },
  );

  it('is a number of seconds', async () => {
    const { result, events } = await apply(PLAY.replace('PAUSE', '"{{ \'soon\' }}"'), [new FakeHost('a')]);
    expect([...result.refused, ...result.failed]).toEqual(['a']);
    expect(JSON.stringify(events)).toContain('pause must be a number of seconds');
  });

  it('has no effect on includes, and is refused there', async () => {
    const play = `- hosts: all\n  tasks:\n    - include_tasks: "{{ item }}"\n      loop: [x.yml]\n      loop_control: { pause: 1 }\n`;
    await expect(plan(play, [new FakeHost('a')])).rejects.toThrow(
      'pause of loop_control has no effect on include_tasks',
    );
  });
});

describe('settings that are templates', () => {
  it('are those of each host', async () => {
    const play = `- hosts: all
  check_mode: "{{ inventory_hostname == 'a' }}"
  tasks:
    - set: { key: x, value: "1" }
    - set: { key: y, value: "1" }
      check_mode: "{{ nothing | default(omit) }}"
    - set: { key: z, value: "1" }
      check_mode: "{{ 'no' }}"
`;
    const [one, other] = [new FakeHost('a'), new FakeHost('b')];
    await apply(play, [one, other]);
    expect(one.changes).toEqual(['set z 1']);
    expect(other.changes).toEqual(['set x 1', 'set y 1', 'set z 1']);
  });

  it('say in the plan of which host the diff is shown', async () => {
    const play = `- hosts: all\n  tasks:\n    - set: { key: x, value: "1" }\n      diff: "{{ inventory_hostname == 'a' }}"\n`;
    const { result } = await plan(play, [new FakeHost('a'), new FakeHost('b')]);
    expect(result.plans[0]?.hosts.map(({ tasks }) => tasks[0]?.diff)).toEqual([true, false]);
  });

  it.each([
    ["item != 'y'", false],
    ["item != 'x'", false],
    ['true', true],
    ["item == 'w'", undefined],
    ["omit if item == 'x' else true", undefined],
    ["item != 'z'", true],
  ])('show the diffs of a loop only where they do for each entry that changes something: %s', async (diff, shown) => {
    const host = new FakeHost('a');
    host.slots.set('z', '1');
    const play = `- hosts: all
  tasks:
    - set: { key: "{{ item }}", value: "1" }
      loop: LOOP
      diff: "{{ ${diff} }}"
`;
    const loop = diff === "item == 'w'" ? '[z]' : '[z, x, y]';
    const { result } = await plan(play.replace('LOOP', loop), [host]);
    expect(result.plans[0]?.hosts[0]?.tasks[0]?.diff).toBe(shown);
  });

  it('say how many hosts go at a time', async () => {
    const sent: string[] = [];
    const hosts = ['a', 'b'].map((name) => {
      const host = new FakeHost(name);
      host.onMessage = (message) => /^(look|set)/.test(message) && sent.push(`${name} ${message}`);
      return host;
    });
    const play = `- hosts: all\n  vars: { few: 1 }\n  throttle: "{{ few }}"\n  tasks:\n    - set: { key: x, value: "1" }\n`;
    await apply(play, hosts);
    const work = sent.slice(sent.findIndex((message) => message.includes(' set ')));
    expect(work.map((message) => message[0])).toEqual(['a', 'a', 'b', 'b']);
  });

  it.each([
    ['throttle: "{{ \'many\' }}"', 'throttle must be a whole number from 0 on'],
    ['check_mode: "{{ \'perhaps\' }}"', 'check_mode must be true or false'],
    ['diff: "{{ 5 }}"', 'diff must be true or false'],
    ['notify: "{{ \'Nobody\' }}"', "there is no handler 'Nobody'"],
  ])('are refused where they are none: %s', async (line, message) => {
    const play = `- hosts: all\n  tasks:\n    - set: { key: x, value: "1" }\n      ${line}\n`;
    const { result, events } = await apply(play, [new FakeHost('a')]);
    expect(result.refused).toEqual(['a']);
    expect(JSON.stringify(events)).toContain(message);
  });
});

describe('notify as a template', () => {
  const handler = (name: string): string =>
    `    - name: ${name}\n      set: { key: ${name.toLowerCase()}, value: "1" }\n`;
  const HANDLERS = `  handlers:\n${['First', 'Second', 'Third'].map(handler).join('')}`;

  it('notifies what each host, and each entry of a loop, says', async () => {
    const play = `- hosts: all
  tasks:
    - set: { key: x, value: "1" }
      notify: "{{ 'First' if inventory_hostname == 'a' else 'Second' }}"
    - set: { key: y, value: "1" }
      notify: "{{ ['Third'] if inventory_hostname == 'a' else [] }}"
${HANDLERS}`;
    const hosts = () => [new FakeHost('a'), new FakeHost('b')];
    const shown = (await plan(play, hosts())).result.plans[0]?.hosts ?? [];
    expect(shown.map(({ tasks }) => tasks.slice(2).map(({ path }) => path))).toEqual([
      ['tasks.flush.0', 'tasks.flush.2'],
      ['tasks.flush.1'],
    ]);
    const [one, other] = hosts();
    const { result } = await apply(play, [one ?? new FakeHost('a'), other ?? new FakeHost('b')]);
    expect(one?.changes.slice(2)).toEqual(['set first 1', 'set third 1']);
    expect(other?.changes.slice(2)).toEqual(['set second 1']);
    expect(result.refused).toEqual([]);
  });

  it.each(['nothing | default(omit)', "[nothing | default(omit), 'Second']"])(
    'notifies nothing by what is omitted: %s',
    async (template) => {
      const play = `- hosts: all\n  tasks:\n    - set: { key: x, value: "1" }\n      notify: "{{ ${template} }}"\n${HANDLERS}`;
      const host = new FakeHost('a');
      const { result } = await apply(play, [host]);
      expect(result).toMatchObject({ refused: [], failed: [] });
      expect(host.changes).toEqual(['set x 1', ...(template.includes('Second') ? ['set second 1'] : [])]);
    },
  );

  it('may be any handler in a plan where only the run tells which', async () => {
    const play = `- hosts: all
  tasks:
    - shell: First
      register: asked
    - set: { key: x, value: "1" }
      notify: "{{ asked.out }}"
${HANDLERS}`;
    const { events, result } = await plan(play, [new FakeHost('a')]);
    const own = result.plans[0]?.hosts[0]?.tasks ?? [];
    expect(own.slice(2).map(({ condition }) => condition)).toEqual(Array(3).fill("only if 'set' changes something"));
    expect(lines(events, 'play-planned')).toHaveLength(1);
    const host = new FakeHost('a');
    await apply(play, [host]);
    expect(host.changes.slice(1)).toEqual(['set x 1', 'set first 1']);
  });
});
