import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import { formatPosition, SourceFile } from '../../src/core/source.ts';
import { checkTemplates } from '../../src/engine/plan/check-templates.ts';
import { compilePlaybook, hostCompiler } from '../../src/engine/program/compile.ts';
import type { Surroundings } from '../../src/engine/program/place.ts';
import { ALL_TAGS } from '../../src/engine/program/tags.ts';
import { VariableFiles } from '../../src/engine/program/variable-files.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { readPlaybook } from '../../src/playbook/load.ts';
import { createParameterChecker } from '../../src/playbook/parameters/parameter-checker.ts';
import { registry } from '../../src/steps/registry.ts';
import { fc } from '../support/random-cases.ts';
import { checkEachHost } from './support/check-each-host.ts';

const CATALOGUE = { steps: registry.steps, strategies: new Set(registry.strategies.keys()) };
const checker = await createParameterChecker(CATALOGUE);
const NOW = new Date('2026-11-24T15:12:44Z');

interface Files {
  readonly inventory: string;
  readonly playbook: string;
}

/** What is said of the templates of a playbook: by the quick way, and by planning every host. */
function saidOf({ inventory, playbook }: Files): {
  readonly quick: readonly string[];
  readonly full: readonly string[];
} {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-templates-'));
  try {
    const path = join(directory, 'hosts.yml');
    writeFileSync(path, inventory);
    for (const name of ['x', 'y']) writeFileSync(join(directory, `${name}.yml`), INCLUDED);
    const problems = new Problems();
    const loaded = loadInventory([path], problems);
    const read = readPlaybook(new SourceFile(join(directory, 'play.yml'), playbook), CATALOGUE, problems);
    problems.throwIfErrors();
    if (!loaded || !read) throw new Error('nothing to check');
    const said = (check: typeof checkTemplates): readonly string[] => {
      const compileHost = hostCompiler(problems);
      const compiling = { playbook: read, inventory: loaded, registry, limit: undefined, tags: ALL_TAGS, compileHost };
      const plays = compilePlaybook(compiling, problems);
      problems.throwIfErrors();
      const groups = Object.fromEntries([...loaded.groups].map(([name, { hosts }]) => [name, hosts]));
      const surroundings: Surroundings = {
        extra: new Map(),
        groups,
        hosts: loaded.hosts,
        variableFiles: new VariableFiles(),
        localhosts: loaded.localhosts,
        compileHost,
        tags: ALL_TAGS,
        complete: (step, params) => {
          const completion = checker.complete(step, params);
          if (completion.kind === 'complete') return { params: completion.params };
          return { problems: completion.problems.map(({ message }) => ({ message, parameter: '' })) };
        },
      };
      const found = new Problems();
      check(plays, surroundings, NOW, found);
      return found.all.map(({ message, range }) => `${range ? formatPosition(range) : ''} ${message}`).sort();
    };
    return { quick: said(checkTemplates), full: said(checkEachHost) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const INCLUDED = JSON.stringify([
  { command: { cmd: '{{ b }}' }, register: 'of_file' },
  { debug: { msg: '{{ c | length }} {{ a }}' } },
]);

const TEXTS = [
  'a text',
  '{{ a }}',
  '{{ b }}',
  '{{ a.key }}',
  '{{ c | default(b) }}',
  'of {{ inventory_hostname }}: {{ b }} {{ word }}',
  '{{ inventory_hostname | int + a }}',
  "{{ hostvars['h0'].a.key }}",
  "{{ hostvars['h0'].fact | default('none') }}",
  "{{ groups['all'] | length }} {{ group_names | join(' ') }}",
  '{{ r }}',
  '{{ r.msg }}',
  '{{ r.skipped | int + 1 }}',
  '{{ fact }}',
  '{{ fact | int }}',
  '{{ vars.a }}',
  '{{ ansible_play_hosts | length }}',
  '{{ ansible_play_hosts[2] }}',
];
const CONDITIONS = [
  'true',
  "a == 'x'",
  'b is defined',
  'fact is defined',
  "inventory_hostname == 'h3'",
  "'left' in group_names",
  'c | length > 1',
  'r is skipped',
  'inventory_hostname == ansible_play_hosts[0]',
  "groups['left'][0] == inventory_hostname",
  "inventory_hostname in groups['left']",
  "inventory_hostname not in groups['right']",
  "inventory_hostname in ['h1', 'h2'] and b != 'x'",
  "word in ['one', 'x', 7]",
  'a == b',
  'b not in c',
  "fact != 'x'",
  "(a == 'x') == (b == 'y')",
  "word == 'one' or a.key == 'k'",
];
const VALUES = ['x', 'y', 3, 'two words', { key: 'k' }, '{{ b }}', 'on {{ inventory_hostname }}', '{{ missing }}'];

const text = fc.constantFrom(...TEXTS);
const when = fc.constantFrom(...CONDITIONS);
const host = fc.record(
  {
    a: fc.constantFrom(...VALUES),
    b: fc.constantFrom(...VALUES.slice(0, 5)),
    c: fc.constantFrom('x', ['y']),
    word: fc.constantFrom('one', 'two-2', 7, 'no/word', null),
  },
  { requiredKeys: [] },
);

const OF_RESULT = /\br\b/;

/** A task and what may stand at it. */
const keywords = fc.record(
  {
    when,
    register: fc.constantFrom('r', 'q'),
    notify: fc.constant('Reload'),
    run_once: fc.constant(true),
    delegate_to: fc.constantFrom('h0', "{{ groups['all'] | last }}", '{{ b }}'),
    changed_when: fc.constantFrom<unknown>(false, 'r.rc is defined'),
    ignore_errors: fc.constant(true),
  },
  { requiredKeys: [] },
);
const action = fc.oneof(
  text.map((cmd) => ({ command: { cmd } })),
  text.map((cmd) => ({ command: { cmd, creates: `/tmp/${cmd}` } })),
  text.map((msg) => ({ debug: { msg } })),
  text.map((fact) => ({ set_fact: { fact } })),
  when.map((that) => ({ assert: { that } })),
  text.map((content) => ({ copy: { content, dest: '/etc/{{ inventory_hostname }}' } })),
  text.map((cmd) => ({ command: { cmd: `{{ item }} ${cmd}` }, loop: '{{ c }}' })),
);
const task = fc.tuple(action, keywords).map(([own, others]) => {
  // A task that is copied foresees its host, and a loop in a fact has no end that is known.
  const { delegate_to, changed_when, ...rest } = others;
  // No entry of a loop may use what its own task registers.
  const usesOwn = 'loop' in own && OF_RESULT.test(JSON.stringify([own, rest.when]));
  return {
    ...own,
    ...rest,
    ...(usesOwn && rest.register !== undefined && { register: 'q' }),
    ...('copy' in own || delegate_to === undefined ? {} : { delegate_to }),
    ...('command' in own && changed_when !== undefined ? { changed_when } : {}),
  };
});
const node = fc.oneof(
  { weight: 6, arbitrary: task },
  {
    weight: 1,
    arbitrary: fc.tuple(task, task, when).map(([one, two, only]) => ({
      block: [one],
      rescue: [two],
      ...(('loop' in one || 'loop' in two) && OF_RESULT.test(only) ? {} : { when: only }),
    })),
  },
  { weight: 1, arbitrary: fc.tuple(task, task).map(([one, two]) => ({ block: [one], always: [two] })) },
  { weight: 1, arbitrary: when.map((only) => ({ include_tasks: 'x.yml', when: only })) },
  { weight: 1, arbitrary: when.map((only) => ({ include_tasks: "{{ 'x' if a == 'x' else 'y' }}.yml", when: only })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('end_host', 'flush_handlers', 'end_play'), when)
      .map(([meta, only]) => ({ meta, when: only })),
  },
);
const play = fc.record({
  hosts: fc.constantFrom('all', 'all', 'left', 'right'),
  tasks: fc.array(node, { minLength: 1, maxLength: 5 }),
  handlers: text.map((msg) => [{ name: 'Reload', debug: { msg } }]),
});
const fleet = fc.record({
  hosts: fc.array(host, { minLength: 2, maxLength: 7 }),
  shared: host,
  left: host,
  odd: fc.boolean(),
});

function inventoryOf({ hosts, shared, left, odd }: typeof fleet extends fc.Arbitrary<infer T> ? T : never): unknown {
  const members = hosts.map((vars, at) => [odd && at === 4 ? `h ${at}`.replace(' ', '_x-') : `h${at}`, vars] as const);
  const part = (from: number) => ({ hosts: Object.fromEntries(members.filter((_, at) => at % 2 === from)) });
  return { all: { vars: shared, children: { left: { ...part(0), vars: left }, right: part(1) } } };
}

test('finds what planning every host finds', () => {
  let wrong = 0;
  let right = 0;
  const cases = Number(process.env['KPLAY_CASES'] ?? 300);
  fc.assert(
    fc.property(fleet, fc.array(play, { minLength: 1, maxLength: 2 }), (hosts, plays) => {
      const { quick, full } = saidOf({
        inventory: JSON.stringify(inventoryOf(hosts)),
        playbook: JSON.stringify(plays),
      });
      if (full.length > 0) wrong += 1;
      else right += 1;
      expect(quick).toEqual(full);
    }),
    { numRuns: cases },
  );
  expect(wrong).toBeGreaterThan(20);
  expect(right).toBeGreaterThan(20);
});

/** Each is right for the first host, and wrong for another one. */
const WRONG_FOR_ANOTHER: Readonly<Record<string, readonly unknown[]>> = {
  'a value': [{ debug: { msg: '{{ b | int }}' } }],
  'a kind': [{ command: { cmd: 'run {{ word }}' } }],
  'a name, made use of': [{ debug: { msg: '{{ inventory_hostname[1:] | int }}' } }],
  'what debug has registered': [{ debug: { msg: '{{ b }}' }, register: 'r' }, { debug: { msg: '{{ r.msg | int }}' } }],
  'a name among others': [{ debug: { msg: '{{ c.d }}' }, when: "inventory_hostname in ['h1', 'h-x']" }],
  'a text that is not another': [{ debug: { msg: '{{ b | int }}' }, when: "word != 'one'" }],
  'a name, after what it is compared with': [{ debug: { msg: '{{ c.d }}' }, when: "'h1' != inventory_hostname" }],
  'a fact that is compared': [
    { set_fact: { fact: '{{ b }}' } },
    { debug: { msg: '{{ b | int }}' }, when: "fact in ['x', 'y']" },
  ],
  'a fact': [{ set_fact: { fact: '{{ b }}' } }, { debug: { msg: '{{ fact | int }}' } }],
  'a fact that is set again for some': [
    { set_fact: { fact: 1 } },
    { set_fact: { fact: '{{ b }}' }, when: "b != '7'" },
    { debug: { msg: '{{ fact | int }}' } },
  ],
  'a fact of another host': [{ set_fact: { fact: '{{ b }}' } }, { debug: { msg: '{{ hostvars.h1.fact | int }}' } }],
  'a fact in another play': [{ set_fact: { fact: '{{ b }}' } }, 'next play', { debug: { msg: '{{ fact | int }}' } }],
  'what was skipped': [{ debug: {}, register: 'r', when: "b != 'x'" }, { debug: { msg: '{{ r.msg | length }}' } }],
  'an include': [{ include_tasks: "{{ 'x' if b == 'x' else 'none' }}.yml", when: "b == 'x'" }],
  'a handler': [{ command: { cmd: 'true' }, notify: 'Reload', when: "b == 'x'" }],
  'hosts that have failed': [
    {
      block: [{ assert: { that: ["b != '7'"] } }],
      always: [{ debug: { msg: '{{ ansible_play_hosts[1] }}' } }],
    },
  ],
  'where only some come': [{ meta: 'end_host', when: "b == '7'" }, { debug: { msg: '{{ c.d }}' } }],
};

test.each(Object.entries(WRONG_FOR_ANOTHER))('finds what is wrong for another host: %s', (_, nodes) => {
  const at = nodes.indexOf('next play');
  const parts = at < 0 ? [nodes] : [nodes.slice(0, at), nodes.slice(at + 1)];
  const handlers = [{ name: 'Reload', debug: { msg: '{{ b | int }}' } }];
  const hosts = { h0: { b: '7', word: 'one' }, h1: { b: 'x', word: null, c: 1 }, 'h-x': { b: '7', word: 'one', c: 1 } };
  const { quick, full } = saidOf({
    inventory: JSON.stringify({ all: { hosts } }),
    playbook: JSON.stringify(parts.map((tasks) => ({ hosts: 'all', tasks, handlers }))),
  });
  expect(full).not.toEqual([]);
  expect(quick).toEqual(full);
});

test('finds nothing wrong with a condition that only another host would have no value for, if it had to judge it', () => {
  const { quick, full } = saidOf({
    inventory: JSON.stringify({ all: { hosts: { h0: { b: 1 }, h1: {}, h2: {} } } }),
    playbook: JSON.stringify([{ hosts: 'all', tasks: [{ meta: 'end_play', when: 'b == 1' }, { debug: {} }] }]),
  });
  expect([quick, full]).toEqual([[], []]);
});

const PAST_ENDS: Readonly<Record<string, readonly unknown[]>> = {
  'of a play that the first host ends': [{ meta: 'end_play', when: 'b == 1' }],
  'of a batch that the first host ends': [{ meta: 'end_batch', when: 'b == 1' }],
  'of the host in a block with a rescue': [
    { block: [{ meta: 'end_host', when: 'c is not defined' }, { debug: { msg: '{{ c }}' } }], rescue: [{ debug: {} }] },
  ],
};

test.each(Object.entries(PAST_ENDS))(
  'finds nothing wrong with what has no value only past the end %s, to which only a failure leads',
  (_, ends) => {
    const tasks = [
      { command: 'true', register: 'made' },
      ...ends,
      { debug: { msg: '{{ c }}' } },
      { debug: {}, changed_when: 'true', notify: 'Reload' },
      { include_tasks: 'x.yml', when: 'c' },
      { include_tasks: '{{ c }}.yml' },
      { meta: 'end_host', when: 'c' },
    ];
    const handlers = [{ name: 'Reload', debug: { msg: '{{ c }}' } }];
    const { quick, full } = saidOf({
      inventory: JSON.stringify({ all: { hosts: { h0: { b: 1 }, h1: { b: 2 }, h2: { b: 2 } } } }),
      playbook: JSON.stringify([{ hosts: 'all', tasks, handlers }]),
    });
    expect([quick, full]).toEqual([[], []]);
  },
);

test('finds what is wrong for another host where an earlier play may have set any variable of the first one', () => {
  const named = (when: string) => ({ include_tasks: "{{ 'x' if a == 'x' else 'y' }}.yml", when });
  const { quick, full } = saidOf({
    inventory: JSON.stringify({
      all: {
        hosts: { h1: {}, h0: { a: '{{ missing }}' } },
        children: { left: { hosts: { h0: { a: '{{ missing }}' }, h2: {} }, vars: { a: '{{ missing }}' } } },
      },
    }),
    playbook: JSON.stringify([
      { hosts: 'left', tasks: [named('inventory_hostname == ansible_play_hosts[0]')] },
      { hosts: 'left', tasks: [named('true')] },
    ]),
  });
  expect(full.length).toBeGreaterThan(1);
  expect(quick).toEqual(full);
});
