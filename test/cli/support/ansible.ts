import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type Json } from '../../../src/core/json.ts';
import type { Controller } from './controller.ts';

/** Is Ansible installed? */
export const hasAnsible = spawnSync('ansible-playbook', ['--version']).status === 0;

/** The numbers of a host's recap. */
export type Counts = Readonly<Record<string, number>>;

/** What came of a playbook: counts of its host `here`, and the exit code. */
export interface Played {
  readonly counts: Counts;
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs a playbook with Ansible on this machine, without configuration of any user. */
export function playWithAnsible({ directory, home }: Controller, playbook: string, words: readonly string[]): Played {
  const inventory = join(directory, 'ansible.ini');
  const config = join(directory, 'ansible.cfg');
  writeFileSync(config, '');
  const { stdout, stderr, status } = spawnSync('ansible-playbook', [...words, '-i', inventory, playbook], {
    cwd: directory,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      LC_ALL: 'C.UTF-8',
      ANSIBLE_CONFIG: config,
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_LOCALHOST_WARNING: 'false',
    },
  });
  return { counts: countsIn(stdout), exitCode: status, output: stdout + stderr };
}

/** The numbers of the recap that both know; a counter that is not shown is 0. */
export function countsIn(output: string): Counts {
  const line = /^here\s+: (.*)$/m.exec(output)?.[1] ?? '';
  const found = new Map([...line.matchAll(/(\w+)=(\d+)/g)].map(([, name = '', count]) => [name, Number(count)]));
  const names = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'ignored'];
  return Object.fromEntries(names.map((name) => [name, found.get(name) ?? 0]));
}

/** The fields of a registered result that both promise, wherever they stand in it. */
export function promised(value: Json): Json {
  if (Array.isArray(value)) return value.map(promised);
  if (!isJsonObject(value)) return value;
  const fields = ['rc', 'stdout', 'stderr', 'stdout_lines', 'failed_when_result', 'item', 'results'];
  const flags = ['changed', 'failed', 'skipped'].map((name) => [name, value[name] === true] as const);
  const own = fields.flatMap((name) => (value[name] === undefined ? [] : [[name, promised(value[name])] as const]));
  return Object.fromEntries([...flags, ...own]);
}

/** What a playbook has written with `to_json`. */
export function written(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8')) as Json;
}
