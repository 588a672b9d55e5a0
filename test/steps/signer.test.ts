import { sign } from 'node:crypto';
import { expect, test } from 'vitest';
import type { World } from '../../src/core/world.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { CHALLENGE } from '../../src/steps/certs/key-holder.ts';
import { signerFor, signersFor } from '../../src/steps/certs/signer.ts';
import { signerChallenge } from '../../src/steps/certs/signer-proof.ts';
import { DAY, first, NOW, newAuthority, newKey, newLeaf } from '../kubeadm/support/keys.ts';
import type { WorldDescription } from './support/described-world.ts';
import { begin, observed } from './support/planning.ts';

const known = (host: WorldDescription): World => observed({ step: 'certs.regenerate' }, begin(host)).world;
const master = known({ leaves: { apiserver: '5d' } });
const mastersBut = (...absent: readonly string[]): ReadonlyMap<string, World> =>
  new Map(['m1', 'm2', 'm3'].filter((name) => !absent.includes(name)).map((name) => [name, master]));

const workers = Array.from({ length: 60 }, (_, index) => known({ role: 'worker', node: `worker-${index}` }));
const signers = (masters: ReadonlyMap<string, World>): readonly (string | undefined)[] =>
  workers.map((worker) => signerFor(worker.get(kubernetesFiles), masters)?.name);

test('the hosts that have no CA key are spread over the masters that sign for them', () => {
  const chosen = signers(mastersBut());
  for (const name of ['m1', 'm2', 'm3']) expect(chosen.filter((one) => one === name).length).toBeGreaterThan(10);
});

test('a master that drops out changes the signer of its own hosts alone', () => {
  const before = signers(mastersBut());
  const after = signers(mastersBut('m2'));
  expect(after.map((name, index) => (before[index] === 'm2' ? name !== 'm2' : name === before[index]))).toEqual(
    workers.map(() => true),
  );
});

test('a master signs for a host that trusts its CA as that was before it was made anew for the same key', () => {
  const worker = known({ role: 'worker', authorities: { ca: '20d' } }).get(kubernetesFiles);
  expect(signerFor(worker, new Map([['m1', master]]))?.name).toBe('m1');
});

test('no master signs for a host that trusts another CA of the same name', () => {
  const worker = known({ role: 'worker', estranged: ['kubelet.conf'] }).get(kubernetesFiles);
  expect(signerFor(worker, new Map([['m1', master]]))).toBeUndefined();
});

test('nobody signs where no master does', () => {
  expect(signers(new Map())[0]).toBeUndefined();
});

/** The world of a host that has answered with a certificate and a signature. */
async function answering(terms: { readonly commonName?: string; readonly ca?: string; readonly key?: 'another' } = {}) {
  const { commonName = 'kube-apiserver', ca = 'ca' } = terms;
  const key = await newKey();
  const pem = newLeaf(newAuthority(ca, NOW.getTime() + 3_000 * DAY), {
    subject: { commonName },
    extendedKeyUsages: ['serverAuth', 'clientAuth'],
    notAfter: NOW.getTime() - DAY,
    publicKey: key.publicKey,
  });
  const signer = terms.key === 'another' ? await newKey() : key;
  const signature = sign('sha256', Buffer.from(CHALLENGE), signer.text).toString('base64');
  const host = master.get(kubernetesFiles);
  return master.set(signerChallenge(host), [{ certificate: first(pem), chain: [], signature }]);
}

test('a host that only shows the files of a master signs for nobody while a master has proven to be one', async () => {
  const falseMasters = {
    f1: master,
    f2: await answering({ key: 'another' }),
    f3: await answering({ ca: 'stranger' }),
    f4: await answering({ commonName: 'system:node:f4' }),
  };
  const proven = signers(new Map([...Object.entries(falseMasters), ['m1', await answering()]]));
  expect(new Set(proven)).toEqual(new Set(['m1']));
});

test('where none can prove it, as without openssl, all that have the files of a master may sign', () => {
  const worker = known({ role: 'worker' }).get(kubernetesFiles);
  expect(signersFor(worker, mastersBut()).map(({ name }) => name)).toEqual(['m1', 'm2', 'm3']);
});

test('a master proves that it is one only where it may have to sign for a worker', () => {
  const task = { step: 'kubeconfig.regenerate' };
  const asked = (role: 'worker' | 'control-plane', ends: string): boolean => {
    const peer = { role, leaves: { 'kubelet-client': ends } };
    const { world } = observed(task, begin({}, { w1: peer }));
    return world.covers(signerChallenge(world.get(kubernetesFiles)));
  };
  expect([asked('worker', '-1d'), asked('worker', '300d'), asked('control-plane', '-1d')]).toEqual([
    true,
    false,
    false,
  ]);
});
