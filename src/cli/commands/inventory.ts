import { InputError, Problems } from '../../core/diagnostic.ts';
import { isJsonObject, type Json } from '../../core/json.ts';
import { SourceFile } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import { hostListing, inventoryGraph, inventoryListing } from '../../inventory/listing.ts';
import { escapeControls } from '../../report/escape.ts';
import { jsonText } from '../../report/json-text.ts';
import { maskLines } from '../../report/mask.ts';
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
  readonly color: boolean;
}

/** `kplay inventory`: what kplay has read, as ansible-inventory prints it; values that look like secrets are hidden. */
export function inventory(options: InventoryCommandOptions, environment: Environment): number {
  const { list, graph, host } = options;
  const problems = new Problems();
  if (!list && !graph && host === undefined)
    problems.error('kplay inventory has nothing to print', undefined, 'add --list, --graph or --host NAME');
  const { inventory: read } = inventoryOf(options.inventory, problems);
  if (read && host !== undefined && !read.hosts.has(host)) {
    const hint = suggestion(host, read.hosts.keys(), 'the hosts are');
    problems.error(`there is no host '${host}'`, new SourceFile('--host', host).range(0, host.length), hint);
  }
  if (!read || problems.hasErrors) throw new InputError(problems.all);
  showDiagnostics(problems.all, options, environment);
  const text = graph
    ? inventoryGraph(read).map(escapeControls).join('\n')
    : jsonText(sorted(host === undefined ? inventoryListing(read, shown) : hostListing(read, host, shown)), 4);
  environment.stdout.write(`${text}\n`);
  return EXIT.good;
}

function shown(name: string, value: Json): Json {
  if (isSecretName(name)) return '(hidden)';
  if (typeof value === 'string') return withoutSecrets(value);
  if (Array.isArray(value)) return value.map((item) => shown('', item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shown(key, member)]));
}

/** A text may hold a secret whatever it is called: a command, an address. */
function withoutSecrets(value: string): string {
  return maskLines(value.split('\n'))
    .map(({ text }) => text)
    .join('\n');
}

/** Keys in the order in which ansible-inventory has them. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name] ?? null)]));
}
