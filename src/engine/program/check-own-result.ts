import type { Problems } from '../../core/diagnostic.ts';
import { references } from '../../template/syntax/references.ts';
import type { CompiledTask } from './compiled.ts';

/**
 * Reports what an entry of a loop reads of the result that its own task registers. In Ansible that is the result of the entry
 * before; here all entries are rendered before the first of them runs.
 */
export function checkOwnResult(task: CompiledTask, problems: Problems): void {
  const { register, loop, when, params, environment, delegateTo, ignoreErrors, checkMode } = task;
  if (register === undefined || !loop) return;
  const read = [...when, params, ...environment, ...(delegateTo ? [delegateTo] : []), ...ignoreErrors, ...checkMode];
  const found = read.find((value) => {
    const { required, optional } = references(value);
    return required.has(register) || optional.has(register);
  });
  if (!found) return;
  problems.error(
    `an entry of a loop cannot use '${register}', which its own task registers`,
    'range' in found ? found.range : task.range,
    'to end the loop after an entry, write break_when in loop_control; for an earlier result, register this one under another name',
  );
}
