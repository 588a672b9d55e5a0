/** An ed25519 SSH key. */
export interface SshKey {
  /** In OpenSSH's format. */
  readonly privateKey: string;
  /** As in authorized_keys. */
  readonly publicKey: string;
}

/** ssh2 1.17 makes one unreadable key in 300: it loses a leading zero byte. */
export async function makeSshKey(): Promise<SshKey> {
  const { utils } = (await import('ssh2')).default;
  for (;;) {
    const { private: privateKey, public: publicKey } = utils.generateKeyPairSync('ed25519');
    if (!(utils.parseKey(privateKey) instanceof Error)) return { privateKey, publicKey };
  }
}
