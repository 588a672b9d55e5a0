import { expect, test } from 'vitest';
import { hostFiles } from '../kubeadm/support/host-files.ts';
import { DAY, NOW, newAuthority } from '../kubeadm/support/keys.ts';
import type { WorldDescription } from './support/described-world.ts';
import { begin, observed, planOf } from './support/planning.ts';

const TASK = { step: 'kubeconfig.regenerate' };
const WORKER: WorldDescription = {
  role: 'worker',
  node: 'node-7',
  inventory_name: 'worker-1',
  leaves: { 'kubelet-client': 'foreign signer' },
  backups: [{ id: 'a' }],
};
const CA = hostFiles({}).authorities.ca;
/** A worker with the files of a master, which keeps beside the CA of the cluster the one that has signed for its accomplice. */
const FALSE_MASTER: WorldDescription = {
  files: { '/etc/kubernetes/pki/ca.crt': `${newAuthority('stranger', NOW.getTime() + 3_650 * DAY).pem}${CA.pem}` },
};

function notProven(peers: Readonly<Record<string, WorldDescription>>) {
  const plan = planOf(TASK, observed(TASK, begin(WORKER, peers)));
  return plan.action === 'refuse' ? plan.details : plan;
}

test('a CA that only one of the masters has proves no name of a node', () => {
  const says = 'the CA of the masters has not signed its old certificate';
  expect(notProven({ 'master-1': {}, w2: FALSE_MASTER })).toEqual([['not proven', says]]);
  expect(notProven({ w2: FALSE_MASTER, 'master-1': {} })).toEqual([['not proven', says]]);
});
