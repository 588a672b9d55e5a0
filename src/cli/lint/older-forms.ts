import { Problems } from '../../core/diagnostic.ts';
import type { SourceRange } from '../../core/source.ts';
import { type MappingEntry, type MappingTree, parseYaml, type ScalarTree, type Tree } from '../../core/yaml/yaml.ts';
import { stepNamed } from '../../playbook/catalogue.ts';
import type { Playbook } from '../../playbook/model.ts';
import { readParams } from '../../playbook/parameters/params.ts';
import { IN_BRACES } from '../../playbook/readers/task-readers.ts';
import { catalogue } from '../catalogue.ts';
import { filesOfPlaybook } from './playbook-sources.ts';
import type { LintFinding, LintFix } from './rules.ts';

/** Keys of plays, blocks and roles with lists of tasks. */
const TASK_LISTS = ['tasks', 'pre_tasks', 'post_tasks', 'handlers', 'block', 'rescue', 'always'];

const CONDITIONS = ['when', 'changed_when', 'failed_when', 'until'];

/** Forms that are accepted for older playbooks, and what to write today; rules have the names of ansible-lint where it has them. */
export function olderForms(playbook: Playbook): readonly LintFinding[] {
  return filesOfPlaybook(playbook).flatMap((file) => {
    const tree = parseYaml(file, new Problems(), 'ansible');
    return tree ? inList(tree) : [];
  });
}

function inList(tree: Tree): readonly LintFinding[] {
  if (tree.kind !== 'sequence') return [];
  return tree.items.flatMap((item) =>
    item.kind === 'mapping' ? item.entries.flatMap((one) => inEntry(one, item)) : [],
  );
}

/** Findings in a play or a task. */
function inEntry(entry: MappingEntry, task: MappingTree): readonly LintFinding[] {
  const { key, value } = entry;
  if (TASK_LISTS.includes(key)) return inList(value);
  if (key === 'vars') return truthyIn(value);
  if (CONDITIONS.includes(key))
    return (value.kind === 'sequence' ? value.items : [value]).flatMap((one) => [...bracesIn(one), ...truthyIn(one)]);
  if (key === 'with_items' || key === 'with_list') return olderLoop(entry);
  return [...freeForm(entry, task), ...(value.kind === 'scalar' ? truthy(value) : [])];
}

/** `copy: dest=/x mode=0644` */
function freeForm({ key, keyRange, value }: MappingEntry, { range }: MappingTree): readonly LintFinding[] {
  const name = stepNamed(key, catalogue);
  const schema = name === undefined ? undefined : catalogue.steps.get(name)?.schema;
  if (name === undefined || !schema || value.kind !== 'scalar' || typeof value.value !== 'string') return [];
  const params = readParams({ value: name, range }, value, schema, new Problems());
  // The text of a command is not a list of parameters: it is the value of the only one.
  if (!params || params.entries.every((one) => one.value === value)) return [];
  const names = params.entries.map((one) => one.key);
  // kplay uses the last one; a mapping with duplicates would be refused.
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const choice = twice === undefined ? '' : `, with the ${twice} that is meant`;
  const text = `{ ${params.entries.map((one) => `${one.key}: ${flowText(one.value)}`).join(', ')} }`;
  return [
    {
      rule: 'no-free-form',
      message: `the parameters of ${key} are written as name=value`,
      range: keyRange,
      // Without the values, which may be secret.
      hint: `write ${key}: { ${[...new Set(names)].map((name) => `${name}: …`).join(', ')} }${choice}`,
      ...(twice === undefined && fixOf(value, text)),
    },
  ];
}

/** A text that is a plain scalar in a flow mapping and has no special meaning there. */
const PLAIN_WORD = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z_/][\w/.-]*$/i;

/** A value for a flow mapping. JSON strings are valid double-quoted YAML. */
function flowText(tree: Tree): string {
  const value = tree.kind === 'scalar' ? tree.value : null;
  return typeof value === 'string' && PLAIN_WORD.test(value) ? value : JSON.stringify(value);
}

function bracesIn(condition: Tree): readonly LintFinding[] {
  if (condition.kind !== 'scalar' || typeof condition.value !== 'string') return [];
  const { value, range } = condition;
  if (!value.includes('{{')) return [];
  const inside = condition.quoted ? range.file.range(range.start + 1, range.end - 1) : undefined;
  const inner = inside && IN_BRACES.exec(textOf(inside))?.[1]?.trim();
  return [
    {
      rule: 'no-jinja-when',
      message: 'a condition is an expression already',
      range,
      hint: 'write it without {{ and }}',
      ...(inside &&
        inner !== undefined &&
        inner !== '' &&
        !isAnchored(range) && { fix: { range: inside, text: inner } }),
    },
  ];
}

/** `with_items` flattens nested lists by one level; without nested lists it is the same as `loop`. */
function olderLoop({ key, keyRange, value }: MappingEntry): readonly LintFinding[] {
  const isSame = key === 'with_list' || (value.kind === 'sequence' && value.items.every(isSingleEntry));
  return [
    {
      rule: 'with-items',
      message: `${key} is the older form of loop`,
      range: keyRange,
      hint: isSame ? 'write loop' : 'use loop, with the filter flatten(levels=1) if the list contains lists',
      ...(isSame && { fix: { range: keyRange, text: 'loop' } }),
    },
  ];
}

function isSingleEntry(tree: Tree): boolean {
  return (
    tree.kind === 'mapping' || (tree.kind === 'scalar' && tree.value !== null && !String(tree.value).includes('{{'))
  );
}

function truthyIn(tree: Tree): readonly LintFinding[] {
  if (tree.kind === 'scalar') return truthy(tree);
  if (tree.kind === 'sequence') return tree.items.flatMap(truthyIn);
  return tree.entries.flatMap(({ value }) => truthyIn(value));
}

/** `yes`, `on` and `True` are `true`. */
function truthy(scalar: ScalarTree): readonly LintFinding[] {
  const { value, raw, quoted, range } = scalar;
  const text = String(value);
  if (quoted || typeof value !== 'boolean' || raw === text) return [];
  return [{ rule: 'truthy', message: `${raw} is a boolean`, range, hint: `write ${text}`, ...fixOf(scalar, text) }];
}

/** The fix for a scalar; block scalars and scalars with an anchor, which is used elsewhere, are not fixed. */
function fixOf({ range }: ScalarTree, text: string): { readonly fix?: LintFix } {
  return isAnchored(range) || /^[|>*]/.test(textOf(range)) ? {} : { fix: { range, text } };
}

function isAnchored({ file, start }: SourceRange): boolean {
  return /[&!]\S+\s+$/.test(file.text.slice(Math.max(0, start - 100), start));
}

function textOf({ file, start, end }: SourceRange): string {
  return file.text.slice(start, end);
}
