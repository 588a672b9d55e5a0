import { InputError, Problems } from '../../core/diagnostic.ts';
import type { CompiledPlay, CompiledTask, Node } from '../../engine/program/compiled.ts';
import { loadPlaybook } from '../../playbook/load.ts';
import type { Play, Playbook } from '../../playbook/model.ts';
import { escapeControls } from '../../report/escape.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { readInputs } from '../inputs.ts';
import type { ListOptions, RunOptions } from '../options.ts';
import { showDiagnostics } from '../output.ts';
import { playbookPath } from '../playbook-files.ts';

type ListCommandOptions = RunOptions & ListOptions;

/** Something is to be listed, and nothing else is to be done. */
export function isListing({ listHosts, listTasks, listTags }: ListOptions): boolean {
  return Boolean(listHosts || listTasks || listTags);
}

/** `--list-hosts`, `--list-tasks`, `--list-tags`: as ansible-playbook prints them. */
export async function list(playbook: string, options: ListCommandOptions, environment: Environment): Promise<number> {
  const path = playbookPath(playbook, environment);
  const problems = new Problems();
  let read: Playbook | undefined;
  const inputs = await readInputs(
    {
      options,
      environment,
      playbook: (found) => {
        read = loadPlaybook(path, catalogue, found);
        return read;
      },
      tags: { only: options.tags, skip: options.skipTags },
    },
    problems,
  );
  if (problems.hasErrors || !inputs) throw new InputError(problems.all);
  showDiagnostics(problems.all, options, environment);
  const sections = inputs.plays.flatMap((play, index) => {
    const written = read?.plays[index];
    return written ? ['', ...playLines(written, play, index + 1, options)] : [];
  });
  environment.stdout.write(`\nplaybook: ${escapeControls(playbook)}\n${sections.join('\n')}\n`);
  return EXIT.good;
}

function playLines(written: Play, play: CompiledPlay, number: number, options: ListOptions): readonly string[] {
  const { listHosts, listTasks, listTags } = options;
  const tasks = play.body.flatMap(tasksOf);
  const pattern = written.hosts.value;
  const tags = written.tags.map(({ value }) => value);
  return [
    `  play #${number} (${escapeControls(pattern)}): ${escapeControls(play.name)}\tTAGS: ${tagList(tags)}`,
    ...(listHosts ? hostLines(pattern, play) : []),
    ...(listTasks ? ['    tasks:', ...tasks.map(taskLine)] : []),
    ...(listTags ? [`      TASK TAGS: ${tagList(tasks.flatMap((task) => task.tags))}`] : []),
  ];
}

function hostLines(pattern: string, { hosts }: CompiledPlay): readonly string[] {
  const names = hosts.map(({ host }) => `      ${escapeControls(host.name)}`);
  return [`    pattern: ['${escapeControls(pattern)}']`, `    hosts (${hosts.length}):`, ...names];
}

function taskLine({ ref, tags, role }: CompiledTask): string {
  // One without a name is called by its step, and Ansible then leaves out the role.
  const name = role === undefined || ref.name === ref.step ? ref.name : `${role.name} : ${ref.name}`;
  return `      ${escapeControls(name)}\tTAGS: ${tagList(tags)}`;
}

function tagList(tags: readonly string[]): string {
  return `[${[...new Set(tags)].sort().map(escapeControls).join(', ')}]`;
}

/** Without handlers: whether one runs, nobody knows before. */
function tasksOf(node: Node): readonly CompiledTask[] {
  switch (node.kind) {
    case 'task':
      return [node.task];
    case 'block':
      return [...node.body, ...node.rescue, ...node.always].flatMap(tasksOf);
    case 'include':
      return node.body.flatMap(tasksOf);
    case 'meta':
    case 'flush':
      return [];
  }
}
