import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../../src/core/json.ts';
import type { Inventory } from '../../../src/inventory/inventory.ts';
import { varsOf } from './inventories.ts';

/** What both say of an inventory, in a form that can be compared. */
export interface Comparable {
  /** Groups with their children in order and all their hosts, sorted where Ansible's own order varies. */
  readonly groups: Readonly<
    Record<string, { readonly children: readonly string[]; readonly hosts: readonly string[] }>
  >;
  readonly vars: Readonly<Record<string, Json>>;
}

/** What `ansible-inventory --list` says. `directory` is where it runs, without configuration of any user. */
export function askAnsible(directory: string, sources: readonly string[]): Comparable {
  const list = JSON.parse(run(directory, 'ansible-inventory', [...options(sources), '--list'])) as Listing;
  const names = Object.keys(list).filter((name) => name !== '_meta');
  const groups = names.map((name) => {
    const children = list[name]?.children ?? [];
    return [name, { children, hosts: comparableOrder(children, [...new Set(hostsBelow(list, name))]) }] as const;
  });
  return plain({ groups: Object.fromEntries(groups), vars: list['_meta']?.hostvars ?? {} });
}

/** What kplay says; groups without hosts and children, which Ansible does not list, are left out. */
export function askKplay(inventory: Inventory): Comparable {
  const groups = [...inventory.groups.values()]
    .filter(({ hosts, children, name }) => name === 'all' || hosts.length + children.length > 0)
    .map(({ name, children, hosts }) => [name, { children, hosts: comparableOrder(children, hosts) }] as const);
  const vars = [...inventory.hosts.keys()]
    .map((name) => [name, varsOf(inventory, name)] as const)
    .filter(([, values]) => Object.keys(values).length > 0);
  return plain({ groups: Object.fromEntries(groups), vars: Object.fromEntries(vars) });
}

/** The order is Ansible's own where a group has no children; below that it takes them as a Python set yields them. */
function comparableOrder(children: readonly string[], hosts: readonly string[]): readonly string[] {
  return children.length === 0 ? hosts : [...hosts].sort();
}

/** Without what JSON does not tell apart: Python knows a -0.0. */
function plain(comparable: Comparable): Comparable {
  return JSON.parse(JSON.stringify(comparable)) as Comparable;
}

/** The hosts of a pattern in their order, from `ansible --list-hosts`. */
export function listHosts(
  directory: string,
  sources: readonly string[],
  pattern: string,
  limit?: string,
): readonly string[] {
  const limits = limit === undefined ? [] : ['--limit', limit];
  return hostLines(run(directory, 'ansible', [...options(sources), ...limits, '--list-hosts', pattern]));
}

/** The hosts of many patterns, sorted: one play each, and one start of Ansible for all. */
export function listManyHosts(
  directory: string,
  sources: readonly string[],
  patterns: readonly string[],
): readonly string[][] {
  writeFileSync(join(directory, 'plays.yml'), JSON.stringify(patterns.map((hosts) => ({ hosts }))));
  const output = run(directory, 'ansible-playbook', [...options(sources), '--list-hosts', 'plays.yml']);
  const plays = output.split(/^ {2}play #[0-9]+ /m).slice(1);
  return plays.map((play) => [...hostLines(play)].sort());
}

interface Listing {
  readonly [group: string]: {
    readonly children?: readonly string[];
    readonly hosts?: readonly string[];
    readonly hostvars?: Record<string, Json>;
  };
}

function hostsBelow(list: Listing, group: string): readonly string[] {
  const { hosts = [], children = [] } = list[group] ?? {};
  return [...hosts, ...children.flatMap((child) => hostsBelow(list, child))];
}

function hostLines(output: string): readonly string[] {
  const [, lines = ''] = /^ +hosts \([0-9]+\):\n((?: +\S+\n)*)/m.exec(output) ?? [];
  return lines.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

function options(sources: readonly string[]): readonly string[] {
  return sources.flatMap((source) => ['-i', source]);
}

function run(directory: string, command: string, args: readonly string[]): string {
  const configuration = join(directory, 'ansible.cfg');
  writeFileSync(configuration, '[inventory]\nany_unparsed_is_failed = true\n');
  const env = { PATH: process.env['PATH'], HOME: directory, LC_ALL: 'C.UTF-8', ANSIBLE_CONFIG: configuration };
  const { stdout, stderr, status } = spawnSync(command, args, {
    cwd: directory,
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`);
  return stdout;
}
