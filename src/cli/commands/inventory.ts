import { InputError, Problems } from '../../core/diagnostic.ts';
import { isJsonObject, type Json } from '../../core/json.ts';
import { rangeOfArgument } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { hostListing, inventoryGraph, inventoryListing, inventoryTree } from '../../inventory/listing.ts';
import { warnOfNoHosts } from '../../inventory/load.ts';
import { maskText } from '../../report/secrets/mask.ts';
import { escapeControls } from '../../report/text/escape.ts';
import { jsonText } from '../../report/text/json-text.ts';
import { yamlText } from '../../report/text/yaml-text.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { inventoryOf } from '../inputs/inputs.ts';
import { isSecretName } from '../inputs/secret-variables.ts';
import { showDiagnostics } from '../output/output.ts';

export interface InventoryCommandOptions {
  readonly inventory: readonly string[];
  readonly list?: boolean;
  readonly graph?: boolean;
  readonly host?: string;
  readonly yaml?: boolean;
  readonly vars?: boolean;
  readonly color: boolean;
}

/** `kplay inventory`: the inventory as kplay has read it, in the format of ansible-inventory; values that look like secrets are hidden. */
export function inventory(options: InventoryCommandOptions, environment: Environment): number {
  const { list, graph, host, yaml, vars } = options;
  const problems = new Problems();
  if (!list && !graph && host === undefined)
    problems.error('kplay inventory has nothing to print', undefined, 'add --list, --graph or --host NAME');
  if (vars && !graph && (list || host !== undefined))
    problems.error('--vars is for --graph', ['--vars'], '--list and --host print variables without it');
  const { inventory: read } = inventoryOf(options.inventory, problems);
  if (read && host !== undefined && !read.hosts.has(host)) {
    const hint = suggestion(host, read.hosts.keys(), 'the hosts are');
    problems.error(`there is no host '${host}'`, rangeOfArgument('--host', host), hint);
  }
  if (read) warnOfNoHosts(read, problems);
  if (!read || problems.hasErrors) throw new InputError(problems.all);
  showDiagnostics(problems.all, options, environment);
  environment.stdout.write(graph ? graphText(read, vars) : documentText(read, host, yaml));
  return EXIT.good;
}

function graphText(read: Inventory, vars: boolean | undefined): string {
  const lines = inventoryGraph(read, vars ? shown : undefined);
  return lines.map((line) => `${escapeControls(line)}\n`).join('');
}

function documentText(read: Inventory, host: string | undefined, yaml: boolean | undefined): string {
  if (host !== undefined) return text(hostListing(read, host, shown), yaml);
  return text(yaml ? inventoryTree(read, shown) : inventoryListing(read, shown), yaml);
}

function text(document: Json, yaml: boolean | undefined): string {
  return yaml ? yamlText(sorted(document)) : `${jsonText(sorted(document), 4)}\n`;
}

function shown(name: string, value: Json): Json {
  if (isSecretName(name)) return '(hidden)';
  // Any text may contain a secret, whatever its name: a command, an address.
  if (typeof value === 'string') return maskText(value);
  if (Array.isArray(value)) return value.map((item) => shown('', item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shown(key, member)]));
}

/** Keys in the order of ansible-inventory. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name] ?? null)]));
}
