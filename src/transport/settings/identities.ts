import type { Problems } from '../../core/diagnostic.ts';
import type { ConnectionOptions, IdentityFile, SshSettings } from './settings.ts';
import { hasOnlySupportedTokens, isNone } from './ssh-arguments.ts';
import { expandHome } from './ssh-tokens.ts';
import { splitConfigWords } from './ssh-words.ts';
import type { VariableReader } from './variable-reader.ts';

const DEFAULT_IDENTITIES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

interface Reading {
  readonly variables: VariableReader;
  readonly options: ConnectionOptions;
  /** The path that a text with tokens and `~` stands for. */
  readonly pathOf: (text: string) => string;
  readonly problems: Problems;
}

/**
 * The login keys for a host and for its jump hosts, in the order in which they are offered.
 * @param first the IdentityFiles of `ansible_ssh_args`, which Ansible passes before the key of a variable
 * @param all those of all three variables with arguments, these first
 */
export function readIdentities(
  reading: Reading,
  first: readonly string[],
  all: readonly string[],
): Pick<SshSettings, 'identities' | 'jumpIdentities'> {
  const files = (texts: readonly string[]): readonly IdentityFile[] =>
    texts.filter((text) => !isNone(text)).map((text) => ({ path: reading.pathOf(text), isDefault: false }));
  const named = [...files(first), ...namedIdentity(reading), ...files(all.slice(first.length))];
  const defaults = defaultIdentities(reading.options);
  const isNamed = named.length > 0 || all.length > 0;
  const identities = isNamed ? named : defaults;
  const forJumps = [...jumpIdentitiesOf(reading), ...identities, ...(isNamed ? defaults : [])];
  // None is offered twice: an sshd accepts few attempts. The named ones come first.
  const jumpIdentities = forJumps.filter(
    ({ path }, index) => forJumps.findIndex((other) => other.path === path) === index,
  );
  return { identities, jumpIdentities };
}

/** The key that a variable names, or else the command line. Ansible gives that of a variable to ssh as an IdentityFile. */
function namedIdentity({ variables, options, pathOf, problems }: Reading): readonly IdentityFile[] {
  const named = variables.text('ansible_ssh_private_key_file', 'ansible_private_key_file');
  if (named) {
    hasOnlySupportedTokens('IdentityFile', named.value, {
      error: (message, hint) => problems.error(message, named.range, hint),
    });
    return [{ path: pathOf(named.value), range: named.range, isDefault: false }];
  }
  const { privateKeyFile } = options;
  if (!privateKeyFile) return [];
  const { value, range } = privateKeyFile;
  return [{ path: expandHome(value, options), range, isDefault: false }];
}

/** Keys of jump hosts alone, which no option of ssh can name: paths as in UserKnownHostsFile. */
function jumpIdentitiesOf({ variables, pathOf, problems }: Reading): readonly IdentityFile[] {
  const name = 'kplay_jump_private_key_file';
  const written = variables.text(name);
  if (!written) return [];
  const { value, range } = written;
  const words = splitConfigWords(value);
  if (!words) problems.error(`${name}: a quote is not closed`, range);
  const say = { error: (message: string, hint?: string) => problems.error(message, range, hint) };
  return (words ?? []).flatMap((path) =>
    hasOnlySupportedTokens('IdentityFile', path, say) ? [{ path: pathOf(path), range, isDefault: false }] : [],
  );
}

function defaultIdentities({ home }: ConnectionOptions): IdentityFile[] {
  return DEFAULT_IDENTITIES.map((name) => ({ path: `${home}/.ssh/${name}`, isDefault: true }));
}
