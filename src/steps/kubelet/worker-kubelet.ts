import { endpointText } from '../../core/endpoint.ts';
import type { PlannedChanges, WriteContext } from '../../core/step.ts';
import { answer } from '../../facts/answer.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { served } from '../../facts/certificates/served.ts';
import { advertisedEndpoint, type Endpoint, kubeletEndpoint } from '../../kubeadm/cluster/endpoints.ts';
import { restartKubelet } from '../control-plane/restart-kubelet.ts';
import { blockingCredential } from '../control-plane/restart-state.ts';

/** API servers take seconds to start, on slow machines a minute. */
const API_PATIENCE_MS = 60_000;
/** kubelet first asks the API half a second after its start, then after 0.2, 0.4, 0.8, 1.6 … 7 s (kubelet_node_status.go). */
const KEEN_MS = 1_900;
/** An endpoint that takes this long without an answer is not asked again. */
const SLOW_MS = 1_000;

/** Whether a worker's kubelet is to be restarted, which `restartWorkersKubelet` does. */
export function isWorker({ world }: Pick<PlannedChanges, 'world'>): boolean {
  return world.get(kubernetesFiles).role === 'worker';
}

/**
 * Restarts the kubelet of a worker. A kubelet that starts before the API asks it less and less often. A load balancer lets
 * nobody through before its next probe of a ready API server, and a kubelet takes about as long to start and find its node
 * Ready. So it is started when a master begins to answer, ready or not, and once more if the balancer opened much later.
 */
export async function restartWorkersKubelet(context: WriteContext, planned: PlannedChanges): Promise<void> {
  const host = planned.world.get(kubernetesFiles);
  const endpoint = blockingCredential(host, 'kubelet', context.now()) === undefined ? kubeletEndpoint(host) : undefined;
  const waitUntil = context.now().getTime() + API_PATIENCE_MS;
  if (endpoint) await awaitApi(context, { endpoint, masters: mastersIn(context, planned), waitUntil });
  const start = async (): Promise<number> => {
    context.report('kubelet: restarting');
    await restartKubelet(context);
    return context.now().getTime();
  };
  const startedAt = await start();
  if (!endpoint) return;
  await awaitApi(context, { endpoint, masters: [], waitUntil });
  if (context.now().getTime() - startedAt > KEEN_MS) await start();
}

interface Api {
  /** The API as the worker's kubelet reaches it. */
  readonly endpoint: Endpoint;
  /** API servers that may be behind it. */
  readonly masters: readonly Endpoint[];
  /**
   * Milliseconds since the epoch: an API that does not come up, or is not reachable from here, is no reason to leave kubelet as
   * it is.
   */
  readonly waitUntil: number;
}

async function awaitApi(context: WriteContext, { endpoint, masters, waitUntil }: Api): Promise<void> {
  const place = endpointText(endpoint);
  const endpointFact = served(endpoint.address, endpoint.port);
  let healthFacts = masters.map((master) => answer({ kind: 'https', ...master, path: '/readyz' }));
  await context.waitFor(place, 2 * API_PATIENCE_MS, async () => {
    const began = context.now().getTime();
    const world = await context.observe([endpointFact, ...healthFacts]);
    const now = world.get(endpointFact);
    const isAnswered = healthFacts.some((ref) => world.get(ref).status !== undefined);
    const ended = context.now().getTime();
    if (now.state !== 'not up' || isAnswered || ended > waitUntil) return { done: true, value: undefined };
    if (ended - began > SLOW_MS) healthFacts = [];
    return { done: false, state: `kubelet: waiting for the API at ${place} (${now.reason})`, isLight: true };
  });
}

/** The running API servers of the play's masters, as other hosts reach them. */
function mastersIn(context: WriteContext, { planContext }: PlannedChanges): readonly Endpoint[] {
  return [...planContext.peers].flatMap(([name, world]) => {
    if (!world.has(kubernetesFiles) || !context.peer(name)) return [];
    return advertisedEndpoint(world.get(kubernetesFiles)) ?? [];
  });
}
