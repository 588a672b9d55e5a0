import type { Problems } from '../../core/diagnostic.ts';
import type { Json } from '../../core/json.ts';
import { type Located, positionOf } from '../../core/source.ts';
import type { Step } from '../../core/step.ts';
import { isTemplate } from '../../playbook/files/task-file.ts';
import type { StepTask } from '../../playbook/model.ts';
import { compileJson, compileParameters, compileTree, type ExpressionParameters } from '../../template/compile.ts';
import { TemplateError } from '../../template/errors.ts';
import { evaluate } from '../../template/evaluation/evaluate.ts';
import type { Expression } from '../../template/syntax/expression.ts';
import { references } from '../../template/syntax/references.ts';
import { isTruthy } from '../../template/values/value.ts';
import { checkCommandLines } from './check-command-lines.ts';
import { checkSupport } from './check-support.ts';
import { checkName, compileExpressions, compileText } from './compile-values.ts';
import type { CompiledLoop, CompiledTask } from './compiled.ts';
import { type Inheritance, ofPart, passedVarsOf, varsOf } from './inheritance.ts';
import type { SettingLayers } from './settings.ts';

/** What Ansible takes for `retries` that are not given: repetitions after the first attempt. */
const DEFAULT_RETRIES = 3;
const DEFAULT_DELAY_S = 5;

/**
 * Parses the templates of a task, adds inherited settings, and checks that its step supports its keywords.
 * @param path its place in the play: `tasks.3`
 * @returns undefined if its parameters cannot be used; errors have then been added to `problems`
 */
export function compileTask(
  task: StepTask,
  path: string,
  inherited: Inheritance,
  step: Step,
  problems: Problems,
): CompiledTask | undefined {
  const params = compileParameters(task.params, expressionsOf(step), problems);
  if (!params) return undefined;
  checkCommandLines(params, step.schema, problems);
  const { passedBy: _, roleVars, ...own } = ofPart(task, inherited, problems);
  checkSupport(task, own, step, problems);
  const changedWhen = task.changedWhen && compileExpressions(task.changedWhen, problems);
  const changesNothing = changedWhen?.some((expression) => isConstantlyFalse(expression, problems)) ?? false;
  return {
    ...own,
    vars: varsOf({ roleVars, vars: own.vars }),
    ref: { path, name: task.name.value, step: step.name, position: positionOf(task.range) },
    step,
    params,
    register: task.register?.value,
    loop: compileLoop(task, problems),
    passedVars: passedVarsOf(inherited),
    changedWhen,
    changesNothing,
    isLook: changesNothing && step.runsCommand === true,
    failedWhen: task.failedWhen && compileExpressions(task.failedWhen, problems),
    until: task.until && {
      conditions: compileExpressions(task.until, problems),
      attempts: (task.retries?.value ?? DEFAULT_RETRIES) + 1,
      delayMs: (task.delay?.value ?? DEFAULT_DELAY_S) * 1_000,
    },
    runOnce: task.runOnce?.value ?? false,
    environment: step.usesEnvironment ? own.environment : [],
    async: layersOf(task.async, problems),
    poll: layersOf(task.poll, problems),
    notify: task.notify.flatMap(({ value }) => (isTemplate(value) ? [] : [value])),
    notifyTemplates: task.notify.flatMap((word) => (isTemplate(word.value) ? (compileText(word, problems) ?? []) : [])),
    tags: [...new Set(own.tags)],
    range: task.range,
  };
}

function compileLoop({ loop, loopForm, loopControl = {} }: StepTask, problems: Problems): CompiledLoop | undefined {
  const entries = loop && compileTree(loop, problems);
  if (!entries) return undefined;
  const { loopVar, indexVar, extended, label, pause, breakWhen = [] } = loopControl;
  for (const name of [loopVar, indexVar]) checkName(name, problems);
  return {
    entries,
    form: loopForm,
    variable: loopVar?.value ?? 'item',
    index: indexVar?.value,
    isExtended: extended?.value ?? false,
    label: label && compileJson(label.value, label.range, problems),
    pause: pause && compileJson(pause.value, pause.range, problems),
    breakWhen: compileExpressions(breakWhen, problems),
    holding: [],
  };
}

/** A setting that only the task itself can have. */
function layersOf(given: Located<Json> | undefined, problems: Problems): SettingLayers {
  const value = given && compileJson(given.value, given.range, problems);
  return value ? [value] : [];
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

/** The parameters of a step that are expressions. */
function expressionsOf({ schema: { properties } }: Step): ExpressionParameters {
  const marked = (mark: 'x-expression' | 'x-with-text' | 'x-conditions') =>
    new Set(Object.keys(properties).filter((name) => properties[name]?.[mark]));
  return { bare: marked('x-expression'), withText: marked('x-with-text'), conditions: marked('x-conditions') };
}
