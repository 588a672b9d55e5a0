import { expect } from 'vitest';
import type { CredentialName } from '../../../src/kubeadm/table.ts';
import type { EmbeddedHost } from '../../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../../src/simulation/fleet.ts';
import { authorityPathOf, certificateAt, LEAF_NAMES, readLeaf } from '../../simulation/support/credentials.ts';

const DAY_MS = 86_400_000;

/** As node reads it; negative for what has ended. */
export function daysLeft({ root }: EmbeddedHost, name: CredentialName): number {
  const leaf = readLeaf(root, name);
  return leaf ? (new Date(leaf.validTo).getTime() - Date.now()) / DAY_MS : Number.NaN;
}

/** Leaves that a host has, and that are not valid for a year from now, signed by the CA of the host. */
function notRenewed(host: EmbeddedHost): readonly string[] {
  return [...LEAF_NAMES, 'kubelet-client' as const].filter((name) => {
    const leaf = readLeaf(host.root, name);
    if (!leaf) return name !== 'super-admin.conf' || host.profile.index === 0;
    const authority = certificateAt(host.root, authorityPathOf(name));
    return !(daysLeft(host, name) > 360 && authority && leaf.verify(authority.publicKey));
  });
}

/** Every leaf of every host is new, everything runs, and nothing of the run is left but its backup. */
export async function expectRenewed(fleet: Pick<Fleet, 'hosts'>): Promise<void> {
  await expectServing(fleet);
  for (const host of fleet.hosts) expect(leftovers(host), host.name).toEqual([]);
}

/** Every leaf of every host is new, and everything runs. */
export async function expectServing({ hosts }: Pick<Fleet, 'hosts'>): Promise<void> {
  for (const host of hosts) {
    expect(notRenewed(host), host.name).toEqual([]);
    expect(await runningComponents(host), host.name).toHaveLength(4);
    expect(host.kubelet.isReady, `kubelet of ${host.name}`).toBe(true);
  }
}

/** The components that run, once kubelet has had the time to start them. */
export async function runningComponents({ kubelet }: EmbeddedHost): Promise<readonly string[]> {
  for (let look = 0; look < 100 && kubelet.running.length < 4; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return kubelet.running;
}

/** What a run that came to its end leaves nothing of: its stage, what it moved aside, half backups, its lock. */
export function leftovers(host: EmbeddedHost): readonly string[] {
  return [...host.snapshot().keys()].filter((path) => /\.kplay-|\.partial$|kplay\.lock/.test(path));
}
