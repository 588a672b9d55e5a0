import { createHash, createHmac } from 'node:crypto';
import { patternList } from '../settings/wildcard.ts';

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHostLine {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** `ssh-ed25519`, `ssh-rsa` and so on. */
  readonly keyType: string;
  readonly key: Buffer;
}

/** The entries of known_hosts files for one host. */
interface KnownKeys {
  readonly keys: readonly KnownHostLine[];
  readonly revoked: readonly KnownHostLine[];
  readonly authorities: readonly KnownHostLine[];
}

/** The name of a host in known_hosts: the port is included only if it is not the default. */
export function knownHostName(address: string, port: number): string {
  const name = address.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** The fingerprint of a public key as ssh shows it. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type of a public key in SSH's wire format; empty if it is malformed. */
export function keyTypeOf(key: Buffer): string {
  return key.length < 4 ? '' : key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

/** The lines of known_hosts files, indexed for lookups. Unreadable lines are skipped, as in ssh. */
export class KnownHosts {
  /** Lines with plain names, by name: hundreds of hosts are looked up. */
  readonly #plain = new Map<string, KnownHostLine[]>();
  /** Lines with hashed names, wildcards or negations, which have to be compared one by one. */
  readonly #patterns: { readonly matches: (name: string) => boolean; readonly line: KnownHostLine }[] = [];
  /** What was found: a file of hashed names, as Debian and Ubuntu keep it, costs an HMAC for each line and name. */
  readonly #found = new Map<string, KnownKeys>();

  /** Adds lines of a file; `firstLine` is the number of the first. */
  add(file: string, text: string, firstLine = 1): void {
    for (const [index, line] of text.split('\n').entries()) this.#addLine(file, firstLine + index, line.trim());
  }

  find(name: string): KnownKeys {
    const found = this.#found.get(name) ?? this.#search(name);
    this.#found.set(name, found);
    return found;
  }

  #search(name: string): KnownKeys {
    const lines = [
      ...(this.#plain.get(name) ?? []),
      ...this.#patterns.filter(({ matches }) => matches(name)).map(({ line }) => line),
    ];
    return {
      keys: lines.filter(({ marker }) => marker === undefined),
      revoked: lines.filter(({ marker }) => marker === 'revoked'),
      authorities: lines.filter(({ marker }) => marker === 'cert-authority'),
    };
  }

  #addLine(file: string, line: number, text: string): void {
    if (text === '' || text.startsWith('#')) return;
    const [, marker, names = '', keyType = '', encoded = ''] =
      /^(?:@(\S+)\s+)?(\S+)\s+([A-Za-z]\S*)\s+([A-Za-z0-9+/]+=*)(?:\s|$)/.exec(text) ?? [];
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return;
    const key = Buffer.from(encoded, 'base64');
    if (keyTypeOf(key) !== keyType || keyType === '') return;
    const known: KnownHostLine = { file, line, marker, keyType, key };
    if (names.startsWith('|')) this.#addPattern(hashedName(names), known);
    else if (/[*?!]/.test(names)) this.#addPattern(patternList(names.toLowerCase().split(',')), known);
    else for (const name of new Set(names.toLowerCase().split(','))) this.#addPlain(name, known);
  }

  #addPattern(matches: (name: string) => boolean, line: KnownHostLine): void {
    this.#patterns.push({ matches, line });
    this.#found.clear();
  }

  #addPlain(name: string, line: KnownHostLine): void {
    this.#found.delete(name);
    const lines = this.#plain.get(name);
    if (lines) lines.push(line);
    else this.#plain.set(name, [line]);
  }
}

/** `|1|salt|hash`: the HMAC-SHA1 of the name. */
function hashedName(text: string): (name: string) => boolean {
  const [, version, salt, hash] = text.split('|');
  if (version !== '1' || !salt || !hash) return () => false;
  const key = Buffer.from(salt, 'base64');
  return (name) => createHmac('sha1', key).update(name).digest('base64') === hash;
}
