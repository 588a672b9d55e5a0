import type { Problems } from '../../core/diagnostic.ts';
import type { Step } from '../../core/step.ts';
import type { MappingEntry } from '../../core/yaml.ts';
import type { StepTask } from '../../playbook/model.ts';
import { placeOf } from '../../playbook/place.ts';
import { isUsableName, NAME_HINT } from '../../playbook/readers.ts';
import { isTemplate } from '../../playbook/task-file.ts';
import { compileJson, compileParameters, compileTree, type ExpressionParameters } from '../../template/compile.ts';
import { TemplateError } from '../../template/errors.ts';
import { evaluate } from '../../template/evaluate.ts';
import type { Expression } from '../../template/expression.ts';
import { references } from '../../template/references.ts';
import { isTruthy } from '../../template/value.ts';
import { NO_BACKGROUND } from './call-limit.ts';
import { compileExpressions, compileText, compileVars } from './compile-values.ts';
import type { CompiledTask } from './compiled.ts';
import { handedTo, type Inheritance, settings } from './inheritance.ts';
import type { Said } from './settings.ts';

/** As ansible-core has them: 3 attempts where `retries` is not given, else one more than that. */
const DEFAULT_ATTEMPTS = 3;
const DEFAULT_DELAY_S = 5;

/** Parses the templates of a task. `path` is where it stands in its play. */
export function compileTask(
  task: StepTask,
  path: string,
  inherited: Inheritance,
  step: Step,
  problems: Problems,
): CompiledTask | undefined {
  const params = compileParameters(task.params, expressionsOf(step), problems);
  if (!params) return undefined;
  const loop = task.loop && compileTree(task.loop, problems);
  const { label, pause, breakWhen = [] } = task.loopControl ?? {};
  const [end] = breakWhen;
  if (end && !step.delegable)
    problems.error(
      `${step.name} foresees how its host will be, so its loop takes no break_when`,
      end.range,
      'put a when at the task: it says for which entries it is',
    );
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
  const said = settings(task, inherited, problems);
  if (isSaid(said.timeout) && !step.canBeEnded)
    problems.error(
      `${step.name} is not ended in the midst, so it takes no timeout`,
      task.timeout?.range ?? task.step.range,
      'remove it, or write timeout: 0 at this task: steps that wait have a parameter for how long',
    );
  if (isSaid(said.throttle) && step.stages)
    problems.error(
      `${step.name} goes in stages that all hosts pass together, so it takes no throttle`,
      task.throttle?.range ?? task.step.range,
      'remove it, or write throttle: 0 at this task: the strategy decides how many go at a time',
    );
  const background = asyncOf(task, step, problems);
  if (step.setsFacts) checkNames(task.params.entries, problems);
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
    given: handedTo(inherited),
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
    loopPause: pause && compileJson(pause.value, pause.range, problems),
    breakWhen: compileExpressions(breakWhen, problems),
    environment: step.takesEnvironment ? [...inherited.environment, ...(environment ? [environment] : [])] : [],
    role: task.role ?? inherited.role,
    delegateTo,
    ...said,
    ...background,
    notify: task.notify.flatMap(({ value }) => (isTemplate(value) ? [] : [value])),
    notifyTemplates: task.notify.flatMap((word) => (isTemplate(word.value) ? (compileText(word, problems) ?? []) : [])),
    tags: [...new Set([...inherited.tags, ...task.tags.map(({ value }) => value)])],
    range: task.range,
  };
}

/** In Ansible, too, what runs where Ansible itself runs takes no `async`. */
function asyncOf(task: StepTask, step: Step, problems: Problems): Pick<CompiledTask, 'async' | 'poll'> {
  const { async, poll } = task;
  const isOff = async === undefined || async.value === 0;
  if (async && !isOff && !step.takesAsync)
    problems.error(`${step.name} takes no async`, async.range, 'remove it: it is for command, shell and wait_for');
  if (poll?.value === 0 && !isOff) problems.error('poll must be more than 0', poll.range, NO_BACKGROUND);
  if (poll && !async) problems.error('poll has no effect without async', poll.range, 'remove it, or add async');
  const compiled = (said: typeof async): Said => {
    const value = said && compileJson(said.value, said.range, problems);
    return value ? [value] : [];
  };
  return { async: compiled(async), poll: compiled(poll) };
}

/** Ansible fills in templates in names of variables, and takes `cacheable` for an option. */
function checkNames(entries: readonly MappingEntry[], problems: Problems): void {
  for (const { key, keyRange } of entries)
    if (key === 'cacheable')
      problems.error('set_fact takes no cacheable: nothing is kept beyond the run', keyRange, 'remove it');
    else if (!isUsableName(key))
      problems.error(
        `'${key}' cannot be the name of a variable`,
        keyRange,
        isTemplate(key)
          ? 'a template can stand in the value alone: make it one mapping, facts: "{{ facts | default({}) | combine({name: value}) }}"'
          : NAME_HINT,
      );
}

/** Something other than 0 is said. */
function isSaid([own]: Said): boolean {
  return own !== undefined && !(own.kind === 'constant' && own.value === 0);
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
  const marked = (mark: 'x-expression' | 'x-with-text') =>
    new Set(Object.keys(properties).filter((name) => properties[name]?.[mark]));
  return { bare: marked('x-expression'), withText: marked('x-with-text') };
}
