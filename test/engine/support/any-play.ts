import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { SourceFile } from '../../../src/core/source.ts';
import { fc } from '../../support/random-cases.ts';

const KEYS = ['k0', 'k1', 'k2'];
const HANDLERS = ['Reload', 'Restart'];
/** Of the hosts. */
export const NAMES = ['a', 'b', 'c'];

type Slots = Readonly<Record<string, string>>;

/** Hosts of the test's own kind with what is in their slots, and what is to be done with them. */
export interface Case {
  readonly hosts: readonly Slots[];
  readonly playbook: SourceFile;
}

/** A case in which each host goes on its own, and how slow each of them is. */
export interface FreeCase extends Case {
  readonly paces: readonly number[];
  /** The same playbook, with all hosts in step. */
  readonly inStep: SourceFile;
  /** In step, too, each host would do everything in the order in which it does it by itself: none includes for one host more than for another. */
  readonly isOfOneOrder: boolean;
}

const key = fc.constantFrom(...KEYS);
const value = fc.constantFrom('v0', 'v1');
const keyword = fc.oneof(
  { weight: 4, arbitrary: fc.constant<readonly string[]>([]) },
  { weight: 2, arbitrary: fc.constantFrom(...HANDLERS).map((name) => [`notify: ${name}`]) },
  { weight: 1, arbitrary: fc.constantFrom(...NAMES).map((name) => [`when: inventory_hostname == '${name}'`]) },
  { weight: 1, arbitrary: fc.constant<readonly string[]>(["when: (made | default({})).out | default('') == 'x'"]) },
  { weight: 1, arbitrary: fc.constant<readonly string[]>(["when: fact | default('v1') == 'v0'"]) },
);

/** What a task or a block may say, of which a step that goes in stages takes all but `throttle`. */
const policy = fc.oneof(
  { weight: 6, arbitrary: fc.constant<readonly string[]>([]) },
  { weight: 1, arbitrary: fc.constant<readonly string[]>(['check_mode: true']) },
  { weight: 1, arbitrary: fc.constant<readonly string[]>(['check_mode: false']) },
  { weight: 1, arbitrary: fc.boolean().map((isShown) => [`diff: ${isShown}`]) },
);
const throttle = fc
  .option(fc.constantFrom(0, 1, 2), { freq: 4 })
  .map((many) => (many === null ? [] : [`throttle: ${many}`]));

/** Tasks as lines of YAML. */
const task: fc.Arbitrary<readonly string[]> = fc
  .tuple(
    fc.oneof(
      fc.tuple(key, value, throttle).map(([name, text, more]) => [`set: { key: ${name}, value: ${text} }`, ...more]),
      fc
        .tuple(key, value)
        .map(([name, text]) => [`set: { key: ${name} }`, `module_defaults: { set: { value: ${text} } }`]),
      fc.tuple(key, value).map(([name, text]) => [`serve: { key: ${name}, value: ${text} }`]),
      fc.tuple(key, throttle).map(([name, more]) => [`follow_peer: { key: ${name} }`, ...more]),
      key.map((name) => [`say: "${name}"`]),
      value.map((text) => [`remember: { fact: ${text} }`]),
      key.map((name) => [`set: { key: ${name}, value: "{{ fact | default('v1') }}" }`]),
      fc.tuple(key, value).map(([name, text]) => [`set: { key: ${name}, value: ${text} }`, 'register: result']),
      key.map((name) => [`set: { key: ${name}, value: "{{ (result | default({})).was | default('v0') or 'v1' }}" }`]),
      key.map((name) => [`say: "${name}"`, 'changed_when: result is defined and result is changed']),
      fc.tuple(key, value).map(([name, text]) => [`set: { key: ${name}, value: ${text} }`, 'changed_when: false']),
      key.map((name) => [
        `set: { key: ${name}, value: "{{ item }}" }`,
        `loop: [v0, "{{ fact | default('v1') }}"]`,
        'register: result',
      ]),
    ),
    keyword,
    policy,
  )
  .map((parts) => parts.flat());

const environment = fc
  .option(fc.constantFrom('x', 'z', '{{ inventory_hostname }}'), { freq: 3 })
  .map((word) => (word === null ? [] : [`environment: { WORD: "${word}" }`]));

/** By one host for all of them: the host that does it, and the one that it is for, need not be the same. */
const delegation = fc
  .option(fc.constantFrom('first', 'last'), { freq: 2 })
  .map((which) => (which === null ? [] : [`delegate_to: "{{ groups['all'] | ${which} }}"`]));

const asking = fc
  .tuple(fc.constantFrom('x', 'y'), environment, delegation, throttle, fc.option(fc.nat({ max: 3 })))
  .map(([text, words, to, more, limit]) => [
    `shell: ${text}`,
    'register: made',
    ...words,
    ...to,
    ...more,
    ...(limit === null ? [] : [`timeout: ${limit}`]),
  ]);

const ONLY_KNOWN_IN_RUN = "(made | default({})).out | default('') == 'x'";

const meta = fc
  .tuple(
    fc.constantFrom('flush_handlers', 'noop', 'clear_host_errors', 'end_host', 'end_batch', 'end_play'),
    fc.constantFrom(...NAMES.map((name) => `inventory_hostname == '${name}'`), ONLY_KNOWN_IN_RUN),
  )
  .map(([action, condition]) => [`meta: ${action}`, `when: ${condition}`]);

/** Files of tasks for includes; what one of them does depends on what it is given. */
const FILES: Readonly<Record<string, string>> = {
  'set.yml': '- set: { key: "{{ item }}", value: v0 }\n  notify: Reload\n',
  'two.yml': '- serve: { key: "{{ item }}", value: v1 }\n- follow_peer: { key: "{{ item }}" }\n',
  'end.yml': "- meta: end_host\n  when: inventory_hostname != 'b'\n",
  'ask.yml': '- shell: x\n  register: made\n- include_tasks: set.yml\n',
};
/** Roles that depend on one another: `base` runs once on each host, unless all that it would do there was skipped. */
const ROLES: Readonly<Record<string, string>> = {
  'base/tasks/main.yml': '- set: { key: k0, value: v1 }\n  notify: Reload\n',
  'early/tasks/main.yml': "- say: early\n  when: (made | default({})).out | default('') == 'x'\n",
  'early/meta/main.yml': 'dependencies: [base]\n',
  'late/tasks/main.yml': '- follow_peer: { key: k0 }\n',
  'late/meta/main.yml': "dependencies: [base, { role: early, when: inventory_hostname != 'b' }]\n",
  'idle/tasks/main.yml':
    "- serve: { key: k1, value: v1 }\n  when: inventory_hostname == 'c'\n- include_tasks: ../../../ask.yml\n  vars: { item: k1 }\n  when: inventory_hostname == 'a'\n",
};
const ROLE_NAMES = ['base', 'early', 'late', 'idle'];
/** Where the playbooks are, with what they include while `writeFiles` has written it. */
const DIRECTORY = mkdtempSync(join(tmpdir(), 'kplay-walks-'));
const APART = join(DIRECTORY, 'apart');

/** Files of one process may share this module, so each of them writes what it needs, and removes it in the end. */
export function writeFiles(): void {
  for (const [name, text] of [
    ...Object.entries(FILES),
    ...Object.entries(ROLES).map(([path, role]) => [join('roles', path), role] as const),
  ])
    for (const path of [join(DIRECTORY, name), join(APART, name)]) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, path.startsWith(APART) ? withoutOthers(text) : text);
    }
}

export function removeFiles(): void {
  rmSync(DIRECTORY, { recursive: true });
}

/** A playbook, or a part of one, with something else in place of what no host can do on its own. */
function withoutOthers(text: string): string {
  return text
    .replaceAll('serve: ', 'set: ')
    .replaceAll(/follow_peer: \{ key: ("[^"]*"|\w+) \}/g, 'set: { key: $1, value: v2 }')
    .replaceAll(/meta: (end_batch|end_play|clear_host_errors)/g, 'meta: end_host')
    .replaceAll(/\n *(delegate_to|any_errors_fatal): .*/g, '');
}

const UNEVEN = "['k0', 'k2'] if inventory_hostname == 'b' else ['k2']";
const list = fc.constantFrom(
  '[k0, k1]',
  '[k1, k1]',
  '[]',
  `"{{ ${UNEVEN} }}"`,
  "\"{{ ['k1'] if fact | default('v1') == 'v0' else ['k0', 'k2'] }}\"",
  "\"{{ ['k' ~ (1 if (made | default({})).out | default('') == 'x' else 2)] }}\"",
);

/** Looped includes, some of which a template names, from what is known or from what only the run tells. */
const include = fc
  .record({
    file: fc.oneof(
      fc.constantFrom(...Object.keys(FILES)),
      fc.constant("\"{{ 'set' if item == 'k1' else 'two' }}.yml\""),
      fc.constant("\"{{ 'set' if (made | default({})).out | default('') == 'x' else 'two' }}.yml\""),
    ),
    loop: list,
    when: fc.option(fc.constantFrom("item != 'k1'", "inventory_hostname != 'a'", ONLY_KNOWN_IN_RUN)),
  })
  .map(({ file, loop, when }) => [
    `include_tasks: ${file}`,
    `loop: ${loop}`,
    ...(when === null ? [] : [`when: ${when}`]),
  ]);

/** A role of the play, or one that a task names. */
const roleOf = (key: string) =>
  fc
    .tuple(
      fc.constantFrom(...ROLE_NAMES),
      fc.option(fc.constantFrom("inventory_hostname != 'a'", ONLY_KNOWN_IN_RUN), { freq: 2 }),
    )
    .map(([name, when]) => [
      key === 'role' ? `role: ${name}` : `${key}: { name: ${name} }`,
      ...(when === null ? [] : [`when: ${when}`]),
    ]);
const roleTask = fc.constantFrom('import_role', 'include_role').chain(roleOf);

const { node } = fc.letrec<{ node: readonly string[]; block: readonly string[] }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'blocks' },
    { weight: 6, arbitrary: task },
    { weight: 1, arbitrary: asking },
    { weight: 1, arbitrary: meta },
    { weight: 2, arbitrary: include },
    { weight: 1, arbitrary: roleTask },
    { weight: 3, arbitrary: tie('block') },
  ),
  block: fc
    .record({
      body: fc.array(tie('node'), { minLength: 1, maxLength: 3, depthIdentifier: 'blocks' }),
      rescue: fc.array(tie('node'), { maxLength: 2, depthIdentifier: 'blocks' }),
      always: fc.array(tie('node'), { maxLength: 2, depthIdentifier: 'blocks' }),
      when: fc.option(fc.constantFrom(...NAMES)),
      more: fc.tuple(policy, environment),
    })
    .map(({ body, rescue, always, when, more }) => [
      ...part('block', body),
      ...part('rescue', rescue),
      ...part('always', always),
      ...(when === null ? [] : [`when: inventory_hostname != '${when}'`]),
      ...more.flat(),
    ]),
}));

function part(name: string, nodes: readonly (readonly string[])[]): readonly string[] {
  return nodes.length === 0 ? [] : [`${name}:`, ...listed(nodes).map((line) => `  ${line}`)];
}

function listed(nodes: readonly (readonly string[])[]): readonly string[] {
  return nodes.flatMap(([first = '', ...rest]) => [`- ${first}`, ...rest.map((line) => `  ${line}`)]);
}

const heads = fc.tuple(
  fc.subarray(['any_errors_fatal: true', 'force_handlers: true', 'serial: 1'], { maxLength: 2 }),
  fc.option(fc.constantFrom('reverse_inventory', 'sorted', 'reverse_sorted'), { freq: 4 }),
  environment,
);

/** Plays of all that the walk knows. */
export const cases: fc.Arbitrary<Case> = fc
  .record({
    hosts: fc.array(fc.dictionary(key, value, { maxKeys: 3 }), { minLength: 1, maxLength: 3 }),
    head: heads,
    pre: fc.array(task, { maxLength: 2 }),
    roles: fc.array(roleOf('role'), { maxLength: 3 }),
    tasks: fc.array(node, { minLength: 1, maxLength: 5 }),
    post: fc.array(task, { maxLength: 1 }),
    handlers: fc.tuple(key, key, value, fc.boolean(), fc.boolean()),
  })
  .map(
    ({ hosts, head: [head, order, words], pre, roles, tasks, post, handlers: [one, other, text, chains, returns] }) => {
      const handlers = [
        [`set: { key: ${one}, value: ${text} }`, `name: ${HANDLERS[0]}`, ...(chains ? [`notify: ${HANDLERS[1]}`] : [])],
        [
          `serve: { key: ${other}, value: ${text} }`,
          `name: ${HANDLERS[1]}`,
          ...(returns ? [`notify: ${HANDLERS[0]}`] : []),
        ],
      ];
      const lines = [
        'hosts: all',
        ...head,
        ...(order === null ? [] : [`order: ${order}`]),
        ...words,
        ...part('pre_tasks', pre),
        ...part('roles', roles),
        ...part('tasks', tasks),
        ...part('post_tasks', post),
        ...part('handlers', handlers),
      ];
      return { hosts, playbook: new SourceFile(join(DIRECTORY, 'play.yml'), `${listed([lines]).join('\n')}\n`) };
    },
  );

/** The same without what no host can do on its own. */
export const freeCases: fc.Arbitrary<FreeCase> = fc
  .tuple(cases, fc.array(fc.nat({ max: 5 }), { minLength: 3, maxLength: 3 }))
  .map(([{ hosts, playbook }, paces]) => {
    const text = withoutOthers(playbook.text);
    const path = join(APART, 'play.yml');
    const free = text.replace('hosts: all\n', 'hosts: all\n  strategy: free\n');
    return {
      hosts,
      paces,
      playbook: new SourceFile(path, free),
      inStep: new SourceFile(path, text),
      isOfOneOrder: !text.includes(UNEVEN),
    };
  });

/** Plays of blocks with an `always`, in which nothing but a failure keeps tasks from what is planned. */
export const alwaysCases: fc.Arbitrary<Case> = fc
  .record({
    hosts: fc.array(fc.dictionary(key, value, { maxKeys: 3 }), { minLength: 1, maxLength: 3 }),
    head: heads,
    body: fc.array(fc.oneof(task, blockOf(task)), { minLength: 1, maxLength: 4 }),
    always: fc.array(fc.oneof({ weight: 3, arbitrary: task }, blockOf(task)), { minLength: 1, maxLength: 4 }),
  })
  .map(({ hosts, head: [head, , words], body, always }) => {
    const block = [...part('block', body), ...part('always', always)];
    const handlers = HANDLERS.map((name, index) => [`set: { key: k${index}, value: v0 }`, `name: ${name}`]);
    const lines = ['hosts: all', ...head, ...words, ...part('tasks', [block]), ...part('handlers', handlers)];
    const text = withoutOthers(`${listed([lines]).join('\n')}\n`);
    return { hosts, playbook: new SourceFile(join(APART, 'play.yml'), text) };
  });

function blockOf(inside: fc.Arbitrary<readonly string[]>): fc.Arbitrary<readonly string[]> {
  return fc
    .tuple(fc.array(inside, { minLength: 1, maxLength: 2 }), fc.array(inside, { minLength: 1, maxLength: 2 }))
    .map(([body, always]) => [...part('block', body), ...part('always', always)]);
}
