import { UnknownValueError, type World } from '../../core/world.ts';
import { evaluate } from '../../template/evaluation/evaluate.ts';
import type { Expression } from '../../template/syntax/expression.ts';
import type { CompiledValue } from '../../template/template.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledTask } from '../program/compiled.ts';
import { parameterNames } from '../program/play-tasks.ts';
import type { HostScope } from '../program/scope.ts';
import { scopeOf } from '../program/task-scope.ts';
import type { MissingFact } from './host-task-plan.ts';
import { placeOf } from './place-of.ts';
import { type PlannerInput, planTask } from './plan-task.ts';

/** Stands for a text that only the run tells. */
const SOME_TEXT = '__known_in_the_run__kplay';

/**
 * What a task may change about which only the run decides whether it is done, or with which texts. Behind it these facts are
 * uncertain: a later task that would change them back has something to do.
 */
export function possibleEffect(
  input: PlannerInput,
  task: CompiledTask,
  state: HostState,
  peers: ReadonlyMap<string, World>,
): { readonly world: World; readonly missing: readonly MissingFact[] } {
  if (!readsFacts(task)) return { world: state.world, missing: [] };
  const params = task.loop ? task.params : withSomeTexts(task.params, scopeOf({ ...placeOf(input, state), task }));
  const { calls, missing } = planTask(input, { ...task, when: [], params }, state, peers);
  const last = calls.filter(({ actor }) => actor === undefined).at(-1);
  const after = last && 'after' in last.plan ? last.plan.after : undefined;
  return { world: after ?? last?.world ?? state.world, missing };
}

/** False if it is certain without rendering anything: most tasks that only the run decides are commands, on each host. */
function readsFacts({ step: { readsFactsFor }, params }: CompiledTask): boolean {
  if (!readsFactsFor) return true;
  const given = parameterNames(params);
  return given === undefined || readsFactsFor.some((name) => given.includes(name));
}

function withSomeTexts(value: CompiledValue, scope: HostScope): CompiledValue {
  switch (value.kind) {
    case 'constant':
      return value;
    case 'expression':
      return isUnknown(value.expression, scope) ? { kind: 'constant', value: SOME_TEXT } : value;
    case 'text':
      return { ...value, parts: value.parts.map((part) => (isUnknown(part, scope) ? SOME_TEXT : part)) };
    case 'sequence':
      return { ...value, items: value.items.map((item) => withSomeTexts(item, scope)) };
    case 'mapping':
      return { ...value, entries: value.entries.map(([key, member]) => [key, withSomeTexts(member, scope)] as const) };
  }
}

function isUnknown(part: string | Expression, scope: HostScope): boolean {
  if (typeof part === 'string') return false;
  try {
    evaluate(part, scope);
    return false;
  } catch (error) {
    return error instanceof UnknownValueError;
  }
}
