import type { Problems } from '../../core/diagnostic.ts';
import type { Expression } from '../../template/syntax/expression.ts';
import { references } from '../../template/syntax/references.ts';
import type { CompiledValue } from '../../template/template.ts';
import type { CompiledTask } from './compiled.ts';
import type { CompiledVars } from './scope.ts';

/** What the entries of a loop may read. */
interface Readable {
  /** `-e` */
  readonly extra: CompiledVars;
  /** The variables of the play. */
  readonly play: CompiledVars;
  /** The conditions that the task inherits: the first ones of its `when`. */
  readonly inherited: readonly Expression[];
}

/**
 * Reports what an entry of a loop reads of the result that its own task registers, itself or by way of variables. In Ansible
 * that is the result of the entry before; here all entries are rendered before the first of them runs. Only conditions that
 * the task inherits are evaluated again between two entries, if its step does not predict the state of its host.
 * Defaults of roles are not looked into: the inventory and earlier tasks take precedence over them.
 * @returns the task with these conditions
 */
export function checkOwnResult(
  task: CompiledTask,
  { extra, play, inherited }: Readable,
  problems: Problems,
): CompiledTask {
  const { register, loop, params, environment, delegateTo, ignoreErrors, checkMode } = task;
  if (register === undefined || !loop) return task;
  const layers = [extra, task.vars, play];
  const ofLoop = new Set([loop.variable, ...(loop.index === undefined ? [] : [loop.index])]);
  const readsOwn = (value: CompiledValue | Expression) => namesReadBy(value, layers, ofLoop).has(register);
  const when = task.when.slice(inherited.length);
  const holding = task.when.slice(0, inherited.length).filter(readsOwn);
  const canHold = task.step.delegable && loop.breakWhen.length === 0;
  const isOfEntry = (value: Expression) =>
    [...OF_LOOP, ...ofLoop].some((name) => namesReadBy(value, layers, NONE).has(name));
  const found =
    holding.find((condition) => !canHold || isOfEntry(condition)) ??
    [...when, params, ...environment, ...(delegateTo ? [delegateTo] : []), ...ignoreErrors, ...checkMode].find(
      readsOwn,
    );
  if (!found) return holding.length === 0 ? task : { ...task, loop: { ...loop, holding } };
  problems.error(
    `an entry of a loop cannot use '${register}', which its own task registers`,
    'range' in found ? found.range : task.range,
    'to end the loop after an entry, write break_when in loop_control; for an earlier result, register this one under another name',
  );
  return task;
}

const NONE: ReadonlySet<string> = new Set();
const OF_LOOP = ['ansible_loop', 'ansible_loop_var', 'ansible_index_var'];

/** The names that a value uses, and those that the variables use that it names. @param layers the strongest first */
function namesReadBy(
  value: CompiledValue | Expression,
  layers: readonly CompiledVars[],
  known: ReadonlySet<string>,
): ReadonlySet<string> {
  const names = new Set<string>();
  const open = [value];
  for (let next = open.pop(); next; next = open.pop()) {
    const { required, optional } = references(next);
    for (const name of [...required, ...optional]) {
      if (names.has(name) || known.has(name)) continue;
      names.add(name);
      const variable = layers.map((layer) => layer.get(name)).find((one) => one !== undefined);
      if (variable) open.push(variable);
    }
  }
  return names;
}
