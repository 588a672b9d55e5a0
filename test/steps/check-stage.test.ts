import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quoteWord, type ShellScript } from '../../src/core/shell.ts';
import type { WriteContext } from '../../src/core/step.ts';
import { orderLeaves } from '../../src/kubeadm/certificates/leaf-order.ts';
import { STAGING_DIRECTORY } from '../../src/kubeadm/host/raw-files.ts';
import { certificateIn, checkStage, keyIn } from '../../src/steps/placing/staging.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { describeInShells } from '../facts/support/shells.ts';
import { Tree } from '../facts/support/trees.ts';
import { hostFiles } from '../kubeadm/support/host-files.ts';
import { DAY, NOW, newAuthority, newKey, newLeaf, type TestAuthority } from '../kubeadm/support/keys.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const { ca } = hostFiles().authorities;
const other = newAuthority('stranger', NOW.getTime() + 3_000 * DAY);
const [key, otherKey] = await Promise.all([newKey(), newKey()]);

describeInShells('a new certificate in the stage, in $name,', (shell) => {
  /** Checks a new certificate of the API server, on a master whose file of the CA contains another CA, too. */
  async function check(signer: TestAuthority, keyText: string): Promise<unknown> {
    const host = describedHost({ files: { '/etc/kubernetes/pki/ca.crt': ca.pem + other.pem } });
    const ordered = orderLeaves({
      host,
      credentials: host.credentials.filter(({ name }) => name === 'apiserver'),
      method: 'native',
      validity: undefined,
      renewBefore: { all: true },
      extraNames: [],
      kubeadm: { version: undefined, problem: undefined },
      now: NOW,
    });
    if ('action' in ordered) throw new Error(ordered.reason);
    const [order] = ordered.orders;
    if (!order) throw new Error('nothing was ordered');
    const { identity, notAfter } = order;
    const leaf = newLeaf(signer, {
      subject: { commonName: identity.commonName, organizations: identity.organizations },
      dnsNames: identity.dnsNames,
      ipAddresses: identity.ipAddresses,
      extendedKeyUsages: identity.usages,
      notAfter,
      publicKey: key.publicKey,
    });
    const tree = Tree.forTest()
      .write(`${STAGING_DIRECTORY}/${certificateIn('apiserver')}`, leaf)
      .write(`${STAGING_DIRECTORY}/${keyIn('apiserver')}`, keyText, '0600');
    const run = async (script: ShellScript) => {
      const [program, ...parameters] = shell.command;
      const input = `${prelude(tree.root)}(eval ${quoteWord(script.reveal())}) 2>&3\n`;
      return spawnSync(program, parameters, { input, encoding: 'utf8', env: { PATH: shell.path } });
    };
    const context = { run, now: () => NOW } as unknown as WriteContext;
    return checkStage({ context, host, directory: STAGING_DIRECTORY }, ordered.orders);
  }

  test('is taken if the CA has signed it and its key is there', async () => {
    expect(await check(ca, key.text)).toMatchObject([{ name: 'apiserver' }]);
  });

  test('is not taken if another CA in the file of the CA has signed it: the CA that signs is the first', async () => {
    await expect(check(other, key.text)).rejects.toThrow('it is not signed by ca');
  });

  test.each([
    ['another key', otherKey.text, 'its private key belongs to another certificate'],
    ['an empty file', '', 'its private key is missing or damaged'],
    ['half a key', key.text.slice(0, 100), 'its private key is missing or damaged'],
  ])('is not taken with %s beside it', async (_, text, fault) => {
    await expect(check(ca, text)).rejects.toThrow(fault);
  });
});
