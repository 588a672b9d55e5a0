import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface KeyFile {
  readonly path: string;
  /** The public half, as in authorized_keys. */
  readonly publicKey: string;
}

/** Makes a key pair with ssh-keygen. */
export function makeKey(directory: string, name: string, type = 'ed25519', passphrase = ''): KeyFile {
  const path = join(directory, name);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', path]);
  return { path, publicKey: readFileSync(`${path}.pub`, 'utf8').trim() };
}
