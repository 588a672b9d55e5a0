import { extname } from 'node:path';
import { Problems } from '../core/diagnostic.ts';
import type { SourceFile, SourceRange } from '../core/source.ts';
import { isVault } from '../core/yaml/vault.ts';
import { parseAnsibleYaml } from './ansible-yaml.ts';

/**
 * The format of an inventory file, detected as in Ansible: YAML if its name ends in .yml, .yaml or .json, or has no extension
 * and the text is a YAML mapping; else INI. Reports texts that are neither, and misleading names.
 */
export function recognizeForm(source: SourceFile, problems: Problems): 'yaml' | 'ini' | undefined {
  if (source.text.startsWith('#!')) {
    const hint =
      'run it and use its output as the inventory, or that of Ansible, in a file for you alone, since it has the values of vaults in clear text: (umask 077; ansible-inventory -i FILE --list --export --yaml >COPY)';
    problems.error('inventory scripts are not supported', source.range(0, source.line(1).length), hint);
    return undefined;
  }
  if (isVault(source)) return 'yaml';
  switch (extname(source.path)) {
    case '.yml':
    case '.yaml':
    case '.json': {
      const section = firstLine(source, /^\[[^\]\s,]+\]$/);
      if (!section) return 'yaml';
      const hint = 'give the file a name that ends in .ini, or no extension';
      problems.error('this is INI in a file with a YAML extension', section, hint);
      return undefined;
    }
    case '.toml':
      problems.error('inventories in TOML are not supported', source.range(0, 0), 'write it in YAML or INI');
      return undefined;
    case '':
      if (firstLine(source, /^\[/)) return 'ini';
      return firstLine(source, YAML_LINE) || isMapping(source) ? 'yaml' : 'ini';
    default: {
      const key = firstLine(source, YAML_LINE);
      if (!key) return 'ini';
      problems.error('this is YAML in a file with an INI extension', key, 'give the file a name that ends in .yml');
      return undefined;
    }
  }
}

/** Not the beginning of an INI inventory: the start of a document, or a key with its value on the following lines. */
const YAML_LINE = /^(?:---|[^\s:]+:)(?:\s+#.*)?$/;

/** The range of the first line that is neither blank nor a comment, if it matches. */
function firstLine(source: SourceFile, form: RegExp): SourceRange | undefined {
  const line = /^[ \t]*[^#;\s].*$/m.exec(source.text);
  return line && form.test(line[0].trim()) ? source.range(line.index, line.index + line[0].length) : undefined;
}

function isMapping(source: SourceFile): boolean {
  return parseAnsibleYaml(source, new Problems())?.kind === 'mapping';
}
