import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import { SourceFile } from '../../src/core/source.ts';
import { InventoryDraft } from '../../src/inventory/draft.ts';
import { readIniInventory } from '../../src/inventory/ini-form.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { matchHosts, matchLimit } from '../../src/inventory/match.ts';
import { needing } from '../support/programs.ts';
import { fc } from '../support/random-cases.ts';
import { askAnsible, askKplay, listHosts, listManyHosts } from './support/ansible.ts';
import { directoryOf, type Files, located } from './support/inventories.ts';
import { filesOf, worlds } from './support/worlds.ts';

function loadFrom(directory: string, sources: readonly string[]): Inventory {
  const problems = new Problems();
  const paths = sources.map((source) => (source.includes(',') ? source : join(directory, source)));
  const inventory = loadInventory(paths, problems);
  return inventory ?? expect.fail(problems.all.map(({ message }) => message).join('\n'));
}

function expectSame(directory: string, sources: readonly string[]): void {
  expect(askKplay(loadFrom(directory, sources))).toEqual(askAnsible(directory, sources));
}

function isReadable(text: string): boolean {
  const problems = new Problems();
  readIniInventory(new SourceFile('hosts', text), new InventoryDraft(problems), problems);
  return !problems.hasErrors;
}

const INI = `
# before any section
lonely ansible_host=10.9.9.9
[masters]
m[01:03].example.com:2222 rack="r 1" tags="['a', 'b']"  # comment
m[a:c:2] x=1 y='2' z='"3"'
10.0.0.7:22
fd00::7
[fd00::8]:2222

[prod:children]
workers
masters

[workers]
w[0:10:5]-[x:z]
m01.example.com

[prod:vars]
a = 5 # five
b = 'quoted'
c = bare words # and more
d = {"k": [1, 2.5, None]}
e = True
f =
g = 1,2
ansible_group_priority = 5
[all:vars]
a = 1
h = 0x10
i = 1_000
`;

const YAML = `
all:
  vars: {a: 1, b: yes, c: 0644, d: "0644", e: 1_000, f: ~, g: 1.50}
  hosts:
    lonely:
  children:
    prod:
      vars: {a: 2, m: &m {k: 1, l: [x, {y: z}]}}
      children:
        masters:
          hosts:
            m[01:03]: {n: *m}
            "m9:2222":
            "[fd00::9]:22":
          vars: {b: off}
        workers:
          hosts: w1
top:
  hosts:
    m01:
  children: workers
none:
`;

const HAND_WRITTEN: readonly (readonly [name: string, files: Files, sources: readonly string[]])[] = [
  ['an INI file', { 'hosts.ini': INI }, ['hosts.ini']],
  ['a YAML file', { 'hosts.yml': YAML }, ['hosts.yml']],
  ['YAML in a file without extension', { hosts: YAML }, ['hosts']],
  ['JSON', { 'hosts.json': '{"all": {"hosts": {"m1": {"a": [1, null]}}}}' }, ['hosts.json']],
  ['a list of hosts', {}, ['m1,m2:22,10.0.0.1, [fd00::1]:23 ,m1']],
  [
    'a directory with everything beside it',
    {
      'd/10-hosts': INI,
      'd/20-more.yml': 'workers: {hosts: {w9: {x: 1}}}\n',
      'd/ignored.ini': '[broken\n',
      'd/sub/hosts.yml': 'masters: {hosts: {s1: }}\n',
      'd/sub/group_vars/masters.yml': 'not: read\n',
      'd/group_vars/all/1.yml': 'a: file\nfrom: all-1\n',
      'd/group_vars/all/2.yml': 'from: all-2\n',
      'd/group_vars/all/deep/3.json': '{"deep": true}',
      'd/group_vars/all.yml': 'not: read\n',
      'd/group_vars/masters': 'mode: 0600\n',
      'd/group_vars/workers.yaml': '---\n',
      'd/host_vars/lonely.yml': 'ansible_host: 10.8.8.8\n',
      'd/host_vars/fd00::7.yml': 'six: 6\n',
    },
    ['d'],
  ],
  [
    'several sources',
    {
      'a/hosts': '[g]\nm1 x=1 y=1\n[p:children]\ng\n[g:vars]\nv=a\n',
      'a/group_vars/g.yml': 'w: a-g\nu: a-g\n',
      'b/hosts.yml': 'g: {vars: {v: b}, hosts: {m1: {x: 2}, m2: }}\n',
      'b/group_vars/p.yml': 'w: b-p\n',
      'b/host_vars/m1.yml': 'y: 3\n',
    },
    ['a/hosts', 'b/hosts.yml', 'm3,m1'],
  ],
];

describe('compared with ansible-inventory --list', needing('ansible-inventory'), () => {
  test.each(HAND_WRITTEN)('%s', (_, files, sources) => {
    expectSame(directoryOf(files), sources);
  });

  test('the example', () => {
    const example = readFileSync(new URL('../../inventories/example.yml', import.meta.url));
    expectSame(directoryOf({ 'example.yml': example }), ['example.yml']);
  });

  test('generated inventories: groups, members, variables by precedence', () => {
    fc.assert(
      fc.property(worlds, (all) => {
        const directory = directoryOf(filesOf(all));
        expectSame(directory, ['inventory']);
      }),
      { numRuns: 10, interruptAfterTimeLimit: 20_000 },
    );
  }, 60_000);

  test('values of INI, typed as Python literals and quoted as a shell quotes', () => {
    const piece = fc.constantFrom(
      '1',
      '0',
      '07',
      '.',
      '_',
      '-',
      '+',
      'e',
      '0x1f',
      "'",
      '"',
      '\\',
      '[',
      ']',
      '(',
      ')',
      ',',
      ' ',
      '#',
      'a',
      'True',
      'None',
      'r',
      'u',
      '\\n',
      '\\x41',
      'é',
      '=',
    );
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('').trim());
    const texts = fc.sample(
      text.filter((each) => !/e[+_]?[0-9_]{3}/.test(each)),
      600,
    );
    const words = texts.filter((each) => isReadable(`h x=${each}\n`));
    const sections = texts.map((each, index) => `[g${index}]\nh${index}\n[g${index}:vars]\nx=${each}\n`);
    const lines = words.map((each, index) => `l${index} x=${each}\n`);
    expectSame(directoryOf({ hosts: [...lines, ...sections].join('') }), ['hosts']);
  });
});

const FLEET = `
[masters]
m[1:3]
m10
[workers]
w[1:4]
x1.example.com
[prod]
m[1:2]
w[1:2]
[dotted.name]
fd00::1
[empty]
`;

describe('compared with ansible --list-hosts', needing('ansible-inventory'), () => {
  const ORDERED = [
    'all',
    'workers,masters',
    'prod:masters:!m2',
    'm10,prod',
    '*1*',
    '~[mw]2',
    'masters[1:]:workers[-1]',
    '!prod',
  ];

  test.each(ORDERED)('%s: the same hosts in the same order', (pattern) => {
    const directory = directoryOf({ 'fleet.ini': FLEET });
    const hosts = matchHosts(loadFrom(directory, ['fleet.ini']), located(pattern), new Problems());
    expect(hosts.map(({ name }) => name)).toEqual(listHosts(directory, ['fleet.ini'], pattern));
  });

  test('limits, also those in a file', () => {
    const directory = directoryOf({ 'fleet.ini': FLEET, retry: 'm2\n\nw1\n!w3\n' });
    const inventory = loadFrom(directory, ['fleet.ini']);
    const limited = (limit: string) => {
      const among = new Set(matchLimit(inventory, limit.replace('@', `@${directory}/`), new Problems()));
      return matchHosts(inventory, located('all'), new Problems()).flatMap((host) =>
        among.has(host) ? [host.name] : [],
      );
    };
    for (const limit of ['@retry', 'workers,!w1,@retry']) {
      expect(limited(limit)).toEqual(listHosts(directory, ['fleet.ini'], 'all', limit));
    }
  });

  test('generated patterns: the same hosts, wherever kplay accepts the pattern', () => {
    const directory = directoryOf({ 'fleet.ini': FLEET });
    const inventory = loadFrom(directory, ['fleet.ini']);
    const word = fc.constantFrom(
      'masters',
      'workers',
      'prod',
      'empty',
      'dotted.name',
      'm1',
      'w3',
      'm10',
      'fd00::1',
      'x1.example.com',
      'm?',
      'm*',
      'w[1-3]',
      '*.example.com',
      '?1*',
      '~m1',
      '~w[12]$',
      'p*d',
      '*',
      'all',
      'localhost',
    );
    const subscripted = fc
      .tuple(
        fc.constantFrom('masters', 'workers', 'prod'),
        fc.constantFrom('[0]', '[1]', '[-1]', '[0:1]', '[1:]', '[2:9]'),
      )
      .map((parts) => parts.join(''));
    const part = fc
      .tuple(fc.constantFrom('', '', '!', '&'), fc.oneof(word, subscripted))
      .map((parts) => parts.join(''));
    const pattern = fc
      .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom(',', ':', ', '))
      .map(([parts, separator]) => parts.join(separator));
    const accepted = fc.sample(pattern, 400).flatMap((each) => {
      const problems = new Problems();
      const hosts = matchHosts(inventory, located(each), problems);
      return problems.hasErrors ? [] : [{ pattern: each, hosts: hosts.map(({ name }) => name).sort() }];
    });
    const theirs = listManyHosts(
      directory,
      ['fleet.ini'],
      accepted.map((each) => each.pattern),
    );
    expect(accepted).toEqual(accepted.map((each, index) => ({ pattern: each.pattern, hosts: theirs[index] })));
    expect(accepted.length).toBeGreaterThan(100);
  });
});
