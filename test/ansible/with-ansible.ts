import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { hasAnsible } from '../cli/support/ansible.ts';
import { inventoryText, makeRoots } from './hosts.ts';
import { type EndedTask, type Recap, type Story, storyOf } from './story.ts';

export { hasAnsible };

/** Runs playbooks with Ansible, each in a process of its own, all of one program that has Ansible loaded. */
export function playAllWithAnsible(directory: string, playbooks: readonly string[]): void {
  const inventory = join(directory, 'hosts.yml');
  const config = join(directory, 'ansible.cfg');
  const python = interpreter();
  const root = '"{{ base }}/{{ inventory_hostname }}"';
  // It has two opinions on where that is when HOME is not that of the user.
  const jobs = `ansible_async_dir: ${join(directory, 'jobs')}`;
  writeFileSync(inventory, inventoryText(`ansible_python_interpreter: ${python}, root: ${root}, ${jobs}`));
  writeFileSync(config, '');
  for (const path of playbooks) makeRoots(join(directory, basename(path, '.yml')));
  const words = [
    resolve('test/ansible/oracle.py'),
    String(cpus().length),
    directory,
    '-i',
    inventory,
    '--',
    ...playbooks,
  ];
  const { status, stderr } = spawnSync(python, words, {
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      HOME: directory,
      LC_ALL: 'C.UTF-8',
      ANSIBLE_CONFIG: config,
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_LOCALHOST_WARNING: 'false',
      ANSIBLE_PIPELINING: '1',
      ANSIBLE_CALLBACK_PLUGINS: resolve('test/ansible/callbacks'),
      ANSIBLE_STDOUT_CALLBACK: 'corpus',
    },
  });
  if (status !== 0) throw new Error(`Ansible could not be run: ${stderr}`);
}

/** Whether the ansible-core that is installed takes a playbook; its first line may say from which one on: `# ansible-core 2.18`. */
export function isKnownTo(playbook: string): boolean {
  const [, major, minor] = /^# ansible-core (\d+)\.(\d+)\n/.exec(playbook) ?? [];
  if (major === undefined || !hasAnsible) return true;
  return installed()[0] > Number(major) || (installed()[0] === Number(major) && installed()[1] >= Number(minor));
}

let version: readonly [number, number] | undefined;

function installed(): readonly [number, number] {
  const { stdout } = version ? { stdout: '' } : spawnSync('ansible-playbook', ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /core (\d+)\.(\d+)/.exec(stdout) ?? [];
  version ??= [Number(major), Number(minor)];
  return version;
}

/** The Python that has Ansible: the one that runs ansible-playbook. */
function interpreter(): string {
  const [path = ''] = (process.env['PATH'] ?? '')
    .split(':')
    .map((place) => join(place, 'ansible-playbook'))
    .filter(existsSync);
  return /^#! *(\S+)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? 'python3';
}

/** What came of one of them. */
export function storyWithAnsible(directory: string, name: string): Story {
  const base = join(directory, name);
  const lines = existsSync(`${base}.events`) ? readFileSync(`${base}.events`, 'utf8').trim().split('\n') : [];
  const entries = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
  const tasks = entries.filter((entry) => 'task' in entry) as unknown as readonly EndedTask[];
  const recaps = entries.flatMap((entry): readonly Recap[] =>
    'recap' in entry ? [{ host: String(entry['recap']), counts: entry['counts'] as Recap['counts'] }] : [],
  );
  const exitCode = Number(readFileSync(`${base}.code`, 'utf8'));
  const output = readFileSync(`${base}.log`, 'utf8');
  if (exitCode !== 0 && entries.length === 0) throw new Error(`Ansible does not take ${name}: ${output}`);
  return storyOf(base, exitCode, output, tasks, recaps);
}
