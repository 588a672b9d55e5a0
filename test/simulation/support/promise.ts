import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { expect } from 'vitest';
import type { CredentialName } from '../../../src/kubeadm/table.ts';
import type { EmbeddedHost } from '../../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../../src/simulation/fleet.ts';
import { type Snapshot, snapshotDifference } from '../../../src/simulation/snapshot.ts';
import type { TreeState } from '../../../src/simulation/tree-state.ts';
import type { Scenario } from './arbitrary.ts';
import type { Bench } from './bench.ts';
import { AUTHORITY_PATHS, authorityPathOf, certificateAt, keyText, LEAF_NAMES, readLeaf } from './credentials.ts';
import { applyFleet, planFleet, type Report } from './engine.ts';
import { disturbed, observe, predict } from './prediction.ts';

/**
 * The promise of the whole product, kept in one case: a dry run changes nothing; apply changes what the plan said and nothing
 * else; CAs are never written; renewed leaves say what the old ones said; a second plan is empty; what is refused is untouched.
 */
export async function expectPromiseKept(
  bench: Bench,
  { states, workers = [], user, authorityDaysLeft, variables }: Scenario,
): Promise<void> {
  const stateOf = (index: number): TreeState => states[index] ?? {};
  const workerStateOf = (index: number): TreeState => workers[index] ?? {};
  const [masters, others] = [states.length, workers.length];
  const fleet = await bench.fleet({ masters, stateOf, workers: others, workerStateOf, user, authorityDaysLeft });
  try {
    const before = new Map(fleet.hosts.map((host) => [host.name, host.snapshot()]));
    const leaves = new Map(fleet.hosts.map((host) => [host.name, oldLeaves(host)]));
    await planFleet(fleet.inventoryFile, variables);
    for (const host of fleet.hosts) expectUntouched(host, before, 'a dry run');
    const applied = await applyFleet(fleet.inventoryFile, variables);
    if (!applied.plan) {
      for (const host of fleet.hosts) expectUntouched(host, before, 'a refused play');
      return;
    }
    expectSuccess(applied);
    for (const host of fleet.hosts) {
      if (applied.result.refused.includes(host.name)) expectUntouched(host, before, 'a refusal', LOCKED);
      else {
        const { role, index } = host.profile;
        expectAsPlanned(host, applied, before, leaves, role === 'master' ? stateOf(index) : workerStateOf(index));
      }
    }
    await expectNothingLeft(fleet, applied, variables);
  } finally {
    await bench.discard(fleet);
  }
}

/** What a lock leaves that was taken and given back: a batch may be refused when all hosts of the play are locked already. */
const LOCKED: ReadonlyMap<string, readonly string[]> = new Map([['/run', ['time']]]);

function expectUntouched(
  host: EmbeddedHost,
  before: ReadonlyMap<string, Snapshot>,
  after: string,
  except: ReadonlyMap<string, readonly string[]> = new Map(),
): void {
  const difference = [...snapshotDifference(before.get(host.name) ?? new Map(), host.snapshot())];
  const found = difference.filter(([path, what]) => what.join() !== except.get(path)?.join());
  expect(found, `${after} leaves ${host.name} as it was`).toEqual([]);
}

function expectAsPlanned(
  host: EmbeddedHost,
  { plan }: Report,
  snapshots: ReadonlyMap<string, Snapshot>,
  leaves: ReadonlyMap<string, OldLeaves>,
  state: TreeState,
): void {
  const before = snapshots.get(host.name) ?? new Map();
  const after = host.snapshot();
  const hostPlan = plan?.hosts.find((candidate) => candidate.host === host.name);
  if (!plan || !hostPlan) throw new Error(`no plan for ${host.name}`);
  const { renewed, ...expected } = predict(plan, hostPlan, before, state);
  expect(observe(before, after), `the files that changed on ${host.name}`).toEqual(expected);
  expect(disturbed(before, after, expected)).toEqual([]);
  for (const path of AUTHORITY_PATHS) expect(after.get(path), path).toEqual(before.get(path));
  for (const name of renewed) expectSameIdentity(host, name, leaves.get(host.name)?.get(name));
  for (const name of host.profile.role === 'master' ? LEAF_NAMES : renewed) expectGood(host, name);
}

type OldLeaves = ReadonlyMap<CredentialName, X509Certificate>;

function oldLeaves({ root }: EmbeddedHost): OldLeaves {
  return new Map(
    [...LEAF_NAMES, 'kubelet-client' as const].flatMap((name) => {
      const leaf = readLeaf(root, name) ?? readLeaf(root, name, '/etc/kubernetes/.kplay-aside');
      return leaf ? [[name, leaf] as const] : [];
    }),
  );
}

function expectSameIdentity({ root }: EmbeddedHost, name: CredentialName, old: X509Certificate | undefined): void {
  const renewed = readLeaf(root, name);
  expect(renewed, name).toBeDefined();
  const authority = certificateAt(root, authorityPathOf(name));
  // Only what the host's CA has signed is a pattern.
  if (!old || !renewed || !(authority && old.verify(authority.publicKey))) return;
  const identity = ({ subject, subjectAltName, keyUsage, ca }: X509Certificate) => ({
    subject,
    subjectAltName,
    keyUsage,
    ca,
  });
  // A kubelet gets no names besides its own, whatever the old one had.
  const expected = name === 'kubelet-client' ? { ...identity(old), subjectAltName: undefined } : identity(old);
  expect(identity(renewed), name).toEqual(expected);
  expect(renewed.serialNumber, name).not.toBe(old.serialNumber);
}

/** A leaf that is there at all is valid, signed by the host's CA, and has its key. */
function expectGood({ root }: EmbeddedHost, name: CredentialName): void {
  const leaf = readLeaf(root, name);
  if (!leaf && name === 'super-admin.conf') return;
  const authority = certificateAt(root, authorityPathOf(name));
  expect(leaf && authority && leaf.verify(authority.publicKey), `${name} is signed by its CA`).toBe(true);
  expect(leaf?.checkPrivateKey(createPrivateKey(keyText(root, name))), `${name} has its key`).toBe(true);
  expect(new Date(leaf?.validTo ?? 0).getTime()).toBeGreaterThan(Date.now());
  expect(new Date(leaf?.validFrom ?? '').getTime()).toBeLessThanOrEqual(Date.now());
}

/** Under `all` there is always something to renew: then the default rule is the judge. */
async function expectNothingLeft(
  { inventoryFile }: Fleet,
  { result }: Report,
  variables: Scenario['variables'],
): Promise<void> {
  const rule = variables['renew_before'] === 'all' ? { renew_before: '30d' } : {};
  const { plan } = await planFleet(inventoryFile, { ...variables, ...rule });
  const left = (plan?.hosts ?? []).flatMap(({ host, tasks }) =>
    result.refused.includes(host) ? [] : tasks.flatMap((task) => (task.action === 'change' ? task.changes : [])),
  );
  expect(left.map(({ kind, target, summary }) => `${kind} ${target} ${summary}`)).toEqual([]);
}

/** Every host came to the end of the play, or was refused before its beginning. */
function expectSuccess({ result, events }: Report): void {
  const bad = events.filter(
    (event) => event.type === 'task-finished' && !['ok', 'changed', 'skipped'].includes(event.outcome),
  );
  const last = events.filter((event) => event.type === 'task-progress').at(-1);
  expect(result.failed, JSON.stringify([...bad, last], undefined, 1)).toEqual([]);
  expect(bad, JSON.stringify([...bad, last], undefined, 1)).toEqual([]);
  expect(result.unreachable).toEqual([]);
}
