import { describe, expect, test } from 'vitest';
import { World } from '../../src/core/world.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { renewed } from '../../src/kubeadm/certificates/transition.ts';
import type { KubeadmHost } from '../../src/kubeadm/host/model.ts';
import { peerTrustRefusal } from '../../src/steps/gates/peer-trust-gate.ts';
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
  const followed = new Map([['apiserver' as const, { dnsNames: [], ipAddresses: [], chain: [issuing.certificate] }]]);
  const old = master(root.pem);
  expect(refused(old, ['kubelet'])).toBeUndefined();
  expect(refused(renewed(old, ends), ['kubelet'])).toMatch(
    /^kubelet would reject the API server: the CA in kubelet\.conf/,
  );
  expect(refused(renewed(old, ends, followed), ['kubelet'])).toBeUndefined();
  expect(refused(renewed(master(`${root.pem}${issuing.pem}`), ends), ['kubelet'])).toBeUndefined();
});

test('the CAs in a file that a kubeconfig names are those that client-go loads; if it loads none, the file is named', () => {
  const named = (authorities: string) =>
    describedHost({
      files: {
        '/etc/kubernetes/pki/ca.crt': root.pem,
        '/srv/ca.pem': authorities,
        '/etc/kubernetes/kubelet.conf': kubeconfigText({
          server: 'https://10.0.0.1:6443',
          authority: root.pem,
          users: [{ name: 'system:node:master-1', certificate: root.pem }],
        }).replace(/certificate-authority-data: .*/, 'certificate-authority: /srv/ca.pem'),
      },
    });
  const damaged = root.pem.replace(/\n.{30}/, '\n');
  expect(trustRefusal(named(`${damaged}${root.pem}`), ['kubelet'])).toBeUndefined();
  expect(trustRefusal(named(damaged), ['kubelet'])).toMatchObject({
    reason: expect.stringMatching(/^kubelet would reject the API server: the CA in kubelet\.conf cannot be read: /),
    remedy:
      'replace /srv/ca.pem, which /etc/kubernetes/kubelet.conf names, by a copy of /etc/kubernetes/pki/ca.crt; then run again',
  });
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

test('kubelet rejects what a CA signs that was made again with its key, under another name', () => {
  const renamed = newAuthority('ca', NOW.getTime() + 3_000 * DAY, 'kubernetes-ca');
  const host = describedHost({ files: { '/etc/kubernetes/pki/ca.crt': renamed.pem } });
  expect(refused(host, ['kubelet'])).toBeUndefined();
  expect(trustRefusal(renewed(host, new Map([['apiserver' as const, END]])), ['kubelet'])).toMatchObject({
    reason:
      'kubelet would reject the API server: the CA in kubelet.conf (CN=kubernetes) has the key of /etc/kubernetes/pki/ca.crt, but its name is another one, or encoded differently',
    remedy: expect.stringMatching(/^make ca\.crt again with the old name, .* -signkey ca\.key .*; then run again$/),
  });
});

describe('the kubelets of other hosts', () => {
  const next = newAuthority('stranger', NOW.getTime() + 3_000 * DAY);
  const ends = new Map([['apiserver' as const, END]]);
  const during = (...authorities: readonly string[]) =>
    describedHost({ files: { '/etc/kubernetes/pki/ca.crt': authorities.join('') } });
  const worker = (authority: string) =>
    World.empty.set(
      kubernetesFiles,
      describedHost({
        role: 'worker',
        files: {
          '/etc/kubernetes/kubelet.conf': kubeconfigText({
            server: 'https://10.0.0.1:6443',
            authority,
            users: [{ name: 'system:node:worker-1', certificate: root.pem }],
          }),
        },
      }),
    );
  const lost = (host: KubeadmHost, workers: readonly string[], restarted = ['kube-apiserver']) =>
    peerTrustRefusal(host, restarted, new Map(workers.map((pem, at) => [`w${at + 1}`, worker(pem)])))?.reason;

  test('are not to lose an API server that they have trusted until now', () => {
    const replaced = renewed(during(next.pem, root.pem), ends);
    expect(lost(replaced, [root.pem])).toMatch(
      /^kubelet of w1 would reject the API server: the CA in its kubelet\.conf/,
    );
    expect(lost(replaced, [`${root.pem}${next.pem}`, root.pem, root.pem])).toMatch(
      /^kubelet of w2 and 1 other host would/,
    );
  });

  test('lose nothing where both CAs are trusted, the CA is the same, the API server is not restarted, or was no longer trusted', () => {
    const replaced = renewed(during(next.pem, root.pem), ends);
    expect(lost(replaced, [`${root.pem}${next.pem}`, next.pem])).toBeUndefined();
    expect(lost(renewed(during(root.pem, next.pem), ends), [root.pem])).toBeUndefined();
    expect(lost(replaced, [root.pem], ['kube-scheduler'])).toBeUndefined();
    expect(lost(replaced, [newAuthority('etcd-ca', END).pem])).toBeUndefined();
  });
});
