import type { FactRef } from '../../core/fact.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { ReadContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/kubernetes-files.ts';
import { type Nodes, nodes, ownNode } from '../../facts/nodes.ts';

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

/**
 * By then the cluster has noticed that a kubelet says nothing, and says Unknown of its node in place of what kubelet said last:
 * controller-manager waits for 40 to 50 s, and for 60 s after its own start (--node-startup-grace-period).
 */
const SILENCE_MS = 90_000;

/**
 * Looks at a node that is not Ready: whether kubelet itself says so, and goes on saying it. Then it speaks to the API, and what it
 * lacks, as a network plugin, is nothing that certificates could give it, or that would get better if the old ones came back.
 * @returns a function to be asked at each look, which returns what to warn of once that is certain.
 */
export function unreadyWatch(context: Pick<ReadContext, 'observe' | 'now'>) {
  let since: number | undefined;
  return async (world: World): Promise<PlanWarning | undefined> => {
    const { nodeName } = world.get(kubernetesFiles);
    const reason = nodeName === undefined ? undefined : await ownReason(context, world, nodeName);
    const now = context.now().getTime();
    since = reason === undefined ? undefined : (since ?? now);
    if (since === undefined || now - since < SILENCE_MS) return undefined;
    return {
      message: `node ${nodeName} is NotReady, and not for its certificates: kubelet tells the API ${reason}`,
      remedy: 'repair that: the certificates are renewed, kubelet and API server accept each other',
    };
  };
}

async function ownReason(
  context: Pick<ReadContext, 'observe'>,
  world: World,
  nodeName: string,
): Promise<string | undefined> {
  const answer = world.get(nodesFact(world));
  const listed = answer.state === 'answered' ? answer.nodes.find(({ name }) => name === nodeName) : undefined;
  if (listed?.ready !== false) return undefined;
  const ref = ownNode(nodeName);
  const seen = (await context.observe([ref])).get(ref);
  return seen.state === 'answered' ? seen.nodes[0]?.unreadyBecause : undefined;
}
