import type { Problems } from '../../core/diagnostic.ts';
import type { Registry } from '../../core/registry.ts';
import type { StepTask } from '../../playbook/model.ts';
import { placeOf } from '../../playbook/place.ts';
import { compileJson, compileTree } from '../../template/compile.ts';
import { TemplateError } from '../../template/errors.ts';
import { evaluate } from '../../template/evaluate.ts';
import type { Expression } from '../../template/expression.ts';
import { references } from '../../template/references.ts';
import { isTruthy } from '../../template/value.ts';
import { compileExpressions, compileText, compileVars } from './compile-values.ts';
import type { CompiledTask } from './compiled.ts';
import type { Inheritance } from './inheritance.ts';

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
  const delegateTo = task.delegateTo ? compileText(task.delegateTo, problems) : inherited.delegateTo;
  if (delegateTo && !step.delegable)
    problems.error(
      `${step.name} cannot be delegated`,
      task.delegateTo?.range ?? task.step.range,
      'put the task into a play of its own, with that host as hosts',
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
    role: task.role ?? inherited.role,
    delegateTo,
    notify: task.notify.map(({ value }) => value),
    tags: [...new Set([...inherited.tags, ...task.tags.map(({ value }) => value)])],
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
