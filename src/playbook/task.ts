import type { Problems } from '../core/diagnostic.ts';
import type { JsonSchemaObject } from '../core/schema.ts';
import type { Located } from '../core/source.ts';
import { entry, type MappingEntry, type MappingTree, type Tree } from '../core/yaml.ts';
import { type StepCatalogue, stepNamed } from './catalogue.ts';
import { readKeywords } from './keywords.ts';
import type { Task } from './model.ts';
import { readParams } from './params.ts';
import { placeOf } from './place.ts';
import { refuse } from './reader.ts';
import { TASK_KEYWORDS } from './task-keywords.ts';
import { reportTaskKey } from './unknown-key.ts';

/** Reads a task. Undefined when it is none or has no step to carry out, which has then been reported. */
export function readTask(tree: Tree, catalogue: StepCatalogue, problems: Problems): Task | undefined {
  if (tree.kind !== 'mapping')
    return refuse({ type: 'object' }, tree, { label: 'a task', problems }, hintFor(tree, catalogue));
  const { values, others } = readKeywords(tree, TASK_KEYWORDS, problems);
  const chosen = chooseStep(tree, others, catalogue, problems);
  const params = chosen && readParams(chosen.step, chosen.value, chosen.schema, problems);
  if (values.loopControl && !entry(tree, 'loop'))
    problems.warning('loop_control has no effect without loop', placeOf(tree), 'remove it, or add loop');
  if (!chosen || !params) return undefined;
  return {
    ...values,
    kind: 'step',
    name: values.name ?? chosen.step,
    step: chosen.step,
    params,
    when: values.when ?? [],
    tags: values.tags ?? [],
    vars: values.vars ?? new Map(),
    range: tree.range,
  };
}

interface ChosenStep {
  /** Its name, and the place of its key. */
  readonly step: Located<string>;
  readonly schema: JsonSchemaObject;
  readonly value: Tree;
}

/** The step that a task names; undefined, and reported, unless there is exactly one. `others` are its keys that are no keywords. */
function chooseStep(
  task: MappingTree,
  others: readonly MappingEntry[],
  catalogue: StepCatalogue,
  problems: Problems,
): ChosenStep | undefined {
  const named = others.map((entry) => ({ entry, chosen: stepOf(entry, catalogue) }));
  const [first, second] = named.flatMap(({ chosen }) => chosen ?? []);
  const explained = named
    .filter(({ chosen }) => !chosen)
    .map(({ entry }) => reportTaskKey(entry, first?.step, catalogue, problems));
  if (first && second) {
    const message = `this task names two steps, ${first.step.value} and ${second.step.value}`;
    problems.error(message, second.step.range, 'a task carries out one step: make it two tasks');
    return undefined;
  }
  if (!first && !explained.includes(true))
    problems.error('this task names no step', placeOf(task), 'add one as a key, such as certs.check: {}');
  return first;
}

function stepOf({ key, keyRange, value }: MappingEntry, catalogue: StepCatalogue): ChosenStep | undefined {
  const name = stepNamed(key, catalogue);
  const schema = name === undefined ? undefined : catalogue.steps.get(name)?.schema;
  return name === undefined || !schema ? undefined : { step: { value: name, range: keyRange }, schema, value };
}

/** What was meant by a text in place of a task: most often a colon is missing. */
function hintFor(tree: Tree, catalogue: StepCatalogue): string {
  const [word = '', ...others] = tree.kind === 'scalar' ? tree.raw.split(/\s+/) : [];
  if (stepNamed(word, catalogue) === undefined) return 'write a mapping such as - certs.check: {}';
  return others.length === 0 ? `write - ${word}: {}` : `write a colon behind ${word}`;
}
