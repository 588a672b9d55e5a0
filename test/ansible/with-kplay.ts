import { readFileSync } from 'node:fs';
import type { Event } from '../../src/core/events/event.ts';
import { Controller } from '../cli/support/controller.ts';
import { inventoryText, makeRoots } from './hosts.ts';
import { type EndedTask, type Recap, type Story, storyOf } from './story.ts';

/** Runs a playbook with kplay. `base` is the directory that gets the hosts' roots. */
export async function playWithKplay(base: string, playbook: string): Promise<Story> {
  makeRoots(base);
  const controller = new Controller();
  try {
    const rootfs = `kplay_rootfs: "${base}/{{ inventory_hostname }}", root: "", base: "${base}"`;
    const inventory = controller.file('hosts.yml', inventoryText(rootfs));
    const { exitCode, stdout, stderr } = await controller.run([
      'run',
      playbook,
      '-i',
      inventory,
      '-o',
      'json',
      ...optionsIn(playbook),
    ]);
    const events = stdout.split('\n').flatMap((line): readonly Event[] => (line === '' ? [] : [JSON.parse(line)]));
    const tasks = events.flatMap((event): readonly EndedTask[] =>
      event.type === 'task-finished'
        ? [{ task: event.task.name, host: event.host, outcome: event.outcome, said: event.said ?? [] }]
        : [],
    );
    const recaps = events.flatMap((event) => (event.type === 'run-finished' ? event.hosts.map(recapOf) : []));
    return storyOf(base, exitCode, stdout + stderr, tasks, recaps);
  } finally {
    controller.close();
  }
}

/** Options that its first line gives to both: `# options: --tags x`. */
function optionsIn(playbook: string): readonly string[] {
  const [, words] = /^# options: (.*)\n/.exec(readFileSync(playbook, 'utf8')) ?? [];
  return words?.split(' ') ?? [];
}

function recapOf({ host, ok, changed, unreachable, failed, skipped, rescued, ignored }: RecapEvent): Recap {
  return { host, counts: { ok, changed, unreachable, failed, skipped, rescued, ignored } };
}

type RecapEvent = Extract<Event, { readonly type: 'run-finished' }>['hosts'][number];
