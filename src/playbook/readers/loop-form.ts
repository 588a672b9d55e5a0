import type { Problems } from '../../core/diagnostic.ts';
import type { MappingEntry, MappingTree, Tree } from '../../core/yaml/yaml.ts';
import { LOOP_FORMS, type LoopForm } from '../model.ts';
import { loopList } from './task-readers.ts';

interface ReadLoop {
  readonly loop?: Tree;
  readonly loopForm?: LoopForm;
  /** The entries of the task without its `with_…`. */
  readonly entries: readonly MappingEntry[];
}

/** Ansible's older notation of loops: `with_items`, `with_dict` and their kin. */
export function readLoop(task: MappingTree, problems: Problems): ReadLoop {
  const found = task.entries.filter(({ key }) => formOf(key) !== undefined);
  const [first, second] = found;
  const form = first && formOf(first.key);
  if (!first || !form) return { entries: task.entries };
  const entries = task.entries.filter((one) => !found.includes(one));
  const other = second ?? entries.find(({ key }) => key === 'loop');
  if (other) problems.error('a task has one loop', other.keyRange, `remove ${first.key} or ${other.key}`);
  const loop = takesMapping(form) && first.value.kind === 'mapping' ? first.value : listOf(first, form, problems);
  return { entries, ...(loop && { loop, loopForm: form }) };
}

function formOf(key: string): LoopForm | undefined {
  return LOOP_FORMS.find((form) => key === `with_${form}`);
}

const TAKES_TEXT: ReadonlySet<LoopForm> = new Set<LoopForm>(['sequence', 'file', 'fileglob', 'first_found']);

function takesMapping(form: LoopForm): boolean {
  return form === 'dict' || form === 'first_found';
}

function listOf({ key, value }: MappingEntry, form: LoopForm, problems: Problems): Tree | undefined {
  // A text: the bounds of a sequence, or a single file name.
  if (value.kind === 'scalar' && TAKES_TEXT.has(form) && typeof value.value === 'string') return value;
  return loopList.read(value, { label: key, problems });
}
