import type { Problems } from '../../core/diagnostic.ts';
import type { Registry } from '../../core/registry.ts';
import type { Located } from '../../core/source.ts';
import type { Tree } from '../../core/yaml.ts';
import type { StepTask } from '../../playbook/model.ts';
import { placeOf } from '../../playbook/place.ts';
import { compileJson, compileTree } from '../../template/compile.ts';
import { TemplateError } from '../../template/errors.ts';
import { evaluate } from '../../template/evaluate.ts';
import type { Expression } from '../../template/expression.ts';
import { parseExpression } from '../../template/parse.ts';
import { references } from '../../template/references.ts';
import type { CompiledValue } from '../../template/template.ts';
import { isTruthy } from '../../template/value.ts';
import type { CompiledTask } from './compiled.ts';
import type { Inheritance } from './inheritance.ts';
import type { CompiledVars } from './scope.ts';

/** As ansible-core has them: 3 attempts where `retries` is not given, else one more than that. */
const DEFAULT_ATTEMPTS = 3;
const DEFAULT_DELAY_S = 5;

/** Parses the templates of a task. `path` is where it stands in its play. */
export function compileTask(
  task: StepTask,
  path: string,
  inherited: Inheritance,
  registry: Registry,
  problems: Problems,
): CompiledTask | undefined {
  const step = registry.steps.get(task.step.value);
  const params = compileTree(task.params, problems);
  if (!step || !params) return undefined;
  const loop = task.loop && compileTree(task.loop, problems);
  const label = task.loopControl?.label;
  const environment = task.environment && compileTree(task.environment, problems);
  if (task.environment && !step.takesEnvironment)
    problems.error(
      `environment has no effect on ${step.name}`,
      placeOf(task.environment),
      'remove it: command and shell are run in it, other steps have one of their own',
    );
  const changedWhen = task.changedWhen && compileExpressions(task.changedWhen, problems);
  return {
    ref: { path, name: task.name.value, step: step.name },
    step,
    params,
    when: [...inherited.when, ...compileExpressions(task.when, problems)],
    register: task.register?.value,
    loop,
    loopForm: task.loopForm,
    loopLabel: label && compileJson(label.value, label.range, problems),
    become: task.become?.value ?? inherited.become,
    loopVariable: task.loopControl?.loopVar?.value ?? 'item',
    vars: new Map([...inherited.vars, ...compileVars(task.vars, problems)]),
    defaults: task.defaults ? compileVars(task.defaults, problems) : inherited.defaults,
    ignoreErrors: task.ignoreErrors?.value ?? inherited.ignoreErrors,
    changedWhen,
    changesNothing: changedWhen?.some((expression) => isConstantlyFalse(expression, problems)) ?? false,
    failedWhen: task.failedWhen && compileExpressions(task.failedWhen, problems),
    noLog: task.noLog?.value ?? inherited.noLog,
    until: task.until && {
      conditions: compileExpressions(task.until, problems),
      attempts: task.retries ? task.retries.value + 1 : DEFAULT_ATTEMPTS,
      delayMs: (task.delay?.value ?? DEFAULT_DELAY_S) * 1_000,
    },
    runOnce: task.runOnce?.value ?? false,
    loopIndex: task.loopControl?.indexVar?.value,
    loopExtended: task.loopControl?.extended?.value ?? false,
    environment: step.takesEnvironment ? [...inherited.environment, ...(environment ? [environment] : [])] : [],
    notify: task.notify.map(({ value }) => value),
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

/** Conditions, which stand in a playbook without braces. */
export function compileExpressions(list: readonly Located<string>[], problems: Problems): readonly Expression[] {
  return list.flatMap((located) => compileExpression(located, problems) ?? []);
}

function compileExpression({ value, range }: Located<string>, problems: Problems): Expression | undefined {
  const exact = range.file.text.slice(range.start, range.start + value.length) === value;
  const quoted = range.file.text.slice(range.start + 1, range.start + 1 + value.length) === value;
  const start = exact ? range.start : quoted ? range.start + 1 : undefined;
  return parseExpression(value, { range, ...(start !== undefined && { start }) }, problems);
}

/** Variables of a play, a block or a task. */
export function compileVars(vars: ReadonlyMap<string, Tree>, problems: Problems): CompiledVars {
  const compiled = new Map<string, CompiledValue>();
  for (const [name, tree] of vars) {
    const value = compileTree(tree, problems);
    if (name === 'kplay_cluster')
      problems.error(
        'kplay_cluster has a meaning only in the vars of a group of the inventory',
        tree.range,
        'put it there, or remove it',
      );
    if (value) compiled.set(name, value);
  }
  return compiled;
}
