import { expect, test } from 'vitest';
import { onlyExpired, parseRenewBefore } from '../../src/kubeadm/certificates/due.ts';
import type { Holding } from '../../src/kubeadm/host/model.ts';
import { consumerWarnings } from '../../src/steps/certs/consumer-warnings.ts';
import { DAY, first, NOW, newAuthority, newLeaf, RSA_KEY } from '../kubeadm/support/keys.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const END = NOW.getTime() + 3_000 * DAY;

test('a copy counts by the CA that it names, where several CAs have one key', () => {
  const etcd = newAuthority('ca', END, 'etcd-ca');
  const host = describedHost({ files: { '/etc/kubernetes/pki/etcd/ca.crt': etcd.pem } });
  const warned = (leftDays: number) => {
    const certificate = first(
      newLeaf(etcd, {
        subject: { commonName: 'backup' },
        notAfter: NOW.getTime() + leftDays * DAY,
        publicKey: RSA_KEY.publicKey,
      }),
    );
    const holding: Holding = { state: 'present', certificate, chain: [] };
    const copies = [{ path: '/opt/backup/client.crt', user: undefined, holding }];
    const rule = { ...onlyExpired(NOW), renewBefore: parseRenewBefore('30d') };
    return consumerWarnings(host, { copies, users: [] }, [], rule).map(({ message }) => message);
  };
  expect(warned(300)).toEqual([]);
  expect(warned(5)).toEqual([expect.stringMatching(/^\/opt\/backup holds a certificate.*in 5d/)]);
});

test('a copy of the certificate of a server is as good as that; one for servers alone is of no use to a user', () => {
  const { credentials, ...host } = describedHost();
  const holding = credentials.find(({ name }) => name === 'apiserver')?.holding ?? { state: 'absent' };
  const warned = (path: string, user: string | undefined) =>
    consumerWarnings(
      { ...host, credentials },
      { copies: [{ path, user, holding }], users: [] },
      [],
      onlyExpired(NOW),
    ).map(({ message }) => message);
  expect(warned('/root/kubernetes-backup/pki/apiserver.crt', undefined)).toEqual([]);
  expect(warned('/opt/ci.conf', 'ci')).toEqual([expect.stringContaining('it is not for clientAuth')]);
});
