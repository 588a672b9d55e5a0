import type { FactRef } from '../../core/fact.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { ReadContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubeletLease } from '../../facts/api/kubelet-lease.ts';
import { type Nodes, nodes, ownNode } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';

/** What the host may ask about nodes: a worker only about itself. */
export function nodesFact(known: World): FactRef<Nodes> {
  const host = known.has(kubernetesFiles) ? known.get(kubernetesFiles) : undefined;
  return host?.role === 'worker' && host.nodeName !== undefined ? ownNode(host.nodeName) : nodes;
}

/** What is missing until the node of the host is Ready; undefined when it is, or when nobody can be asked. */
export function missingNode(world: World): string | undefined {
  const host = world.get(kubernetesFiles);
  const answer = world.get(nodesFact(world));
  if (answer.state === 'cannot ask') return undefined;
  if (answer.state === 'no answer') return `the API does not answer: ${answer.reason}`;
  const node = answer.nodes.find(({ name }) => name === host.nodeName);
  if (!node) return `the API knows no node ${host.nodeName ?? ''}`;
  return node.ready ? undefined : `node ${node.name} is ${node.status}`;
}

/** So long a node may take to become Ready, as while its network plugin comes up. */
const PATIENCE_MS = 90_000;

/** What kubelet does at the API, each with the time at which it did so last. */
type Signs = ReadonlyMap<'report' | 'lease', string>;

/**
 * Looks at a node that is not Ready: whether kubelet itself says so, and is seen to speak to the API meanwhile. What it said last stands
 * there for as long as the cluster's controllers let it, and forever without them; so a report or a renewal of its lease has to come in
 * while it is watched. What the node then lacks, as a network plugin, is nothing that certificates could give it, or that would get better
 * if the old ones came back.
 * @returns a function to be asked at each look, which returns what to warn of once that is certain.
 */
export function unreadyWatch(context: Pick<ReadContext, 'observe' | 'now'>) {
  let since: number | undefined;
  let first: Signs = new Map();
  let hasSpoken = false;
  return async (world: World): Promise<PlanWarning | undefined> => {
    const { nodeName } = world.get(kubernetesFiles);
    const said = nodeName === undefined ? undefined : await ownWords(context, world, nodeName);
    const now = context.now().getTime();
    if (said === undefined) {
      since = undefined;
      first = new Map();
      hasSpoken = false;
      return undefined;
    }
    since ??= now;
    hasSpoken ||= [...said.signs].some(([sign, at]) => (first.get(sign) ?? at) !== at);
    first = new Map([...said.signs, ...first]);
    if (!hasSpoken || now - since < PATIENCE_MS) return undefined;
    return {
      message: `node ${nodeName} is NotReady, but not because of its certificates: kubelet tells the API ${said.reason}`,
      remedy: 'fix that separately: the certificates are renewed, and kubelet and API server accept each other',
    };
  };
}

async function ownWords(
  context: Pick<ReadContext, 'observe'>,
  world: World,
  nodeName: string,
): Promise<{ readonly reason: string; readonly signs: Signs } | undefined> {
  const answer = world.get(nodesFact(world));
  const listed = answer.state === 'answered' ? answer.nodes.find(({ name }) => name === nodeName) : undefined;
  if (listed?.ready !== false) return undefined;
  const [ref, lease] = [ownNode(nodeName), kubeletLease(nodeName)];
  const seen = await context.observe([ref, lease]);
  const own = seen.get(ref);
  const { unreadyBecause, reportedAt } = (own.state === 'answered' ? own.nodes[0] : undefined) ?? {};
  if (unreadyBecause === undefined) return undefined;
  const { renewedAt } = seen.get(lease);
  const signs: Signs = new Map([
    ...(reportedAt === undefined ? [] : [['report', reportedAt] as const]),
    ...(renewedAt === undefined ? [] : [['lease', renewedAt] as const]),
  ]);
  return { reason: unreadyBecause, signs };
}
