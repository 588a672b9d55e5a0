import type { JsonSchema } from '../core/schema.ts';
import type { MappingTree, Tree } from '../core/yaml/yaml.ts';
import { stepNamed } from './catalogue.ts';
import type { Reading } from './files/task-file.ts';
import { moduleReplacement } from './foreign-modules.ts';
import { isNothing, type Reader, refuse } from './readers/reader.ts';
import { didYouMean } from './suggest.ts';

const MAPPING: JsonSchema = { type: 'object', additionalProperties: { type: 'object' } };
const SCHEMA: JsonSchema = { anyOf: [MAPPING, { type: 'array', items: MAPPING }] };

/** A mapping of steps to their parameters, or a list of such mappings, of which the last wins. The names are checked later. */
export const moduleDefaults: Reader<readonly MappingTree[]> = {
  schema: SCHEMA,
  read(tree, site) {
    const parts = tree.kind === 'sequence' ? tree.items : [tree];
    const mappings = parts.filter((part) => part.kind === 'mapping');
    for (const part of parts)
      if (part.kind !== 'mapping')
        refuse(MAPPING, part, site, 'write the name of a step, with its parameters below it');
    return mappings.length === parts.length ? mappings : undefined;
  },
};

/** Adds those of a play, a block or a task: inner defaults of a step replace outer ones. */
export function withDefaults(reading: Reading, own: readonly MappingTree[] | undefined): Reading {
  if (!own) return reading;
  const entries = own
    .flatMap((mapping) => mapping.entries)
    .flatMap(({ key, keyRange, value }) => {
      const step = stepNamed(key, reading.catalogue);
      if (step === undefined) reportUnknown(key, keyRange, reading);
      else if (value.kind !== 'mapping' && !isNothing(value))
        refuse(
          { type: 'object' },
          value,
          { label: `${key} of module_defaults`, problems: reading.problems },
          'write each parameter as name: value',
        );
      else return [[step, value] as const];
      return [];
    });
  const merged = new Map(reading.moduleDefaults);
  for (const [step, value] of entries)
    if (value.kind === 'mapping') merged.set(step, value);
    else merged.delete(step);
  return { ...reading, moduleDefaults: merged };
}

/** The parameters of a task, with defaults for those that it does not set itself. */
export function withDefaultParams(
  step: string,
  params: MappingTree,
  { moduleDefaults: defaults }: Reading,
): MappingTree {
  const own = new Set(params.entries.map(({ key }) => key));
  const missing = defaults.get(step)?.entries.filter(({ key }) => !own.has(key)) ?? [];
  return missing.length === 0 ? params : { ...params, entries: [...missing, ...params.entries] };
}

function reportUnknown(key: string, place: Tree['range'], { catalogue, problems }: Reading): void {
  const [message, hint] = key.startsWith('group/')
    ? [`module_defaults takes no groups of modules: '${key}'`, 'name each step by itself']
    : [
        `kplay has no step '${key}'`,
        moduleReplacement(key) === undefined
          ? didYouMean(key, [...catalogue.steps.keys()], 'the steps are')
          : 'remove it',
      ];
  problems.error(message, place, hint);
}
