import type { Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';
import type { Step } from '../../core/step.ts';
import type { MappingEntry } from '../../core/yaml/yaml.ts';
import { isTemplate } from '../../playbook/files/task-file.ts';
import type { StepTask } from '../../playbook/model.ts';
import { messageRange } from '../../playbook/place.ts';
import { isUsableName, NAME_HINT } from '../../playbook/readers/readers.ts';
import { NO_BACKGROUND } from './call-limit.ts';
import { checkName, misplacement } from './compile-values.ts';
import type { CompiledTask } from './compiled.ts';
import type { SettingLayers } from './settings.ts';

/** A task's settings including those inherited from its play and blocks, which its step may not support. */
type Effective = Pick<CompiledTask, 'delegateTo' | 'timeout' | 'throttle'>;

/** Reports each keyword of a task that its step does not support, with what to do instead. */
export function checkSupport(task: StepTask, effective: Effective, step: Step, problems: Problems): void {
  const { name } = step;
  const report = (message: string, range: SourceRange | undefined, hint: string): void =>
    problems.error(message, range ?? task.step.range, hint);
  const [breakWhen] = task.loopControl?.breakWhen ?? [];
  if (breakWhen && !step.delegable)
    report(
      `${name} predicts the state of its host, so its loop cannot have break_when`,
      breakWhen.range,
      'use when on the task to select entries',
    );
  if (task.environment && !step.usesEnvironment)
    report(
      `environment has no effect on ${name}`,
      messageRange(task.environment),
      'remove it: only command and shell use it, other steps have their own environment',
    );
  if (effective.delegateTo && !step.delegable)
    report(
      `${name} cannot be delegated`,
      task.delegateTo?.range,
      'move the task to a play of its own, with that host in hosts',
    );
  if (isOn(effective.timeout) && !step.isKillable)
    report(
      `${name} is never stopped in the middle, so it cannot have a timeout`,
      task.timeout?.range,
      'remove it, or set timeout: 0 on this task: steps that wait have a parameter for that',
    );
  if (isOn(effective.throttle) && step.stages)
    report(
      `${name} has stages that all hosts pass together, so it cannot have throttle`,
      task.throttle?.range,
      'remove it, or set throttle: 0 on this task: the strategy decides how many hosts run at a time',
    );
  const [until] = task.until ?? [];
  if (until && step.stages)
    report(
      `${name} has stages that all hosts pass together, so it cannot be repeated with until`,
      until.range,
      'remove it: the step itself waits for what it has begun; to look again, put until on a task behind it',
    );
  checkAsync(task, step, problems);
  if (step.setsFacts) checkNames(task.params.entries, problems);
  checkName(task.register, problems);
}

/**
 * `async` is for steps that work on the host and may take long. In Ansible, too, steps that run on the controller do not
 * support it.
 */
function checkAsync({ async, poll }: StepTask, { name, supportsAsync }: Step, problems: Problems): void {
  const isOff = async === undefined || async.value === 0;
  if (async && !isOff && !supportsAsync)
    problems.error(`${name} does not support async`, async.range, 'remove it: it is for command, shell and wait_for');
  if (poll?.value === 0 && !isOff) problems.error('poll must be more than 0', poll.range, NO_BACKGROUND);
  if (poll && !async) problems.error('poll has no effect without async', poll.range, 'remove it, or add async');
}

/**
 * Reports names of variables that set_fact cannot set. Ansible would render templates in them, and treats `cacheable` as an
 * option.
 */
function checkNames(entries: readonly MappingEntry[], problems: Problems): void {
  for (const { key, keyRange } of entries) {
    const misplaced = misplacement(key);
    if (misplaced) problems.error(misplaced.message, keyRange, misplaced.hint);
    else if (key === 'cacheable')
      problems.error('set_fact does not support cacheable: nothing is kept after the run', keyRange, 'remove it');
    else if (!isUsableName(key))
      problems.error(
        `'${key}' cannot be the name of a variable`,
        keyRange,
        isTemplate(key)
          ? 'only values can be templates: use one mapping, facts: "{{ facts | default({}) | combine({name: value}) }}"'
          : NAME_HINT,
      );
  }
}

/** Whether a limit is given and is not 0, which means none. */
function isOn([own]: SettingLayers): boolean {
  return own !== undefined && !(own.kind === 'constant' && own.value === 0);
}
