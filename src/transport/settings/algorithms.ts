import type { Algorithms } from 'ssh2';
import { wildcard } from './wildcard.ts';

/** The kinds of algorithms on which client and sshd must agree, by the names of OpenSSH's options. */
export type AlgorithmKind = 'KexAlgorithms' | 'HostKeyAlgorithms' | 'Ciphers' | 'MACs';

/** The algorithms offered to a host, best first, and those with which a user's RSA key may sign. */
export interface OfferedAlgorithms extends Readonly<Record<AlgorithmKind, readonly string[]>> {
  /** Allows signatures with SHA-1 by the user's RSA key, for an sshd that supports nothing better. */
  readonly sha1UserSignatures: boolean;
}

/** Algorithms that ssh2 supports and that are considered secure. */
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

/** Algorithms that ssh2 also supports but are only offered on request: SHA-1, CBC. */
const LEGACY_ALGORITHMS: Readonly<Record<AlgorithmKind, readonly string[]>> = {
  KexAlgorithms: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'],
  HostKeyAlgorithms: ['ssh-rsa', 'ssh-dss'],
  Ciphers: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'],
  MACs: ['hmac-sha1-etm@openssh.com', 'hmac-sha1'],
};

/** Whether it can be enabled with `-o KIND=+ALGORITHM`. */
export function isLegacy(kind: AlgorithmKind, algorithm: string): boolean {
  return LEGACY_ALGORITHMS[kind].includes(algorithm);
}

/** All algorithms that an option may name. */
export function knownAlgorithms(kind: AlgorithmKind): readonly string[] {
  return [...SAFE_ALGORITHMS[kind], ...LEGACY_ALGORITHMS[kind]];
}

/**
 * The list that an option of OpenSSH means: `+a,b` adds, `-a` removes, `^a` puts first, `a,b` is the whole list
 * (ssh_config(5)); in `-`, and for host keys in all of them, a name may be a pattern. Undefined if it contains algorithms that
 * kplay does not support; in a whole list they are ignored, as long as something remains.
 */
export function readAlgorithms(kind: AlgorithmKind, value: string): readonly string[] | undefined {
  const defaults = SAFE_ALGORITHMS[kind];
  const known = knownAlgorithms(kind);
  const sign = /^[+^-]/.exec(value)?.[0] ?? '';
  const named = value.slice(sign.length).split(',').filter(Boolean);
  const found = named.map((name) => {
    const isPattern = kind === 'HostKeyAlgorithms' && /[*?]/.test(name);
    return isPattern ? known.filter((each) => wildcard(name).test(each)) : known.filter((each) => each === name);
  });
  const usable = [...new Set(found.flat())];
  const isUnknown = found.some((each) => each.length === 0);
  switch (sign) {
    case '+':
      return isUnknown ? undefined : [...new Set([...defaults, ...usable])];
    case '^':
      return isUnknown ? undefined : [...new Set([...usable, ...defaults])];
    case '-': {
      const left = defaults.filter((name) => !named.some((pattern) => wildcard(pattern).test(name)));
      return left.length > 0 ? left : undefined;
    }
    default: {
      const hasPattern = kind !== 'HostKeyAlgorithms' && named.some((name) => /[*?]/.test(name));
      return usable.length > 0 && !hasPattern ? usable : undefined;
    }
  }
}

/**
 * The offered algorithms in ssh2's format. Compression is disabled: kplay sends little, and compressed data from a host can
 * expand a thousandfold.
 * @param knownTypes types of the host's known keys: requested first, else the host may present an unknown one
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
