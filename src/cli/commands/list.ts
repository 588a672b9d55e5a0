import { InputError, Problems } from '../../core/diagnostic.ts';
import type { CompiledPlay, CompiledTask } from '../../engine/program/compiled.ts';
import { nodesIn } from '../../engine/program/play-tasks.ts';
import type { Play } from '../../playbook/model.ts';
import { escapeControls } from '../../report/text/escape.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { readInputs } from '../inputs/inputs.ts';
import { playbookPath } from '../inputs/playbook-files.ts';
import type { ListOptions, RunOptions } from '../options/options.ts';
import { showDiagnostics } from '../output/output.ts';
import { playbookInputs } from '../run/playbook-inputs.ts';

type ListCommandOptions = RunOptions & ListOptions;

/** Whether something is to be listed instead of run. */
export function isListing({ listHosts, listTasks, listTags }: ListOptions): boolean {
  return Boolean(listHosts || listTasks || listTags);
}

/** `--list-hosts`, `--list-tasks`, `--list-tags`: in the format of ansible-playbook. */
export async function list(playbook: string, options: ListCommandOptions, environment: Environment): Promise<number> {
  const path = playbookPath(playbook, environment);
  const problems = new Problems();
  const inputs = await readInputs({ options, environment, ...playbookInputs(path, options) }, problems);
  if (problems.hasErrors || !inputs) throw new InputError(problems.all);
  showDiagnostics(problems.all, options, environment);
  const sections = inputs.plays.flatMap((play, index) => {
    const source = inputs.playbook.plays[index];
    return source ? ['', ...playLines(source, play, index + 1, options)] : [];
  });
  environment.stdout.write(`\nplaybook: ${escapeControls(playbook)}\n${sections.join('\n')}\n`);
  return EXIT.good;
}

function playLines(source: Play, play: CompiledPlay, number: number, options: ListOptions): readonly string[] {
  const { listHosts, listTasks, listTags } = options;
  // Without handlers, because it is not known whether they will run.
  const tasks = nodesIn(play.body).flatMap((node) => (node.kind === 'task' || node.kind === 'each' ? [node.task] : []));
  const pattern = source.hosts.value;
  const tags = source.tags.map(({ value }) => value);
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
  // A task without a name is shown by its step, and Ansible then omits the role.
  const name = role === undefined || ref.name === ref.step ? ref.name : `${role.name} : ${ref.name}`;
  return `      ${escapeControls(name)}\tTAGS: ${tagList(tags)}`;
}

function tagList(tags: readonly string[]): string {
  return `[${[...new Set(tags)].sort().map(escapeControls).join(', ')}]`;
}
