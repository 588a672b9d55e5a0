import type { Problems } from '../core/diagnostic.ts';
import type { SourceRange } from '../core/source.ts';
import { suggestion } from '../core/suggest.ts';
import type { MappingEntry, MappingTree, Tree } from '../core/yaml/yaml.ts';
import { describeKind, isEmpty, isNotText } from './ansible-yaml.ts';
import type { GroupDraft, InventoryDraft } from './draft.ts';
import { readHostEntry } from './host-entry.ts';
import type { Assignment } from './inventory.ts';
import { assignments } from './variables.ts';

const GROUP_KEYS = ['hosts', 'vars', 'children'] as const;
type GroupKey = (typeof GROUP_KEYS)[number];

/** Reads an inventory in YAML: a mapping from groups to their hosts, vars and children. */
export function readYamlInventory(tree: Tree, draft: InventoryDraft, problems: Problems): void {
  if (tree.kind !== 'mapping') {
    const hint = 'an inventory starts with a group: all:';
    problems.error(`an inventory is a mapping from groups, not ${describeKind(tree)}`, tree.range, hint);
    return;
  }
  const plugin = tree.entries.find(({ key }) => key === 'plugin');
  if (plugin) {
    const hint =
      'write its result to a file for you alone, since it has the values of vaults in clear text: (umask 077; ansible-inventory -i FILE --list --export --yaml >COPY)';
    problems.error('inventory plugins are not supported', plugin.keyRange, hint);
    return;
  }
  const reader = new YamlReader(draft, problems);
  for (const entry of tree.entries) reader.readTopLevel(entry);
}

class YamlReader {
  readonly #draft: InventoryDraft;
  readonly #problems: Problems;

  constructor(draft: InventoryDraft, problems: Problems) {
    this.#draft = draft;
    this.#problems = problems;
  }

  readTopLevel(entry: MappingEntry): void {
    if (isGroupKey(entry.key)) {
      const hint = `the first level names groups: put ${entry.key} under all:`;
      this.#problems.error(`'${entry.key}' is not a group`, entry.keyRange, hint);
    } else this.#readGroup(entry);
  }

  /** A group's name and contents, at any level. The order of the calls determines the order of Ansible's lists. */
  #readGroup(entry: MappingEntry): GroupDraft | undefined {
    if (this.#isNumber(entry, 'group')) return undefined;
    const { key, keyRange, value: body } = entry;
    const group = this.#draft.addGroup({ value: key, range: keyRange });
    if (!group || isEmpty(body)) return group;
    if (body.kind !== 'mapping') {
      const hint = 'a group is a mapping with the keys hosts, vars and children';
      this.#problems.error(`group ${key} cannot be ${describeKind(body)}`, body.range, hint);
      return group;
    }
    for (const part of body.entries) this.#readGroupKey(group, part);
    return group;
  }

  #readGroupKey(group: GroupDraft, { key, keyRange, value }: MappingEntry): void {
    if (!isGroupKey(key)) {
      const hint = suggestion(key, GROUP_KEYS, 'a group has the keys');
      this.#problems.error(`unknown key '${key}' in group ${group.name}`, keyRange, hint);
      return;
    }
    if (isEmpty(value)) return;
    const entries = this.#entries(group, key, value);
    switch (key) {
      case 'vars':
        if (value.kind === 'mapping') this.#setVariables(group, value);
        return;
      case 'hosts':
        for (const host of entries) this.#readHost(group, host);
        return;
      case 'children':
        for (const child of entries) this.#readChild(group, child);
        return;
    }
  }

  /** The value of `hosts`, `vars` or `children`. As in Ansible it may be a single name if that needs no contents. */
  #entries(group: GroupDraft, key: GroupKey, value: Tree): readonly MappingEntry[] {
    if (value.kind === 'mapping') return value.entries;
    if (key !== 'vars' && value.kind === 'scalar' && typeof value.value === 'string') {
      return [{ key: value.value, keyRange: value.range, value: { ...value, value: null } }];
    }
    const hint = key === 'vars' ? 'write each as name: value' : 'write each name with a colon: m1:';
    this.#problems.error(
      `${key} of group ${group.name} must be a mapping, not ${describeKind(value)}`,
      value.range,
      hint,
    );
    return [];
  }

  #setVariables(group: GroupDraft, tree: MappingTree): void {
    for (const assignment of assignments(tree)) this.#draft.setGroupVariable(group, assignment);
  }

  #readChild(parent: GroupDraft, entry: MappingEntry): void {
    const child = this.#readGroup(entry);
    if (child) this.#draft.addChild(parent, child, entry.keyRange);
  }

  #readHost(group: GroupDraft, entry: MappingEntry): void {
    const { key, keyRange, value } = entry;
    if (this.#isNumber(entry, 'host')) return;
    const named = readHostEntry({ value: key, range: keyRange }, this.#problems);
    if (!named) return;
    this.#draft.addHosts(group, named, this.#hostVariables(key, value), keyRange);
  }

  #hostVariables(name: string, value: Tree): readonly Assignment[] {
    if (value.kind === 'mapping') return assignments(value);
    if (!isEmpty(value)) {
      const hint = 'write its variables as a mapping, or nothing';
      this.#problems.error(`host ${name} cannot be ${describeKind(value)}`, value.range, hint);
    }
    return [];
  }

  #isNumber(entry: MappingEntry, what: 'host' | 'group'): boolean {
    const is = isNotText(entry);
    if (is) {
      const written = textOf(entry.keyRange);
      const hint = `quote it: "${written}":`;
      this.#problems.error(
        `in YAML, ${written} is not a string, so it cannot be the name of a ${what}`,
        entry.keyRange,
        hint,
      );
    }
    return is;
  }
}

function isGroupKey(key: string): key is GroupKey {
  return GROUP_KEYS.some((known) => known === key);
}

function textOf({ file, start, end }: SourceRange): string {
  return file.text.slice(start, end);
}
