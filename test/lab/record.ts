// Records what a real master answers: lab controller node scripts/run-ts.mjs test/lab/record.ts CLUSTER
import { readFileSync, writeFileSync } from 'node:fs';
import { Problems } from '../../src/core/diagnostic.ts';
import { loadInventory } from '../../src/inventory/load.ts';
import { recordingOf } from '../simulation/support/recording.ts';
import { connectorFor } from '../simulation/support/sessions.ts';

const STATE = process.env['KPLAY_LAB'] ?? '/var/tmp/kplay-lab';
const [cluster] = process.argv.slice(2);
if (cluster === undefined) throw new Error('which cluster of the lab?');

const problems = new Problems();
const name = `${cluster}-m1`;
const host = loadInventory([`${STATE}/clusters/${cluster}/inventory.yml`], problems)?.hosts.get(name);
problems.throwIfErrors();
if (!host) throw new Error(`the lab has no ${name}`);
const session = await (await connectorFor([host], problems)).openForWriting(host);
try {
  const address = readFileSync(`${STATE}/clusters/${cluster}/nodes/${name}/address`, 'utf8').trim();
  const balancer = address.replace(/\d+$/, '5');
  const recording = await recordingOf(session, { node: name, address, endpoint: `${balancer}:6443` });
  const version = recording['kubeadm version -o short']?.[0]?.replace('v', '') ?? 'unknown';
  const file = `test/simulation/recordings/${version}.json`;
  writeFileSync(file, `${JSON.stringify(recording, undefined, 2)}\n`);
  process.stdout.write(`${Object.keys(recording).length} answers of Kubernetes ${version}\n`);
} finally {
  await session.close();
}
