import { describe, expect, test } from 'vitest';
import { formatPosition } from '../../src/core/source.ts';
import { hostsOf, load, loaded, varsOf } from './support/inventories.ts';

const ini = (text: string) => loaded({ 'hosts.ini': text });
const problemsOf = (text: string) => load({ 'hosts.ini': text }).problems;

describe('an inventory in INI', () => {
  test('hosts before the first section are in no group', () => {
    const inventory = ini('m1\n[masters]\nm2\n');
    expect(hostsOf(inventory, 'ungrouped')).toEqual(['m1']);
    expect(hostsOf(inventory, 'all')).toEqual(['m1', 'm2']);
    expect(inventory.hosts.get('m2')?.groups).toEqual(['all', 'masters']);
  });

  test('comments, blank lines, white space and CR LF mean nothing', () => {
    const inventory = ini('\uFEFF; one\r\n# two\r\n\r\n  [masters]  # three\r\n\tm1  x=1  # four\r\n');
    expect(hostsOf(inventory, 'masters')).toEqual(['m1']);
    expect(varsOf(inventory, 'm1')).toEqual({ x: 1 });
  });

  test('ranges and ports', () => {
    const inventory = ini('[masters]\nm[01:02].example.com:2222 rack=r1\n[fd00::1]:22\n');
    expect(hostsOf(inventory, 'masters')).toEqual(['m01.example.com', 'm02.example.com', 'fd00::1']);
    expect(varsOf(inventory, 'm02.example.com')).toEqual({ ansible_port: 2222, rack: 'r1' });
    expect(varsOf(inventory, 'fd00::1')).toEqual({ ansible_port: 22 });
  });

  test.each([
    ['a=5', 5],
    ["a='5'", 5],
    [`a="'5'"`, '5'],
    ['a=True', true],
    ['a=true', 'true'],
    ['a=None', null],
    ['a=', ''],
    ['a=x=y', 'x=y'],
    ["a='b c'", 'b c'],
    ['a=10.0.0.1', '10.0.0.1'],
    [`a="['x', 1]"`, ['x', 1]],
    ['a=1.30', 1.3],
    [`a="{'k': 1}"`, { k: 1 }],
    ['a=007', '007'],
    ['a="{{ b }}"', '{{ b }}'],
  ])('on a host line, %s is typed as Ansible types it', (text, value) => {
    expect(varsOf(ini(`m1 ${text}\n`), 'm1')).toEqual({ a: value });
  });

  test.each([
    ['a=5', 5],
    ["a = '5'", '5'],
    ['a = b c ', 'b c'],
    ['a = "b" c', '"b" c'],
    ['a=5 # five', 5],
    ['a = ["x", 1]', ['x', 1]],
    ['a=-o ProxyJump=b', '-o ProxyJump=b'],
  ])('in a :vars section, %s is typed as Ansible types it', (text, value) => {
    expect(varsOf(ini(`[g]\nm1\n[g:vars]\n${text}\n`), 'm1')).toEqual({ a: value });
  });

  test('children may come before their own section, and are in the order of the sections', () => {
    const inventory = ini('[prod:children]\nmasters\nworkers\n[workers]\nw1\n[masters]\nm1\n');
    expect(inventory.groups.get('prod')?.children).toEqual(['workers', 'masters']);
    expect(hostsOf(inventory, 'prod')).toEqual(['w1', 'm1']);
    expect(inventory.hosts.get('m1')?.groups).toEqual(['all', 'prod', 'masters']);
  });

  test('a group may be declared in an earlier source', () => {
    const inventory = loaded({ a: '[g]\nm1\n', b: '[g:vars]\nx=1\n[p:children]\ng\n' }, ['a', 'b']);
    expect(varsOf(inventory, 'm1')).toEqual({ x: 1 });
    expect(hostsOf(inventory, 'p')).toEqual(['m1']);
  });

  test('every value knows its place', () => {
    const inventory = ini("[g]\nm1 a=1 b='x y'\n[g:vars]\nc =  z\n");
    const places = [...(inventory.hosts.get('m1')?.vars ?? [])]
      .filter(([name]) => name.length === 1)
      .map(([name, { range }]) => [name, formatPosition(range).split(':').slice(1).join(':'), range.end - range.start]);
    expect(places).toEqual([
      ['c', '4:6', 1],
      ['a', '2:6', 1],
      ['b', '2:11', 3],
    ]);
  });
});

describe('mistakes in INI', () => {
  test('are all reported at once, each with its place', () => {
    const text = [
      '[masters',
      '[mas ters]',
      'this is skipped with its section',
      '[workers:childern]',
      '[workers]',
      'w1 x',
      "w2 x='1",
      'w[1:2 x=1',
      'ansible_user=root',
      'user@w3',
      'w4:',
      'w5:0',
      '[workers:children]',
      'a b',
      'mastres',
      '[masters]',
      '[wokers:vars]',
      'x=1',
      'no value',
      '=1',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      "error at hosts.ini:1:1: a bracket in '[masters' is not closed or not opened (a section must be alone on its line: [group], [group:vars] or [group:children])",
      'error at hosts.ini:2:1: [mas ters] is not a section (write [group], [group:vars] or [group:children], without white space)',
      "error at hosts.ini:4:10: unknown kind of section 'childern' (did you mean children? the kinds are hosts, children, vars)",
      'error at hosts.ini:6:4: this is not key=value (write no spaces around the =; quote a value that has some)',
      "error at hosts.ini:7:6: this quote is not closed (put a value with spaces in quotes: key='a b')",
      "error at hosts.ini:8:1: a bracket in 'w[1:2' is not closed or not opened (write a range like m[1:3], m[01:10:2] or m[a:c])",
      "error at hosts.ini:9:1: 'ansible_user=root' cannot be the name of a host: it holds = (write variables of a group in a section [group:vars], those of a host after its name)",
      "error at hosts.ini:10:1: 'user@w3' cannot be the name of a host: it holds @ (write the user as ansible_user and the port as ansible_port)",
      "error at hosts.ini:11:1: 'w4:' cannot be the name of a host: it holds : (this looks like YAML: give the file a name that ends in .yml)",
      'error at hosts.ini:12:1: 0 is not a port (ports run from 1 to 65535)',
      "error at hosts.ini:14:1: 'a b' is not the name of a group (one group on each line)",
      "error at hosts.ini:19:1: 'no value' is not key=value (write one variable on each line)",
      'error at hosts.ini:20:1: a variable needs a name (write name=value)',
      'error at hosts.ini:15:1: there is no group mastres (did you mean masters?)',
      'error at hosts.ini:17:2: there is no group wokers to set variables of (did you mean workers?)',
    ]);
  });

  test('a # that surprises is pointed out, and read as Ansible reads it', () => {
    const { inventory, problems } = load({ 'hosts.ini': '[g]\nm1 pass=ab#cd\n[g:vars]\nnote = x # y\n' });
    expect(inventory && varsOf(inventory, 'm1')).toEqual({ pass: 'ab', note: 'x # y' });
    expect(problems).toEqual([
      'warning at hosts.ini:2:11: this # starts a comment (quote the value, or put a space before the #)',
      'warning at hosts.ini:4:10: this # does not start a comment: it is part of the value (in a :vars section a comment needs a line of its own)',
    ]);
  });

  test('a misspelt variable of kplay is pointed out: its windows would not be kept', () => {
    expect(problemsOf('m1\n[g]\nm1\n[g:vars]\nkplay_clusters={}\nkplay_version=1\nkplay_rootfs=/x\n')).toEqual([
      'warning at hosts.ini:5:1: kplay has no variable kplay_clusters (did you mean kplay_cluster?)',
    ]);
  });

  test('a variable that kplay itself sets is pointed out: it has no effect', () => {
    expect(problemsOf('m1\n[g]\nm1 group_names=a\n[g:vars]\ngroups=a\nrole_name=b\n')).toEqual([
      'warning at hosts.ini:3:4: group_names has no effect: it is a variable that kplay itself sets (use another name)',
      'warning at hosts.ini:5:1: groups has no effect: it is a variable that kplay itself sets (use another name)',
    ]);
  });

  test('a name that no template can use is pointed out once', () => {
    expect(problemsOf('m[1:9] my-var=1\n')).toEqual([
      "warning at hosts.ini:1:8: no template can use a variable called 'my-var' (use letters, digits and _, not a digit first)",
    ]);
  });
});
