import type { Problems } from '../core/diagnostic.ts';
import { quoteWord } from '../core/shell.ts';
import type { Located } from '../core/source.ts';
import { parseAddress } from './address.ts';
import { expandRanges } from './host-range.ts';
import { hostNameProblem } from './names.ts';

/** The hosts named by one line or key of an inventory. */
export interface NamedHosts {
  readonly names: readonly string[];
  readonly port?: number;
}

type EntryForm = 'ini' | 'list' | 'other';

/**
 * Parses `m1`, `m[1:3].example.com`, `10.0.0.1:2222`, `[fd00::1]:2222`. Undefined, after a report, if invalid.
 * @param form of what it is in: only an INI file has sections of variables, and beside a list of an option there are other options.
 */
export function readHostEntry(
  entry: Located<string>,
  problems: Problems,
  form: EntryForm = 'other',
): NamedHosts | undefined {
  const text = entry.value;
  const address = parseAddress(text);
  if (address?.port !== undefined && (address.port < 1 || address.port > 65_535)) {
    problems.error(`${address.port} is not a port`, entry.range, 'ports run from 1 to 65535');
    return undefined;
  }
  const expansion = expandRanges(address?.host ?? text);
  if ('problem' in expansion) {
    problems.error(expansion.problem, entry.range, rangeHint(text, form));
    return undefined;
  }
  for (const name of expansion.names) {
    const problem = hostNameProblem(name);
    if (problem === undefined) continue;
    problems.error(`'${name}' cannot be the name of a host: it ${problem}`, entry.range, nameHint(text, form));
    return undefined;
  }
  return { names: expansion.names, ...(address?.port !== undefined && { port: address.port }) };
}

function rangeHint(text: string, form: EntryForm): string {
  return form === 'ini' && text.startsWith('[')
    ? 'a section must be alone on its line: [group], [group:vars] or [group:children]'
    : 'write a range like m[1:3], m[01:10:2] or m[a:c]';
}

function nameHint(text: string, form: EntryForm): string {
  if (text.endsWith(':') || text === '---') return 'this looks like YAML: give the file a name that ends in .yml';
  if (form === 'ini' && text.includes('='))
    return 'write variables of a group in a section [group:vars], those of a host after its name';
  // A password may follow the user.
  const user = /^[^:@]+(?=[:@])/.exec(text)?.[0];
  if (text.includes('@') && form === 'list' && user !== undefined)
    return `write the user by itself: -u ${quoteWord(user)}`;
  if (text.includes('@')) return 'write the user as ansible_user and the port as ansible_port';
  return 'write a name or an address, optionally with :port';
}
