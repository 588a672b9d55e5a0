import { expect, test } from 'vitest';
import { renewed } from '../../src/kubeadm/certificates/transition.ts';
import { trustRefusal } from '../../src/steps/gates/trust-gate.ts';
import { DAY, NOW, newAuthority, newIssuing } from '../kubeadm/support/keys.ts';
import { kubeconfigText } from '../kubeadm/support/kubeconfig-text.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const END = NOW.getTime() + 365 * DAY;
const root = newAuthority('ca', NOW.getTime() + 3_000 * DAY);
const issuing = newIssuing(root);

/** A master whose ca.crt is an intermediate CA with its root, which was the cluster's CA until then. */
function master(trustedByKubelet: string) {
  return describedHost({
    files: {
      '/etc/kubernetes/pki/ca.crt': `${issuing.pem}${root.pem}`,
      '/etc/kubernetes/kubelet.conf': kubeconfigText({
        server: 'https://10.0.0.1:6443',
        authority: trustedByKubelet,
        users: [{ name: 'system:node:master-1', certificate: root.pem }],
      }),
    },
  });
}

const refused = (...[host, restarted]: Parameters<typeof trustRefusal>) => trustRefusal(host, restarted)?.reason;

test('a planned certificate of an intermediate CA is refused as it would be in the run, unless that follows it or is trusted', () => {
  const ends = new Map([['apiserver' as const, END]]);
  const followed = new Map([['apiserver' as const, [issuing.certificate]]]);
  const old = master(root.pem);
  expect(refused(old, ['kubelet'])).toBeUndefined();
  expect(refused(renewed(old, ends), ['kubelet'])).toMatch(
    /^kubelet would reject the API server: the CA in kubelet\.conf/,
  );
  expect(refused(renewed(old, ends, followed), ['kubelet'])).toBeUndefined();
  expect(refused(renewed(master(`${root.pem}${issuing.pem}`), ends), ['kubelet'])).toBeUndefined();
});

test('a CA that is still in ca.crt is not to be told from the cluster’s: it is said what lacks, and where it is put', () => {
  const next = newAuthority('stranger', NOW.getTime() + 3_000 * DAY);
  const host = describedHost({
    files: {
      '/etc/kubernetes/pki/ca.crt': `${next.pem}${root.pem}`,
      '/etc/kubernetes/kubelet.conf': kubeconfigText({
        server: 'https://10.0.0.1:6443',
        authority: root.pem,
        users: [{ name: 'system:node:master-1', certificate: root.pem }],
      }),
    },
  });
  const ends = new Map([['apiserver' as const, END]]);
  expect(trustRefusal(host, ['kubelet'])).toBeUndefined();
  expect(trustRefusal(renewed(host, ends), ['kubelet'])).toMatchObject({
    code: 'another-ca',
    reason: expect.stringMatching(
      /^kubelet would reject the API server: the CA in kubelet\.conf \(.*\) is in \/etc\/kubernetes\/pki\/ca\.crt, but the first one there signs$/,
    ),
    remedy:
      'while a CA is replaced, every kubeconfig has to trust both before the new one signs: kubectl config set-cluster kubernetes --kubeconfig /etc/kubernetes/kubelet.conf --certificate-authority /etc/kubernetes/pki/ca.crt --embed-certs; then run again',
  });
});
