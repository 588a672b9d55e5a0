import { readFile, stat } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import type { Problems } from '../../core/diagnostic.ts';
import type { Secret } from '../../core/secret.ts';
import { describeFailure, isMissing } from '../../core/system-error.ts';
import type { HostSettings, IdentityFile, SshSettings } from '../settings/settings.ts';

/** Options of opening keys. */
export interface KeyRingOptions {
  /** The user id of the process, if the system has one. */
  readonly uid?: number;
  /** Encrypted keys without a known passphrase are left alone: an agent may hold them, or no connection will be made. */
  readonly skipsEncrypted: boolean;
  /** Asks the user for the passphrase of a key; `attempt` counts from 1. Undefined: the user gives none. */
  readonly askPassphrase?: (path: string, attempt: number) => Promise<Secret | undefined>;
}

/** A private key, ready for signing. */
export interface LoadedKey {
  readonly path: string;
  readonly key: ParsedKey;
}

const PASSPHRASE_ATTEMPTS = 3;

/** The private keys of a run, each read and opened once, before any connection. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, ParsedKey>;

  private constructor(keys: ReadonlyMap<string, ParsedKey>) {
    this.#keys = keys;
  }

  /**
   * Reads every key that the settings name. A named key that cannot be used is an error; a default one is left out, with a
   * warning if the user may wonder.
   */
  static async load(settings: readonly HostSettings[], options: KeyRingOptions, problems: Problems): Promise<KeyRing> {
    const keys = new Map<string, ParsedKey>();
    const seen = new Set<string>();
    const wanted = settings.flatMap((host) =>
      host.transport === 'ssh' ? host.identities.map((identity) => ({ identity, passphrase: host.passphrase })) : [],
    );
    // Named ones first: one host may name what is a default of another.
    const isNamed = ({ identity }: (typeof wanted)[number]): boolean => !identity.isDefault;
    for (const { identity, passphrase } of [...wanted.filter(isNamed), ...wanted]) {
      if (seen.has(identity.path)) continue;
      seen.add(identity.path);
      const key = await loadKey(identity, passphrase, options, problems);
      if (key) keys.set(identity.path, key);
    }
    return new KeyRing(keys);
  }

  /** The keys to offer to a host, in the order of its settings. */
  keysOf({ identities }: SshSettings): readonly LoadedKey[] {
    return identities.flatMap(({ path }) => {
      const key = this.#keys.get(path);
      return key ? [{ path, key }] : [];
    });
  }
}

async function loadKey(
  identity: IdentityFile,
  passphrase: Secret | undefined,
  options: KeyRingOptions,
  problems: Problems,
): Promise<ParsedKey | undefined> {
  const complain = (what: string, hint: string): undefined => {
    if (identity.isDefault) problems.warning(`${what}; it is not used`, undefined, hint);
    else problems.error(what, identity.range, hint);
  };
  const { path } = identity;
  const text = await readKey(identity, options, complain);
  if (text === undefined) return undefined;
  const { parseKey } = (await import('ssh2/lib/protocol/keyParser.js')).default;
  if (!isEncrypted(text)) {
    const key = privateKey(parseKey(text));
    return key ?? complain(`${path} is not a usable private key`, conversionHint(path));
  }
  if (passphrase) {
    const key = privateKey(parseKey(text, passphrase.reveal()));
    return key ?? complain(`the passphrase does not decrypt ${path}`, 'check ansible_ssh_private_key_passphrase');
  }
  if (options.skipsEncrypted) return undefined;
  for (let attempt = 1; options.askPassphrase && attempt <= PASSPHRASE_ATTEMPTS; attempt += 1) {
    const given = await options.askPassphrase(path, attempt);
    if (!given) break;
    const key = privateKey(parseKey(text, given.reveal()));
    if (key) return key;
  }
  return complain(
    `the private key ${path} is encrypted, and no passphrase decrypts it`,
    `ssh-add ${path}, or set ansible_ssh_private_key_passphrase`,
  );
}

/** The text of a usable key. Undefined if there is none, or it has a problem. */
async function readKey(
  { path, isDefault }: IdentityFile,
  options: KeyRingOptions,
  complain: (what: string, hint: string) => undefined,
): Promise<string | undefined> {
  try {
    const { mode, uid } = await stat(path);
    if (isOpen(mode) && (options.uid === undefined || options.uid === uid)) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      return complain(`other users may read the private key ${path} (mode ${octal})`, `chmod 600 ${path}`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error) && isDefault) return undefined;
    const what = isMissing(error)
      ? `there is no private key ${path}`
      : `cannot read the private key ${path}: ${describeFailure(error)}`;
    return complain(what, 'correct the path, or its permissions');
  }
}

function conversionHint(path: string): string {
  return `is it the public key? other formats: ssh-keygen -p -f ${path} converts them`;
}

/** Group or others have access to the file: ssh refuses such keys. */
function isOpen(mode: number): boolean {
  return (mode & 0o077) !== 0;
}

function privateKey(parsed: ParsedKey | ParsedKey[] | Error): ParsedKey | undefined {
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return key && !(key instanceof Error) && key.isPrivateKey() ? key : undefined;
}

/** For all formats: OpenSSH's own names its cipher inside, PEM in a header, PKCS #8 in its label, PuTTY on a line. */
function isEncrypted(text: string): boolean {
  const [, body] = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text) ?? [];
  if (body === undefined)
    return /^Proc-Type: 4,ENCRYPTED|BEGIN ENCRYPTED PRIVATE KEY|^Encryption: (?!none)/m.test(text);
  const data = Buffer.from(body, 'base64');
  const cipher = 'openssh-key-v1\0'.length;
  return (
    data.length >= cipher + 4 && data.toString('latin1', cipher + 4, cipher + 4 + data.readUInt32BE(cipher)) !== 'none'
  );
}
