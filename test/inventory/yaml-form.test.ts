import { describe, expect, test } from 'vitest';
import { formatPosition } from '../../src/core/source.ts';
import { hostsOf, load, loaded, varsOf } from './support/inventories.ts';

const yaml = (text: string) => loaded({ 'hosts.yml': text });
const problemsOf = (text: string) => load({ 'hosts.yml': text }).problems;

describe('an inventory in YAML', () => {
  test('groups within groups, groups at the top, hosts with and without variables', () => {
    const inventory = yaml(`
all:
  hosts:
    jump:
  children:
    prod:
      vars: { env: prod }
      children:
        masters:
          hosts:
            m1: { ansible_host: 10.0.0.1 }
            m2:
workers:
  hosts:
    w[1:2]:
      rack: r1
`);
    expect([...inventory.groups.keys()]).toEqual(['all', 'ungrouped', 'prod', 'masters', 'workers']);
    expect(hostsOf(inventory, 'prod')).toEqual(['m1', 'm2']);
    expect(hostsOf(inventory, 'ungrouped')).toEqual(['jump']);
    expect(hostsOf(inventory, 'all')).toEqual(['jump', 'w1', 'w2', 'm1', 'm2']);
    expect([...inventory.hosts.keys()]).toEqual(['jump', 'm1', 'm2', 'w1', 'w2']);
    expect(inventory.hosts.get('m1')?.groups).toEqual(['all', 'prod', 'masters']);
    expect(varsOf(inventory, 'm1')).toEqual({ env: 'prod', ansible_host: '10.0.0.1' });
    expect(varsOf(inventory, 'w2')).toEqual({ rack: 'r1' });
  });

  test('bodies may be empty, and one name may stand alone', () => {
    const inventory = yaml('a:\nb: {}\nc:\n  hosts:\n  vars:\n  children:\nd:\n  hosts: m1\n  children: a\n');
    expect(hostsOf(inventory, 'd')).toEqual(['m1']);
    expect(inventory.groups.get('d')?.children).toEqual(['a']);
  });

  test('values follow YAML 1.1, as Ansible reads it', () => {
    const inventory = yaml(
      'all:\n  hosts:\n    m1: {a: yes, b: 0644, c: "0644", d: 1.20, e: ~, f: [1, x], "g": {h: off}}\n',
    );
    expect(varsOf(inventory, 'm1')).toEqual({
      a: true,
      b: 420,
      c: '0644',
      d: 1.2,
      e: null,
      f: [1, 'x'],
      g: { h: false },
    });
  });

  test('anchors and merge keys', () => {
    const inventory = yaml('all:\n  hosts:\n    m1: &m {a: 1, b: 2}\n    m2: {<<: *m, b: 3}\n    m3: *m\n');
    expect(varsOf(inventory, 'm2')).toEqual({ a: 1, b: 3 });
    expect(varsOf(inventory, 'm3')).toEqual({ a: 1, b: 2 });
  });

  test('JSON is YAML, tabs included', () => {
    const inventory = loaded({ 'hosts.json': '{\n\t"all": {\n\t\t"hosts": {"m1": {"a": 1}}\n\t}\n}\n' });
    expect(varsOf(inventory, 'm1')).toEqual({ a: 1 });
  });

  test('every value knows its place', () => {
    const inventory = yaml('all:\n  hosts:\n    m1:\n      a: x\n      b:\n        c: 1\n');
    const vars = inventory.hosts.get('m1')?.vars;
    const place = (name: string) => formatPosition(vars?.get(name)?.range ?? expect.fail(name)).replace(/.*\.yml/, '');
    expect([place('a'), place('b')]).toEqual([':4:10', ':6:9']);
  });
});

describe('mistakes in YAML', () => {
  test('are all reported at once, each with its place', () => {
    const text = `
all:
  host:
    m1:
  vars: [a]
  children:
    - masters
masters:
  hosts:
    - m1
workers: w1
10.5:
hosts:
  m1:
prod:
  hosts:
    m1: text
    07:
    m[1:
    "a b":
  children:
    "k:x":
`;
    expect(problemsOf(text)).toEqual([
      "error at hosts.yml:3:3: unknown key 'host' in group all (did you mean hosts? a group has the keys hosts, vars, children)",
      'error at hosts.yml:5:9: vars of group all must be a mapping, not a list (write each as name: value)',
      'error at hosts.yml:7:5: children of group all must be a mapping, not a list (write each name with a colon: m1:)',
      'error at hosts.yml:10:5: hosts of group masters must be a mapping, not a list (write each name with a colon: m1:)',
      'error at hosts.yml:11:10: group workers cannot be a single value (a group is a mapping with the keys hosts, vars and children)',
      'error at hosts.yml:12:1: in YAML, 10.5 is not a string, so it cannot be the name of a group (quote it: "10.5":)',
      "error at hosts.yml:13:1: 'hosts' is not a group (the first level names groups: put hosts under all:)",
      'error at hosts.yml:17:9: host m1 cannot be a single value (write its variables as a mapping, or nothing)',
      'error at hosts.yml:18:5: in YAML, 07 is not a string, so it cannot be the name of a host (quote it: "07":)',
      "error at hosts.yml:19:5: a bracket in 'm[1' is not closed or not opened (write a range like m[1:3], m[01:10:2] or m[a:c])",
      "error at hosts.yml:20:5: 'a b' cannot be the name of a host: it contains white space or a control character (write a name or an address, optionally with :port)",
      "error at hosts.yml:22:5: 'k:x' cannot be the name of a group: it holds : (use letters, digits and _)",
    ]);
  });

  test.each([
    [
      '- a\n',
      'error at hosts.yml:1:1: an inventory is a mapping from groups, not a list (an inventory starts with a group: all:)',
    ],
    ['all: {\n', /^error at hosts\.yml:1:6: this \{ is not closed/],
    [
      'all:\n  vars:\n    a: {{ b }}\n',
      "error at hosts.yml:3:9: a value that begins with {{ must be quoted (write '{{ b }}')",
    ],
    [
      'plugin: aws_ec2\nregions: [eu]\n',
      'error at hosts.yml:1:1: inventory plugins are not supported (write its result to a file for you alone, since it has the values of vaults in clear text: (umask 077; ansible-inventory -i FILE --list --export --yaml >COPY))',
    ],
    [
      'all:\n  vars:\n    p: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      3331\n',
      'error at hosts.yml:3:8: vault-encrypted values are not supported (keep it out of the inventory: give what all hosts have with -e @FILE, a file that only you can read, and what one group or host has in a second inventory for you alone (-i))',
    ],
    [
      '$ANSIBLE_VAULT;1.1;AES256\n3331\n',
      'error at hosts.yml:1:1: vault-encrypted files are not supported (keep it out of the inventory, and give a decrypted copy that is in no repository (ansible-vault decrypt --output COPY FILE) with -e @COPY if all hosts have its values, else as an inventory (-i), or in group_vars or host_vars of one)',
    ],
    [
      'all:\n  vars:\n    a: 1\n    a: 2\n',
      'error at hosts.yml:4:5: this key is written twice (remove one of the two: the other is in line 3)',
    ],
  ])('%j', (text, problem) => {
    const problems = problemsOf(text);
    expect(problems[0]).toEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
    expect(problems).toHaveLength(1);
  });
});
