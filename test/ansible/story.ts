import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../src/core/json.ts';
import { promised } from '../cli/support/ansible.ts';
import { HOSTS } from './hosts.ts';

/** What a host did: its tasks in order, the numbers of its recap, and its files. */
interface HostStory {
  /** `Try: changed`, with what it says. */
  readonly tasks: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly files: Readonly<Record<string, string>>;
}

/** What came of a playbook. */
export interface Story {
  readonly exitCode: number;
  readonly hosts: ReadonlyMap<string, HostStory>;
  /** All that was printed, for whoever looks for the reason. */
  readonly output: string;
}

/** A task that ended on a host, as a line of events says it. */
export interface EndedTask {
  readonly task: string;
  readonly host: string;
  readonly outcome: string;
  readonly said: readonly Json[];
}

export interface Recap {
  readonly host: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** @param base the directory with the hosts' roots */
export function storyOf(
  base: string,
  exitCode: number,
  output: string,
  tasks: readonly EndedTask[],
  recaps: readonly Recap[],
): Story {
  const hosts = new Map<string, HostStory>();
  for (const name of Object.keys(HOSTS)) {
    // kplay finds out before the first task who cannot be reached; the recap of both says it.
    const own = tasks.filter(({ host, outcome }) => host === name && outcome !== 'unreachable');
    const counts = recaps.find(({ host }) => host === name)?.counts ?? NOTHING;
    hosts.set(name, { tasks: own.map(lineOf), counts, files: filesIn(join(base, name)) });
  }
  return { exitCode, hosts, output };
}

/** Ansible has no line for a host that did nothing. */
const NOTHING = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };

function lineOf({ task, outcome, said }: EndedTask): string {
  // Ansible puts the role before the name, and its own prefix before what has none.
  const name = task.replace(/^.* : /, '').replace(/^ansible\.builtin\./, '');
  return [`${name}: ${outcome}`, ...said.map(textOf)].join(' | ');
}

/** What was said, as far as both promise it: a result that was shown without what only one of them has. */
function textOf(value: Json): string {
  const parsed = typeof value === 'string' ? fromJson(value) : value;
  return typeof parsed === 'string' ? parsed : JSON.stringify(hasFlags(parsed) ? promised(parsed) : parsed);
}

function hasFlags(value: Json): boolean {
  return typeof value === 'object' && value !== null && 'changed' in value;
}

function fromJson(text: string): Json {
  try {
    return JSON.parse(text.replace(/^\[(?:'[^']*'(?:, )?)*\]$/, (list) => list.replaceAll("'", '"'))) as Json;
  } catch {
    return text;
  }
}

/** Texts without their last newline. What the runs keep for themselves is left out. */
function filesIn(root: string): Readonly<Record<string, string>> {
  const names = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(names.map(({ name }) => [name, readFileSync(join(root, name), 'utf8').trimEnd()]));
}

/** In what two runs of a playbook differ, in lines; empty where they agree. */
export function differencesBetween(theirs: Story, ours: Story): readonly string[] {
  const found: string[] = [];
  if (theirs.exitCode !== ours.exitCode) found.push(`exit code: Ansible ${theirs.exitCode}, kplay ${ours.exitCode}`);
  for (const [host, then] of theirs.hosts) {
    const now = ours.hosts.get(host);
    for (const part of ['tasks', 'counts', 'files'] as const) {
      const [a, b] = [then[part], now?.[part]].map((value) => JSON.stringify(value));
      if (a !== b) found.push(`${host}, ${part}:`, `  Ansible ${a}`, `  kplay   ${b}`);
    }
  }
  return found.length > 0 && ours.exitCode === 1 ? [...found, ours.output] : found;
}
