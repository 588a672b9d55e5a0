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

/** Keys of plays, blocks and roles behind which tasks stand. */
const TASK_LISTS = ['tasks', 'pre_tasks', 'post_tasks', 'handlers', 'block', 'rescue', 'always'];

const CONDITIONS = ['when', 'changed_when', 'failed_when', 'until'];

/** What is accepted for the sake of older playbooks, and what to write today; rules are called as ansible-lint calls them, where it has them. */
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

/** Of a play or a task. */
function inEntry(entry: MappingEntry, task: MappingTree): readonly LintFinding[] {
  const { key, value } = entry;
  if (TASK_LISTS.includes(key)) return inList(value);
  if (key === 'vars') return truthyIn(value);
  if (CONDITIONS.includes(key)) return (value.kind === 'sequence' ? value.items : [value]).flatMap(bracesIn);
  if (key === 'with_items' || key === 'with_list') return olderLoop(entry);
  return [...freeForm(entry, task), ...(value.kind === 'scalar' ? truthy(value) : [])];
}

/** `copy: dest=/x mode=0644` */
function freeForm({ key, keyRange, value }: MappingEntry, { range }: MappingTree): readonly LintFinding[] {
  const name = stepNamed(key, catalogue);
  const schema = name === undefined ? undefined : catalogue.steps.get(name)?.schema;
  if (name === undefined || !schema || value.kind !== 'scalar' || typeof value.value !== 'string') return [];
  const params = readParams({ value: name, range }, value, schema, new Problems());
  // A command's own text is none: it is the value of its only parameter, as it stands.
  if (!params || params.entries.every((one) => one.value === value)) return [];
  const names = params.entries.map((one) => one.key);
  // The last one counts here, and as a mapping it would be refused.
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const choice = twice === undefined ? '' : `, with the ${twice} that is meant`;
  const text = `{ ${params.entries.map((one) => `${one.key}: ${flowText(one.value)}`).join(', ')} }`;
  return [
    {
      rule: 'no-free-form',
      message: `the parameters of ${key} are written as name=value`,
      range: keyRange,
      // Without the values, of which one may be a secret.
      hint: `write ${key}: { ${[...new Set(names)].map((name) => `${name}: …`).join(', ')} }${choice}`,
      ...(twice === undefined && fixOf(value, text)),
    },
  ];
}

/** A text that is a plain word in a flow mapping, and is no word for something else there. */
const PLAIN_WORD = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z_/][\w/.-]*$/i;

/** A value of such parameters. Double quotes of YAML take what JSON takes. */
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

/** `with_items` takes lists in its list apart, once; where it holds none it is `loop`. */
function olderLoop({ key, keyRange, value }: MappingEntry): readonly LintFinding[] {
  const isSame = key === 'with_list' || (value.kind === 'sequence' && value.items.every(isOneEntry));
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

function isOneEntry(tree: Tree): boolean {
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

/** What takes the place of a scalar that is written on its own: a block scalar has no place for it, and an anchor has others who read it. */
function fixOf({ range }: ScalarTree, text: string): { readonly fix?: LintFix } {
  return isAnchored(range) || /^[|>*]/.test(textOf(range)) ? {} : { fix: { range, text } };
}

function isAnchored({ file, start }: SourceRange): boolean {
  return /[&!]\S+\s+$/.test(file.text.slice(Math.max(0, start - 100), start));
}

function textOf({ file, start, end }: SourceRange): string {
  return file.text.slice(start, end);
}
