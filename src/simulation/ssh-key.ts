/** An ed25519 key of SSH's. */
export interface SshKey {
  /** In OpenSSH's format. */
  readonly privateKey: string;
  /** As in authorized_keys. */
  readonly publicKey: string;
}

/** Of the keys that ssh2 1.17 makes one in 300 cannot be read: a leading zero byte is lost. */
export async function makeSshKey(): Promise<SshKey> {
  const { utils } = (await import('ssh2')).default;
  for (;;) {
    const { private: privateKey, public: publicKey } = utils.generateKeyPairSync('ed25519');
    if (!(utils.parseKey(privateKey) instanceof Error)) return { privateKey, publicKey };
  }
}
