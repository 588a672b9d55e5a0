import { type Diagnostic, Problems } from '../core/diagnostic.ts';
import type { SourceFile } from '../core/source.ts';
import { refusesVault } from '../core/yaml/vault.ts';
import { type MappingEntry, parseYaml, type Tree } from '../core/yaml/yaml.ts';
import { withHints } from '../core/yaml/yaml-hints.ts';

/**
 * The single document of a file in Ansible's YAML; undefined if it is empty or, after reports, unusable. Vault-encrypted files
 * and values are refused; decryption would belong here.
 */
export function parseAnsibleYaml(source: SourceFile, problems: Problems): Tree | undefined {
  if (refusesVault(source, problems, VAULT)) return undefined;
  const found = new Problems();
  const tree = parseYaml(source, found, 'ansible');
  problems.addAll(withHints(found.all.map(explainVault)));
  return isEmpty(tree) ? undefined : tree;
}

const VAULT =
  'keep it out of the inventory, and give a decrypted copy that is in no repository (ansible-vault decrypt --output COPY FILE) with -e @COPY if all hosts have its values, else as an inventory (-i), or in group_vars or host_vars of one';

function explainVault(diagnostic: Diagnostic): Diagnostic {
  if (!diagnostic.message.startsWith('unknown tag !vault')) return diagnostic;
  const hint =
    'keep it out of the inventory: give what all hosts have with -e @FILE, a file that only you can read, and what one group or host has in a second inventory for you alone (-i)';
  return { ...diagnostic, message: 'vault-encrypted values are not supported', hint };
}

/** Whether it is `null`, explicitly or by omission. */
export function isEmpty(tree: Tree | undefined): boolean {
  return tree === undefined || (tree.kind === 'scalar' && tree.value === null);
}

/**
 * Whether YAML reads a key as something else than text: `12`, `1.10`, `yes`. The intended name is then lost, or differs from
 * Ansible's.
 */
export function isNotText({ keyRange }: MappingEntry): boolean {
  const written = keyRange.file.text.slice(keyRange.start, keyRange.end);
  return /^(?:[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9_]+|0[xob][0-9a-f_]+)|true|false|yes|no|on|off|null|~|)$/i.test(
    written,
  );
}

/** The kind of a tree, for messages. */
export function describeKind(tree: Tree): string {
  return { scalar: 'a single value', sequence: 'a list', mapping: 'a mapping' }[tree.kind];
}
