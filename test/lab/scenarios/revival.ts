import { equal, holds } from './expect.ts';
import { eventually, lab, readyNodes, sacredFiles } from './lab.ts';
import { kubeadmsOwn, portraitsOf } from './reference.ts';
import { type EndedKplay, runWithEvents } from './running.ts';

/** The one that ships. */
export const PLAYBOOK = 'playbooks/renew-certs.yml';

/** Runs the playbook on a cluster, to its end. */
export function renew(cluster: string, ...words: string[]): Promise<EndedKplay> {
  return runWithEvents(['run', PLAYBOOK, '-i', lab.inventory(cluster), ...words]).ended;
}

/** What a run came to: its exit code and how many changes there were on each host. */
export function cameTo({ code, events }: EndedKplay): readonly [number, readonly number[] | undefined] {
  return [code, events.find(({ type }) => type === 'run-finished')?.hosts?.map(({ changed }) => changed)];
}

/** What stopped a run, for a message. */
export function troubleOf({ events, errors }: EndedKplay): string {
  const seen = events.filter(
    ({ outcome }) => outcome === 'failed' || outcome === 'refused' || outcome === 'unreachable',
  );
  return JSON.stringify(seen.length > 0 ? seen : errors.slice(-2000));
}

/** Demands that a run has ended well on that many hosts, and changed none of them. */
export function changedNothing(run: EndedKplay, hosts: number, what: string): void {
  const wanted = [0, Array.from({ length: hosts }, () => 0)];
  if (JSON.stringify(cameTo(run)) !== JSON.stringify(wanted))
    throw new Error(`${what}: ${JSON.stringify(cameTo(run))}: ${troubleOf(run)}`);
}

/** Runs on an expired master that is alone, and demands all that a renewal promises. */
export async function isRevived(master: string, method: string): Promise<void> {
  const cluster = master.slice(0, master.lastIndexOf('-'));
  const sacred = await sacredFiles(master);
  const first = await renew(cluster, '-e', `method=${method}`);
  equal(first.code, 0, `kplay run by ${method}: ${troubleOf(first)}`);
  await eventually('the node to be Ready', 60, async () => (await readyNodes(master)).length === 1);
  equal(await sacredFiles(master), sacred, 'CA and service account files');
  const [made, own] = [await portraitsOf(master), await kubeadmsOwn(master)];
  holds(Object.keys(own).length >= 10, `kubeadm made only ${Object.keys(own).join(' ')}`);
  for (const name of Object.keys(own)) equal(made[name], own[name], `${name} by ${method}, beside kubeadm's own`);
  changedNothing(await renew(cluster, '-e', `method=${method}`), 1, 'the second run');
}
