import type { Algorithms } from 'ssh2';
import { wildcard } from './wildcard.ts';

/** The kinds of algorithms that a client and an sshd must agree on, as OpenSSH's options name them. */
export type AlgorithmKind = 'KexAlgorithms' | 'HostKeyAlgorithms' | 'Ciphers' | 'MACs';

/** What is offered to a host, best first, and what a user's RSA key may sign with. */
export interface OfferedAlgorithms extends Readonly<Record<AlgorithmKind, readonly string[]>> {
  /** Signatures with SHA-1 by the user's own RSA key, for an sshd that knows no other. */
  readonly sha1UserSignatures: boolean;
}

/** What ssh2 knows and nobody has broken. */
export const SAFE_ALGORITHMS: OfferedAlgorithms = {
  KexAlgorithms: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group15-sha512',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group17-sha512',
    'diffie-hellman-group18-sha512',
  ],
  HostKeyAlgorithms: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
  Ciphers: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'chacha20-poly1305@openssh.com',
  ],
  MACs: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  sha1UserSignatures: false,
};

/** What ssh2 knows as well, and is offered to nobody unless it is asked for: SHA-1, CBC. */
const LEGACY_ALGORITHMS: Readonly<Record<AlgorithmKind, readonly string[]>> = {
  KexAlgorithms: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'],
  HostKeyAlgorithms: ['ssh-rsa', 'ssh-dss'],
  Ciphers: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'],
  MACs: ['hmac-sha1-etm@openssh.com', 'hmac-sha1'],
};

/** Whether it can be offered with `-o KIND=+ALGORITHM`. */
export function isLegacy(kind: AlgorithmKind, algorithm: string): boolean {
  return LEGACY_ALGORITHMS[kind].includes(algorithm);
}

/** All that an option may name. */
export function knownAlgorithms(kind: AlgorithmKind): readonly string[] {
  return [...SAFE_ALGORITHMS[kind], ...LEGACY_ALGORITHMS[kind]];
}

/**
 * The list that an option of OpenSSH means: `+a,b` adds, `-a` takes away, `^a` puts first, `a,b` is the whole list
 * (ssh_config(5)). Undefined when it contains algorithms that kplay does not support; of a whole list what it cannot offer is left out, as long
 * as something remains.
 */
export function readAlgorithms(kind: AlgorithmKind, value: string): readonly string[] | undefined {
  const defaults = SAFE_ALGORITHMS[kind];
  const known = knownAlgorithms(kind);
  const sign = /^[+^-]/.exec(value)?.[0] ?? '';
  const named = value.slice(sign.length).split(',').filter(Boolean);
  const usable = named.filter((name) => known.includes(name));
  switch (sign) {
    case '+':
      return usable.length < named.length ? undefined : [...new Set([...defaults, ...usable])];
    case '^':
      return usable.length < named.length ? undefined : [...new Set([...usable, ...defaults])];
    case '-': {
      const left = defaults.filter((name) => !named.some((pattern) => wildcard(pattern).test(name)));
      return left.length > 0 ? left : undefined;
    }
    default:
      return usable.length > 0 ? usable : undefined;
  }
}

/**
 * What is offered, as ssh2 wants it. No compression is: kplay has little to send, and what a host compresses can grow
 * a thousand times.
 * @param knownTypes types of the host's keys that are known: asked for first, else the host may show a key that is not known.
 */
export function ssh2Algorithms(offered: OfferedAlgorithms, knownTypes: readonly string[]): Algorithms {
  const isKnown = (algorithm: string): boolean => knownTypes.includes(algorithm.replace(/^rsa-sha2-.*/, 'ssh-rsa'));
  const { HostKeyAlgorithms: hostKeys } = offered;
  const lists: Readonly<Record<keyof Algorithms, readonly string[]>> = {
    kex: offered.KexAlgorithms,
    serverHostKey: [...hostKeys.filter(isKnown), ...hostKeys.filter((algorithm) => !isKnown(algorithm))],
    cipher: offered.Ciphers,
    hmac: offered.MACs,
    compress: ['none'],
  };
  return lists as Algorithms;
}
