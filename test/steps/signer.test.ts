import { expect, test } from 'vitest';
import type { World } from '../../src/core/world.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { signerFor } from '../../src/steps/certs/signer.ts';
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
