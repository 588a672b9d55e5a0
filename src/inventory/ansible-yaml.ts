import { type Diagnostic, Problems } from '../core/diagnostic.ts';
import type { SourceFile } from '../core/source.ts';
import { type MappingEntry, parseYaml, type Tree } from '../core/yaml/yaml.ts';
import { withHints } from '../core/yaml/yaml-hints.ts';

/**
 * The one document of a file in Ansible's YAML; undefined when it is empty or, with problems reported, cannot be used.
 * Vault-encrypted files and values are refused; here is the place to decrypt them one day.
 */
export function parseAnsibleYaml(source: SourceFile, problems: Problems): Tree | undefined {
  if (isVault(source)) {
    const range = source.range(0, source.text.indexOf(';'));
    problems.error('vault-encrypted files are not supported', range, 'decrypt it: ansible-vault decrypt');
    return undefined;
  }
  const found = new Problems();
  const tree = parseYaml(source, found, 'ansible');
  problems.addAll(withHints(found.all.map(explainVault)));
  return isEmpty(tree) ? undefined : tree;
}

/** True for a file that ansible-vault has encrypted as a whole. */
export function isVault(source: SourceFile): boolean {
  return source.text.startsWith('$ANSIBLE_VAULT;');
}

function explainVault(diagnostic: Diagnostic): Diagnostic {
  if (!diagnostic.message.startsWith('unknown tag !vault')) return diagnostic;
  const hint = 'decrypt the value, or keep it out of the inventory';
  return { ...diagnostic, message: 'vault-encrypted values are not supported', hint };
}

/** True for `null`, written or left out. */
export function isEmpty(tree: Tree | undefined): boolean {
  return tree === undefined || (tree.kind === 'scalar' && tree.value === null);
}

/**
 * True when YAML reads a key as something else than text: `12`, `1.10`, `yes`. The name that was meant is then lost, or
 * differs from what Ansible makes of it.
 */
export function isNotText({ keyRange }: MappingEntry): boolean {
  const written = keyRange.file.text.slice(keyRange.start, keyRange.end);
  return /^(?:[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9_]+|0[xob][0-9a-f_]+)|true|false|yes|no|on|off|null|~|)$/i.test(
    written,
  );
}

/** What a tree is, for messages. */
export function describeKind(tree: Tree): string {
  return { scalar: 'a single value', sequence: 'a list', mapping: 'a mapping' }[tree.kind];
}
