import type { Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';
import { entry, type MappingEntry, type MappingTree, type Tree } from '../../core/yaml/yaml.ts';
import { messageRange } from '../place.ts';
import { isNothing } from '../readers/reader.ts';
import { didYouMean } from '../suggest.ts';
import { ARGUMENT_TYPES } from './argument-types.ts';

/** Keys of an entry point and of an option that only describe them. */
const DESCRIBING = ['author', 'deprecated', 'description', 'notes', 'short_description', 'version_added'];
const ENTRY_KEYS = ['options', ...DESCRIBING, 'attributes', 'examples', 'requirements', 'seealso', 'todo'];
/** Ansible ignores `default` and `no_log` for roles as well. */
const IGNORED_KEYS = [...DESCRIBING, 'default', 'no_log'];

/** What a key of an option has to hold, and the words for it. */
const FORMS: Readonly<Record<string, { readonly holds: (tree: Tree) => boolean; readonly words: string }>> = {
  type: { holds: isText, words: 'be a type' },
  required: { holds: (tree) => tree.kind === 'scalar' && typeof tree.value === 'boolean', words: 'be true or false' },
  choices: { holds: isListOfScalars, words: 'be a list of values' },
  elements: { holds: isText, words: 'be a type' },
  options: { holds: (tree) => tree.kind === 'mapping', words: 'be a mapping of options' },
  aliases: { holds: isListOfScalars, words: 'be a list of names' },
};
const APPLIED_KEYS = Object.keys(FORMS);

/**
 * The specs of a role's entry point, whose form is checked: Ansible passes over what it does not know, so that a misspelt key
 * checks nothing. Undefined if there are none.
 * @param specs the value of `argument_specs`
 */
export function entrySpec(
  specs: Tree | undefined,
  entryPoint: string,
  problems: Problems,
): { readonly tree: MappingTree; readonly keyRange: SourceRange } | undefined {
  if (!specs || isNothing(specs)) return undefined;
  if (specs.kind !== 'mapping') {
    problems.error(
      'argument_specs must be a mapping',
      messageRange(specs),
      'name the entry points: main: { options: … }',
    );
    return undefined;
  }
  const spec = entry(specs, entryPoint);
  if (!spec || isNothing(spec.value)) return undefined;
  const { key, keyRange, value } = spec;
  if (value.kind !== 'mapping') {
    problems.error(`${key} in argument_specs must be a mapping`, messageRange(value), 'such as { options: { … } }');
    return undefined;
  }
  for (const one of value.entries)
    if (!ENTRY_KEYS.includes(one.key))
      problems.error(
        `${one.key} in argument_specs is no key of an entry point`,
        one.keyRange,
        didYouMean(one.key, ENTRY_KEYS, 'its keys are'),
      );
  const options = entry(value, 'options');
  if (options && !isNothing(options.value)) checkOptions(options, problems);
  return { tree: value, keyRange };
}

function checkOptions({ value }: MappingEntry, problems: Problems): void {
  if (value.kind === 'mapping') for (const option of value.entries) checkOption(option, problems);
  else problems.error('options in argument_specs must be a mapping of options', messageRange(value));
}

function checkOption({ key, value }: MappingEntry, problems: Problems): void {
  if (value.kind !== 'mapping') {
    problems.error(
      `${key} in argument_specs must be a mapping`,
      messageRange(value),
      'such as { type: str, required: true }',
    );
    return;
  }
  for (const part of value.entries) checkPart(part, problems);
}

function checkPart(part: MappingEntry, problems: Problems): void {
  const { key, keyRange, value } = part;
  if (IGNORED_KEYS.includes(key)) return;
  const form = Object.hasOwn(FORMS, key) ? FORMS[key] : undefined;
  if (!form) {
    const hint = didYouMean(key, APPLIED_KEYS, 'an option has');
    problems.error(`${key} of argument_specs is not supported`, keyRange, hint);
  } else if (!isNothing(value) && !form.holds(value)) {
    problems.error(`${key} in argument_specs must ${form.words}`, messageRange(value));
  } else if (value.kind === 'scalar' && !isNothing(value) && (key === 'type' || key === 'elements')) {
    const word = String(value.value);
    if (!ARGUMENT_TYPES.has(word))
      problems.error(
        `argument_specs knows no type '${word}'`,
        value.range,
        didYouMean(word, [...ARGUMENT_TYPES.keys()], 'the types are'),
      );
  } else if (key === 'options' && !isNothing(value)) {
    checkOptions(part, problems);
  }
}

function isText(tree: Tree): boolean {
  return tree.kind === 'scalar' && typeof tree.value === 'string';
}

function isListOfScalars(tree: Tree): boolean {
  return tree.kind === 'sequence' && tree.items.every(({ kind }) => kind === 'scalar');
}
