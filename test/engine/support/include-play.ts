import type { SourceFile } from '../../../src/core/source.ts';
import type { FakeHost } from './fake-fleet.ts';
import { playWith } from './play-files.ts';
import { apply, plan, type Report, type RunOptions } from './workshop.ts';

export const set = (key: string, value = '1'): string => `set: { key: "${key}", value: "${value}" }`;

/** A playbook of these tasks, with these files around it. @param head further keywords of its play */
export function playbook(tasks: string, files: Readonly<Record<string, string>>, head = ''): SourceFile {
  const lines = tasks.split('\n').map((line) => `    ${line}`);
  return playWith({ ...files, 'play.yml': `- hosts: all\n${head}  tasks:\n${lines.join('\n')}\n` });
}

export function shownOf({ result }: Report, host: string) {
  return result.plans[0]?.hosts.find((one) => one.host === host)?.tasks ?? [];
}

/** What a plan shows of each host, and what a run then does. */
export async function both(source: SourceFile, fleet: readonly FakeHost[], options: RunOptions = {}) {
  const shown = await plan(source, fleet, options);
  const done = await apply(source, fleet, options);
  return { shown, done };
}
