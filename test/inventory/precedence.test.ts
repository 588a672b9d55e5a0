import { describe, expect, test } from 'vitest';
import { type Files, load, loaded, varsOf } from './support/inventories.ts';

/** A chain of groups above m1; each place that is given sets x to its own name. */
function inventoryOf(places: readonly string[]): Files {
  const inline = (place: string) => (places.includes(place) ? `{x: ${place}}` : '{}');
  const files: Record<string, string> = {
    'h/hosts.yml': `
all:
  vars: ${inline('all')}
  children:
    parent:
      vars: ${inline('parent')}
      children:
        child:
          vars: ${inline('child')}
          hosts: {m1: ${inline('host')}}
`,
  };
  for (const place of places.filter((each) => each.includes('_vars'))) files[`h/${place}.yml`] = `x: ${place}\n`;
  return files;
}

describe('of the places that set a variable, the later one in this list wins', () => {
  const order = [
    'all',
    'parent',
    'child',
    'group_vars/all',
    'group_vars/parent',
    'group_vars/child',
    'host',
    'host_vars/m1',
  ];
  const pairs = order.flatMap((low, index) => order.slice(index + 1).map((high) => [low, high] as const));

  test.each(pairs)('%s < %s', (low, high) => {
    expect(varsOf(loaded(inventoryOf([low, high]), ['h/hosts.yml']), 'm1')).toEqual({ x: high });
    expect(varsOf(loaded(inventoryOf([low, high]), ['h']), 'm1')).toEqual({ x: high });
  });
});

describe('groups on one level', () => {
  test('go by the alphabet, whatever their order in the file', () => {
    expect(varsOf(loaded({ h: '[b]\nm1\n[a]\nm1\n[b:vars]\nx=b\n[a:vars]\nx=a\n' }), 'm1')).toEqual({ x: 'b' });
  });

  test('go by ansible_group_priority first, which is no variable', () => {
    const text = '[b]\nm1\n[a]\nm1\n[b:vars]\nx=b\n[a:vars]\nx=a\nansible_group_priority=10\n';
    const inventory = loaded({ h: text });
    expect(varsOf(inventory, 'm1')).toEqual({ x: 'a' });
    expect(inventory.hosts.get('m1')?.groups).toEqual(['all', 'b', 'a']);
  });

  test('a deeper one wins over any priority', () => {
    const text = '[p:children]\nc\n[c]\nm1\n[p:vars]\nx=p\nansible_group_priority=10\n[c:vars]\nx=c\n';
    expect(varsOf(loaded({ h: text }), 'm1')).toEqual({ x: 'c' });
  });

  test('depth is counted by the longest way from all', () => {
    const text = '[a:children]\nz\n[z:children]\nb\n[b]\nm1\n[y]\nm1\n[b:vars]\nx=b\n[y:vars]\nx=y\n';
    expect(varsOf(loaded({ h: text }), 'm1')).toEqual({ x: 'b' });
  });

  test('a priority must be a number', () => {
    expect(load({ h: '[a]\nm1\n[a:vars]\nansible_group_priority=high\n' }).problems).toEqual([
      'error at h:4:24: ansible_group_priority must be a whole number (the highest number takes precedence; default 1)',
    ]);
  });
});

describe('group_vars and host_vars', () => {
  test('a value replaces another as a whole', () => {
    const files = { h: '[g]\nm1\n', 'group_vars/all.yml': 'x: {a: 1}\n', 'group_vars/g.yml': 'x: {b: 2}\n' };
    expect(varsOf(loaded(files), 'm1')).toEqual({ x: { b: 2 } });
  });

  test('all forms of files are read', () => {
    const files = {
      h: '[a]\nm1\n[b]\nm1\n[c]\nm1\n[d]\nm1\n[e]\nm1\n',
      'group_vars/a': 'a: 1\n',
      'group_vars/b.yml': 'b: 1\n',
      'group_vars/c.yaml': '---\n# nothing but a comment\n',
      'group_vars/d.json': '{"d": 1}',
      'group_vars/e/2.yml': 'e: 2\nf: 2\n',
      'group_vars/e/1': 'e: 1\ng: 1\n',
      'group_vars/e/sub/x.yml': 'h: 1\n',
      'group_vars/e/.hidden.yml': 'i: 1\n',
      'group_vars/e/backup.yml~': 'i: 1\n',
      'group_vars/e/notes.txt': 'i: 1\n',
      'group_vars/e/sub.d/x.yml': 'i: 1\n',
      'group_vars/other.yml': 'i: 1\n',
      'host_vars/m1.yml': 'j: 1\n',
    };
    expect(varsOf(loaded(files), 'm1')).toEqual({ a: 1, b: 1, d: 1, e: 2, f: 2, g: 1, h: 1, j: 1 });
  });

  test('of two files for one group only the first form is read, as in Ansible, which is said', () => {
    const { inventory, problems } = load({
      h: '[g]\nm1\n',
      'group_vars/g.yml': 'x: 1\n',
      'group_vars/g/a.yml': 'y: 1\n',
    });
    expect(inventory && varsOf(inventory, 'm1')).toEqual({ y: 1 });
    expect(problems).toEqual([
      'warning: group_vars/g.yml is ignored because group_vars/g exists (move it to a directory group_vars/g/, in which all files are read)',
    ]);
  });

  test('of a later source win over those of an earlier one, whatever group they are of', () => {
    const files = {
      'a/h': '[g]\nm1\n',
      'a/group_vars/g.yml': 'x: a\n',
      'b/h': 'm2\n',
      'b/group_vars/all.yml': 'x: b\ny: b\n',
    };
    expect(varsOf(loaded(files, ['a/h', 'b/h']), 'm1')).toEqual({ x: 'a', y: 'b' });
    const parents = { ...files, 'a/h': '[p:children]\ng\n[g]\nm1\n', 'b/group_vars/p.yml': 'x: p\n' };
    expect(varsOf(loaded(parents, ['a/h', 'b/h']), 'm1')).toEqual({ x: 'p', y: 'b' });
  });

  test('mistakes have their place, once however many hosts there are', () => {
    const files = {
      h: '[g]\nm[1:9]\n',
      'group_vars/all.yml': '- x\n',
      'group_vars/g.yml': 'a: [\n',
      'host_vars/m1.yml': 'a: !vault x\nb-c: 1\n',
      'host_vars/m2.yml': 'a: 1\na: 2\n',
    };
    expect(load(files).problems).toEqual([
      'error at group_vars/all.yml:1:1: all.yml must be a mapping of variables, not a list (write each variable as name: value)',
      expect.stringMatching(/^error at group_vars\/g\.yml:1:4: this \[ is not closed/),
      'error at host_vars/m1.yml:1:4: vault-encrypted values are not supported (keep it out of the inventory: give what all hosts have with -e @FILE, a file that only you can read, and what one group or host has in a second inventory for you alone (-i))',
      'error at host_vars/m2.yml:2:1: this key is written twice (remove one of the two: the other is in line 1)',
    ]);
  });

  test('a priority in group_vars does nothing, which is said', () => {
    expect(load({ h: '[g]\nm1\n', 'group_vars/g.yml': 'ansible_group_priority: 2\n' }).problems).toEqual([
      'warning at group_vars/g.yml:1:1: ansible_group_priority has no effect in group_vars (set ansible_group_priority in the vars of the group in the inventory file)',
    ]);
  });
});

describe('a group', () => {
  test('has what is said of it alone', () => {
    const files = { h: '[p:children]\ng\n[g]\nm1 y=1\n[p:vars]\nx=p\n[g:vars]\nz=1\n', 'group_vars/g.yml': 'w: 1\n' };
    const vars = loaded(files).groups.get('g')?.vars ?? new Map();
    expect([...vars].map(([name, { value }]) => [name, value])).toEqual([
      ['z', 1],
      ['w', 1],
    ]);
  });
});
