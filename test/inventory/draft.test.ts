import { describe, expect, test } from 'vitest';
import { hostsOf, load, varsOf } from './support/inventories.ts';

const problemsOf = (text: string) => load({ 'hosts.ini': text }).problems;

describe('a host that is listed more than once', () => {
  test('has what all its places say', () => {
    const { inventory, problems } = load({ h: '[a]\nm1 x=1\n[b]\nm1 y=2 x=1\n' });
    expect(problems).toEqual([]);
    expect(inventory && varsOf(inventory, 'm1')).toEqual({ x: 1, y: 2 });
    expect(inventory?.hosts.get('m1')?.groups).toEqual(['all', 'a', 'b']);
  });

  test('must not contradict itself, and both places are named', () => {
    expect(problemsOf('[a]\nm1 x=1\n[b]\nm[1:3] x=2\nm2 x=3 x=4\n')).toEqual([
      'error at hosts.ini:4:8: x of host m1 has a different value at hosts.ini:2:6 (keep the one that is right and remove the other)',
      'error at hosts.ini:5:4: x of host m2 has a different value at hosts.ini:4:10 (keep the one that is right and remove the other)',
      'error at hosts.ini:5:8: x of host m2 has a different value at hosts.ini:5:6 (keep the one that is right and remove the other)',
    ]);
  });

  test('must not contradict itself in two files of one directory', () => {
    const { problems } = load({ 'd/1.yml': 'g: {hosts: {m1: {x: 1}}}\n', 'd/2.yml': 'g: {hosts: {m1: {x: 2}}}\n' }, [
      'd',
    ]);
    expect(problems).toEqual([
      'error at d/2.yml:1:18: x of host m1 has a different value at d/1.yml:1:21 (keep the one that is right and remove the other)',
    ]);
  });

  test('has what the later source says', () => {
    const { inventory, problems } = load({ a: 'm1 x=1 y=1\n', b: 'm1 x=2\n' }, ['a', 'b']);
    expect(problems).toEqual([]);
    expect(inventory && varsOf(inventory, 'm1')).toEqual({ x: 2, y: 1 });
  });

  test('takes its port from the first place only, as in Ansible, which is said', () => {
    const { inventory, problems } = load({ h: '[a]\nm1\nm2:22\n[b]\nm1:2222\nm2:22\n' });
    expect(inventory && varsOf(inventory, 'm1')).toEqual({});
    expect(problems).toEqual([
      'warning at h:5:1: the port of m1 is ignored here: the host is already listed at h:2:1 (write ansible_port=2222, or add the port there)',
    ]);
  });

  test('must not have two ports', () => {
    expect(problemsOf('[a]\nm1:22\n[b]\nm1:2222\nm2:22 ansible_port=23\n')).toEqual([
      'error at hosts.ini:4:1: ansible_port of host m1 has a different value at hosts.ini:2:1 (keep the one that is right and remove the other)',
      'error at hosts.ini:5:7: ansible_port of host m2 has a different value at hosts.ini:5:1 (keep the one that is right and remove the other)',
    ]);
  });
});

describe('groups', () => {
  test('that run in a circle are named, at the line that closes it', () => {
    expect(problemsOf('[a:children]\nb\n[b:children]\nc\n[c:children]\na\n')).toEqual([
      'error at hosts.ini:6:1: these groups form a cycle: c > a > b > c (remove one of these children)',
    ]);
    expect(problemsOf('[a:children]\na\n')).toEqual([
      'error at hosts.ini:2:1: these groups form a cycle: a > a (remove one of these children)',
    ]);
  });

  test('all and ungrouped cannot be children of others', () => {
    expect(problemsOf('[a:children]\nall\nungrouped\n')).toEqual([
      'error at hosts.ini:2:1: all cannot be a child of a: it contains every group (remove it here)',
      'error at hosts.ini:3:1: ungrouped cannot be a child of a (ungrouped contains the hosts that are in no other group; remove it here)',
    ]);
  });

  test('that bear the name of a host are pointed out', () => {
    const { inventory, problems } = load({ h: '[m1]\nm1\nm2\n' });
    expect(inventory && hostsOf(inventory, 'm1')).toEqual(['m1', 'm2']);
    expect(problems).toEqual([
      'warning at h:2:1: m1 is the name of a host and of a group (in patterns it means the host, and behind ! and & the group; rename one)',
    ]);
  });

  test('that set a variable twice in one file are pointed out; the later value wins', () => {
    const { inventory, problems } = load({ h: '[g]\nm1\n[g:vars]\nx=1\nx=2\n' });
    expect(inventory && varsOf(inventory, 'm1')).toEqual({ x: 2 });
    expect(problems).toEqual([
      'warning at h:5:1: x of group g has a different value at h:4:3 (the later one wins; remove one of them)',
    ]);
  });

  test('list a host that is in a group of its own no longer as ungrouped', () => {
    const { inventory } = load({ a: 'm1\nm2\n', b: '[g]\nm1\n' }, ['a', 'b']);
    expect(inventory && hostsOf(inventory, 'ungrouped')).toEqual(['m2']);
    expect(inventory?.hosts.get('m1')?.groups).toEqual(['all', 'g']);
    expect(inventory?.hosts.get('m2')?.groups).toEqual(['all', 'ungrouped']);
  });
});
