import type { PlannedChanges, WriteContext } from '../../core/step.ts';
import { answer } from '../../facts/answer.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { served } from '../../facts/certificates/served.ts';
import { advertisedEndpoint, type Endpoint, kubeletEndpoint } from '../../kubeadm/cluster/cluster-settings.ts';
import { hopeless } from '../control-plane/restart-state.ts';
import { restartKubelet } from '../control-plane/stop-reader.ts';

/** API servers that come up take seconds, on slow machines a minute. */
const API_PATIENCE_MS = 60_000;
/** A kubelet asks for the first time half a second after its start, then after 0.2, 0.4, 0.8, 1.6 … 7 s (kubelet_node_status.go). */
const KEEN_MS = 1_900;
/** What takes so long to say nothing is not asked a second time. */
const SLOW_MS = 1_000;

/**
 * The kubelet of a worker: one that starts before there is an API asks ever less often. A balancer lets nobody through before
 * its next check of an API server that is ready, and a kubelet takes as long to start, and to find its node Ready: it is
 * started when a master begins to answer, whatever that is, and once more when the way was opened much later.
 */
export async function restartWorkersKubelet(context: WriteContext, planned: PlannedChanges): Promise<void> {
  const host = planned.world.get(kubernetesFiles);
  const endpoint = hopeless(host, 'kubelet', context.now()) === undefined ? kubeletEndpoint(host) : undefined;
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
  /** Where the worker's kubelet looks for it. */
  readonly endpoint: Endpoint;
  /** API servers that may be behind that. */
  readonly masters: readonly Endpoint[];
  /** Milliseconds since the epoch: one that does not come, or cannot be asked from here, is no reason to leave kubelet as it is. */
  readonly waitUntil: number;
}

async function awaitApi(context: WriteContext, { endpoint, masters, waitUntil }: Api): Promise<void> {
  const place = `${endpoint.address}:${endpoint.port}`;
  const door = served(endpoint.address, endpoint.port);
  let asked = masters.map((master) => answer({ kind: 'https', ...master, path: '/readyz' }));
  await context.waitFor(place, 2 * API_PATIENCE_MS, async () => {
    const began = context.now().getTime();
    const world = await context.observe([door, ...asked]);
    const now = world.get(door);
    const isAnswered = asked.some((ref) => world.get(ref).status !== undefined);
    const ended = context.now().getTime();
    if (now.state !== 'not up' || isAnswered || ended > waitUntil) return { done: true, value: undefined };
    if (ended - began > SLOW_MS) asked = [];
    return { done: false, state: `kubelet: waiting for the API at ${place} (${now.reason})`, isLight: true };
  });
}

/** The API servers of the play's masters that are up, where other hosts reach them. */
function mastersIn(context: WriteContext, { planContext }: PlannedChanges): readonly Endpoint[] {
  return [...planContext.peers].flatMap(([name, world]) => {
    if (!world.has(kubernetesFiles) || !context.peer(name)) return [];
    return advertisedEndpoint(world.get(kubernetesFiles)) ?? [];
  });
}
