import { expect, test, vi } from 'vitest';
import { World } from '../../src/core/world.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { pendingRequests } from '../../src/facts/certificates/pending-requests.ts';
import { signedRefusal } from '../../src/steps/certs/installation.ts';
import { hostFiles } from '../kubeadm/support/host-files.ts';
import { DAY, NOW, newLeaf, RSA_KEY } from '../kubeadm/support/keys.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

test('no host is compared with every other one where no kubeconfig is written from scratch', () => {
  const world = World.empty.set(kubernetesFiles, describedHost({ role: 'worker' })).set(pendingRequests, []);
  const peers = new Map(Array.from({ length: 10 }, (_, index) => [`w${index}`, world] as const));
  const find = vi.spyOn(World.prototype, 'find');
  expect(signedRefusal({ certificates: {}, from: 'signed' }, 'w', world, peers, new Date())).toBeUndefined();
  expect(find).not.toHaveBeenCalled();
});

test('the certificates of a host are judged once for all the other hosts, and again when time has passed or they are others', () => {
  const name = 'apiserver-kubelet-client';
  const pem = (notAfter: number) =>
    newLeaf(hostFiles().authorities.ca, {
      subject: { commonName: 'kube-apiserver-kubelet-client', organizations: ['kubeadm:cluster-admins'] },
      extendedKeyUsages: ['clientAuth'],
      notAfter,
      publicKey: RSA_KEY.publicKey,
    });
  const keyFile = { path: '/k', mode: '0600', uid: 0, gid: 0, size: 1, modifiedAt: 0, sha256: '' };
  const waiting = [{ name, request: 'planned', pem: '', publicHalf: RSA_KEY.half, keyFile }] as const;
  const host = describedHost({ leaves: { '*': '5d' }, version: '1.33.11' });
  const names = Array.from({ length: 40 }, (_, index) => `m${index}`);
  const worlds = new Map(
    names.map((each) => [each, World.empty.set(kubernetesFiles, { ...host }).set(pendingRequests, waiting)] as const),
  );
  const signed = (each: string): Record<string, Record<string, string>> =>
    Object.fromEntries(names.map((one) => [one, { [`${name}.crt`]: each }]));
  const good = signed(pem(NOW.getTime() + 2 * DAY));
  // The copies of the host share its credentials: each judgement of one looks for the credential of its certificate.
  const find = vi.spyOn(host.credentials, 'find');
  const judge = (own: string, certificates = good, now = NOW) => {
    find.mockClear();
    const peers = new Map([...worlds].filter(([each]) => each !== own));
    const refusal = signedRefusal({ certificates, from: 'signed' }, own, worlds.get(own) ?? World.empty, peers, now);
    return { reason: refusal?.reason, judged: find.mock.calls.length };
  };
  expect(judge('m0')).toEqual({ reason: undefined, judged: 40 });
  // Itself, and the one that was planned before.
  expect(judge('m1')).toEqual({ reason: undefined, judged: 2 });
  const late = new Date(NOW.getTime() + 1.5 * DAY);
  expect(judge('m2', { ...good, m2: {} }, late).reason).toMatch(
    /^the certificates for m0, m1, m3,.* cannot be installed/,
  );
  const bad = { ...good, m3: { [`${name}.crt`]: pem(NOW.getTime() - DAY) } };
  expect(judge('m2', bad).reason).toMatch(/^the certificates for m3 cannot be installed/);
});
