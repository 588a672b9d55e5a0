import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';

export interface KeyFile {
  readonly path: string;
  /** The public half, as in authorized_keys. */
  readonly publicKey: string;
}

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

const BITS = { ecdsa: 256, rsa: 3072 } as const;

/** Makes a key pair, and writes it as ssh-keygen does. */
export function makeKey(directory: string, name: string, type: KeyType = 'ed25519', passphrase = ''): KeyFile {
  const path = join(directory, name);
  const { private: privateKey, public: publicKey } = keyPair(type, passphrase);
  writeFileSync(path, privateKey, { mode: 0o600 });
  writeFileSync(`${path}.pub`, `${publicKey}\n`);
  return { path, publicKey: readFileSync(`${path}.pub`, 'utf8').trim() };
}

/** Of the keys that ssh2 1.17 makes one in 300 cannot be read: a leading zero byte is lost. */
function keyPair(type: KeyType, passphrase: string) {
  const encryption = passphrase === '' ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 16 };
  for (;;) {
    const made =
      type === 'ed25519'
        ? ssh2.utils.generateKeyPairSync('ed25519', { comment: 'test', ...encryption })
        : ssh2.utils.generateKeyPairSync(type, { comment: 'test', bits: BITS[type], ...encryption });
    if (!(ssh2.utils.parseKey(made.private, passphrase) instanceof Error)) return made;
  }
}
