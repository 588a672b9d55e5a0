import type { FactRef } from '../../core/fact.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { ReadContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubeletLease } from '../../facts/api/kubelet-lease.ts';
import { type Nodes, nodes, ownNode } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { parseVersion } from '../../kubeadm/version.ts';
import { processOf } from '../control-plane/control-plane-facts.ts';

/** The nodes that the host may read: a worker only its own. */
export function nodesFact(known: World): FactRef<Nodes> {
  const host = known.find(kubernetesFiles);
  return host?.role === 'worker' && host.nodeName !== undefined ? ownNode(host.nodeName) : nodes;
}

/** What is missing until the node of the host is Ready; undefined if it is, or if nobody can be asked. */
export function missingNode(world: World): string | undefined {
  const host = world.get(kubernetesFiles);
  const answer = world.get(nodesFact(world));
  if (answer.state === 'cannot ask') return undefined;
  if (answer.state === 'no answer') return `the API does not answer: ${answer.reason}`;
  const node = answer.nodes.find(({ name }) => name === host.nodeName);
  if (!node) return `the API knows no node ${host.nodeName ?? ''}`;
  return node.ready ? undefined : `node ${node.name} is ${node.status}`;
}

/**
 * Waits until kubelet has renewed the lease of its node since it started. Before that, the API still shows the state that the previous
 * kubelet reported: the cluster's controllers take some 40 s to notice that a kubelet is silent. If there is no lease, as before 1.14, this
 * returns at once. An API that does not tell proves nothing, and is asked again.
 */
export function awaitKubelet(
  context: Pick<ReadContext, 'observe' | 'waitFor'>,
  world: World,
  timeoutMs: number,
): Promise<void> {
  const { nodeName, kubelet } = world.get(kubernetesFiles);
  if (nodeName === undefined || kubelet.file === undefined || missingNode(world) !== undefined)
    return Promise.resolve();
  const startedAt = (processOf(world, 'kubelet')?.startedAt ?? Number.POSITIVE_INFINITY) * 1000;
  const ref = kubeletLease(nodeName);
  let first: string | undefined;
  return context.waitFor('kubelet to report for its node', timeoutMs, async () => {
    const lease = (await context.observe([ref])).get(ref);
    if (lease.state === 'none' || (lease.state === 'forbidden' && isBeforeLeases(world, nodeName)))
      return { done: true, value: undefined };
    if (lease.state !== 'renewed')
      return {
        done: false,
        state: `whether kubelet is in contact with the API is not known: with kubelet.conf it does not return the lease of node ${nodeName}: ${lease.reason}`,
      };
    first ??= lease.renewTime;
    // A renewal that is seen is one, whatever the clocks say.
    if (lease.renewTime === first && Date.parse(lease.renewTime) <= startedAt)
      return {
        done: false,
        state: `kubelet has not renewed the lease of node ${nodeName} since it started: what the API shows of the node is older`,
      };
    return { done: true, value: undefined };
  });
}

/** Whether a node's kubelet is too old for leases: an API server of that age forbids them instead of saying that there are none. */
function isBeforeLeases(world: World, nodeName: string): boolean {
  const answer = world.get(nodesFact(world));
  const node = answer.state === 'answered' ? answer.nodes.find(({ name }) => name === nodeName) : undefined;
  const version = parseVersion(node?.version ?? '');
  return version !== undefined && version.minor < 14;
}

/** How long a node may take to become Ready, for instance while its network plugin starts. */
const PATIENCE_MS = 90_000;

/** Signs of life of kubelet at the API, each with the time of the last one. */
type Signals = ReadonlyMap<'report' | 'lease', string>;

/**
 * Watches a node that is not Ready: whether kubelet itself reports that, and is in contact with the API. Its last report stays
 * until the cluster's controllers change it, forever without them; so a new report or a lease renewal has to arrive while
 * watching. What the node then lacks, such as a network plugin, is unrelated to certificates and would not improve if the old
 * ones were restored.
 * @returns a function to be called at each poll, which returns a warning once that is certain
 */
export function unreadyWatch(context: Pick<ReadContext, 'observe' | 'now'>) {
  let since: number | undefined;
  let first: Signals = new Map();
  let hasReported = false;
  return async (world: World): Promise<PlanWarning | undefined> => {
    const { nodeName } = world.get(kubernetesFiles);
    const report = nodeName === undefined ? undefined : await kubeletReport(context, world, nodeName);
    const now = context.now().getTime();
    if (report === undefined) {
      since = undefined;
      first = new Map();
      hasReported = false;
      return undefined;
    }
    since ??= now;
    hasReported ||= [...report.signals].some(([sign, at]) => (first.get(sign) ?? at) !== at);
    first = new Map([...report.signals, ...first]);
    if (!hasReported || now - since < PATIENCE_MS) return undefined;
    return {
      message: `node ${nodeName} is NotReady, but not because of its certificates: kubelet tells the API ${report.reason}`,
      remedy: 'fix that separately: the certificates are renewed, and kubelet and API server accept each other',
    };
  };
}

async function kubeletReport(
  context: Pick<ReadContext, 'observe'>,
  world: World,
  nodeName: string,
): Promise<{ readonly reason: string; readonly signals: Signals } | undefined> {
  const answer = world.get(nodesFact(world));
  const listed = answer.state === 'answered' ? answer.nodes.find(({ name }) => name === nodeName) : undefined;
  if (listed?.ready !== false) return undefined;
  const [ref, lease] = [ownNode(nodeName), kubeletLease(nodeName)];
  const observed = await context.observe([ref, lease]);
  const own = observed.get(ref);
  const { unreadyBecause, reportedAt } = (own.state === 'answered' ? own.nodes[0] : undefined) ?? {};
  if (unreadyBecause === undefined) return undefined;
  const renewal = observed.get(lease);
  const signals: Signals = new Map([
    ...(reportedAt === undefined ? [] : [['report', reportedAt] as const]),
    ...(renewal.state === 'renewed' ? [['lease', renewal.renewTime] as const] : []),
  ]);
  return { reason: unreadyBecause, signals };
}
