import type { Problems } from '../core/diagnostic.ts';
import type { TaskRef } from '../core/event.ts';
import type { Host } from '../core/host.ts';
import type { Registry } from '../core/registry.ts';
import type { Located, SourceRange } from '../core/source.ts';
import type { Step } from '../core/step.ts';
import type { Strategy } from '../core/strategy.ts';
import type { Tree } from '../core/yaml.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { matchHosts } from '../inventory/match.ts';
import type { BatchSize, Play, Playbook, StepTask } from '../playbook/model.ts';
import { compileJson, compileTree } from '../template/compile.ts';
import { TemplateError } from '../template/errors.ts';
import { evaluate } from '../template/evaluate.ts';
import type { Expression } from '../template/expression.ts';
import { parseExpression } from '../template/parse.ts';
import { references } from '../template/references.ts';
import type { CompiledValue } from '../template/template.ts';
import { isTruthy } from '../template/value.ts';
import type { Become } from './host-sessions.ts';
import { type CompiledVars, VariableCompiler } from './scope.ts';
import { isSelected, type TagSelection } from './tags.ts';

/** A play whose names are resolved and whose templates are parsed: what the planner works on. */
export interface CompiledPlay {
  readonly name: string;
  readonly hosts: readonly CompiledHost[];
  readonly vars: CompiledVars;
  readonly become: Become;
  readonly serial: readonly BatchSize[] | undefined;
  readonly anyErrorsFatal: boolean;
  readonly maxFailPercentage: number | undefined;
  readonly strategy: Strategy | undefined;
  readonly forcedOrder: string | undefined;
  readonly tasks: readonly CompiledTask[];
}

export interface CompiledHost {
  readonly host: Host;
  readonly vars: CompiledVars;
}

export interface CompiledTask {
  readonly ref: TaskRef;
  readonly step: Step;
  readonly params: CompiledValue;
  readonly when: readonly Expression[];
  readonly register: string | undefined;
  readonly loop: CompiledValue | undefined;
  readonly loopVariable: string;
  /** What is shown of an entry of the loop. */
  readonly loopLabel: CompiledValue | undefined;
  /** The task's own word, or else the play's. */
  readonly become: Become;
  readonly vars: CompiledVars;
  readonly ignoreErrors: boolean;
  readonly changedWhen: readonly Expression[] | undefined;
  /** `changed_when` is false whatever happens. */
  readonly changesNothing: boolean;
  readonly failedWhen: readonly Expression[] | undefined;
  readonly noLog: boolean;
  readonly range: SourceRange;
}

export interface CompileRequest {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  readonly registry: Registry;
  /** Hosts that `--limit` leaves; undefined for all. */
  readonly limit: ReadonlySet<string> | undefined;
  readonly tags: TagSelection;
}

/** Resolves what a playbook names and parses its templates. Everything wrong is added to `problems`. */
export function compilePlaybook(request: CompileRequest, problems: Problems): readonly CompiledPlay[] {
  const hostVars = new VariableCompiler(problems);
  const cache = new Map<string, CompiledHost>();
  const compileHost = (host: Host): CompiledHost => {
    const known = cache.get(host.name) ?? { host, vars: hostVars.hostVars(host) };
    cache.set(host.name, known);
    return known;
  };
  return request.playbook.plays.map((play) => compilePlay(play, request, compileHost, problems));
}

/** How a play becomes root: as its tasks say, and as it says itself for what its strategy asks. */
export function waysOf({ tasks, become, strategy }: CompiledPlay): readonly Become[] {
  const own = tasks.map((task) => task.become);
  return [...new Set(strategy || tasks.length === 0 ? [become, ...own] : own)];
}

function compilePlay(
  play: Play,
  { inventory, registry, limit, tags }: CompileRequest,
  compileHost: (host: Host) => CompiledHost,
  problems: Problems,
): CompiledPlay {
  const hosts = matchHosts(inventory, play.hosts, problems).filter(
    ({ name }) => limit === undefined || limit.has(name),
  );
  const selected = [...play.tasks.entries()].filter(([, task]) =>
    isSelected(
      [...play.tags, ...task.tags].map(({ value }) => value),
      tags,
    ),
  );
  const strategy =
    play.strategy && play.strategy.value !== 'linear' ? registry.strategies.get(play.strategy.value) : undefined;
  if (play.order && !strategy) {
    problems.error(
      'order has a meaning only with a strategy that has several',
      play.order.range,
      'add strategy: control_plane',
    );
  }
  return {
    name: play.name.value,
    hosts: hosts.map(compileHost),
    vars: compileVars(play.vars, problems),
    become: play.become?.value,
    serial: play.serial?.value,
    anyErrorsFatal: play.anyErrorsFatal?.value ?? false,
    maxFailPercentage: play.maxFailPercentage?.value,
    strategy,
    forcedOrder: play.order?.value,
    tasks: selected.flatMap(([index, task]) => compileTask(task, `tasks.${index}`, play, registry, problems) ?? []),
  };
}

function compileTask(
  task: StepTask,
  path: string,
  play: Play,
  registry: Registry,
  problems: Problems,
): CompiledTask | undefined {
  const step = registry.steps.get(task.step.value);
  const params = compileTree(task.params, problems);
  if (!step || !params) return undefined;
  const loop = task.loop && compileTree(task.loop, problems);
  const label = task.loopControl?.label;
  const expressions = (list: readonly Located<string>[] | undefined): readonly Expression[] | undefined =>
    list?.flatMap((located) => compileExpression(located, problems) ?? []);
  const changedWhen = expressions(task.changedWhen);
  return {
    ref: { path, name: task.name.value, step: step.name },
    step,
    params,
    when: expressions(task.when) ?? [],
    register: task.register?.value,
    loop,
    loopLabel: label && compileJson(label.value, label.range, problems),
    become: (task.become ?? play.become)?.value,
    loopVariable: task.loopControl?.loopVar?.value ?? 'item',
    vars: compileVars(task.vars, problems),
    ignoreErrors: task.ignoreErrors?.value ?? false,
    changedWhen,
    changesNothing: changedWhen?.some((expression) => isConstantlyFalse(expression, problems)) ?? false,
    failedWhen: expressions(task.failedWhen),
    noLog: task.noLog?.value ?? false,
    range: task.range,
  };
}

function isConstantlyFalse(expression: Expression, problems: Problems): boolean {
  const { required, optional } = references(expression);
  if (required.size + optional.size > 0) return false;
  try {
    return !isTruthy(evaluate(expression, { get: () => undefined }));
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    problems.error(error.message, error.range, error.hint);
    return false;
  }
}

function compileExpression({ value, range }: Located<string>, problems: Problems): Expression | undefined {
  const exact = range.file.text.slice(range.start, range.start + value.length) === value;
  const quoted = range.file.text.slice(range.start + 1, range.start + 1 + value.length) === value;
  const start = exact ? range.start : quoted ? range.start + 1 : undefined;
  return parseExpression(value, { range, ...(start !== undefined && { start }) }, problems);
}

function compileVars(vars: ReadonlyMap<string, Tree>, problems: Problems): CompiledVars {
  const compiled = new Map<string, CompiledValue>();
  for (const [name, tree] of vars) {
    const value = compileTree(tree, problems);
    if (value) compiled.set(name, value);
  }
  return compiled;
}
