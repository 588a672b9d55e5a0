import { expect, test } from 'vitest';
import { onlyExpired } from '../../src/kubeadm/certificates/due.ts';
import { sniRows } from '../../src/steps/certs/sni-rows.ts';
import type { HostDescription } from '../kubeadm/support/host-files.ts';
import { NOW } from '../kubeadm/support/keys.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const FLAG = '/opt/vip.crt,/opt/vip.key:vip.example.org';
const CLIENT = '/etc/kubernetes/pki/apiserver-kubelet-client.crt';

function rows(description: HostDescription, flag = FLAG) {
  const host = describedHost({ ...description, flags: { 'kube-apiserver': { '--tls-sni-cert-key': flag } } });
  return sniRows({ host, homes: [], backups: [], rule: onlyExpired(NOW) });
}

test.each<[what: string, description: HostDescription, expected: object]>([
  ['the cluster’s CA', {}, { condition: 'good', authority: 'ca', due: false }],
  [
    'the cluster’s CA, and has expired',
    { leaves: { 'apiserver-kubelet-client': '-1d' } },
    { condition: 'expired', due: false, reason: expect.stringContaining('kplay does not renew it') },
  ],
  [
    'somebody else',
    { leaves: { 'apiserver-kubelet-client': 'foreign signer' } },
    { condition: 'good', authority: 'kubernetes', due: false },
  ],
  ['somebody, and cannot be read', { hidden: ['/opt/vip.crt'] }, { condition: 'not readable', ends: null, due: null }],
])('what the API server serves under another name, signed by %s, has a row', (_, description, expected) => {
  expect(rows({ ...description, links: { '/opt/vip.crt': CLIENT } })).toMatchObject([
    { name: '/opt/vip.crt', flag: '--tls-sni-cert-key', ...expected },
  ]);
});

test('a certificate of kubeadm’s that is served under another name, too, has no second row', () => {
  expect(rows({}, '/etc/kubernetes/pki/apiserver.crt,/etc/kubernetes/pki/apiserver.key:vip')).toEqual([]);
});
