import { count } from '../../core/count.ts';
import { parseTimeout, TIMEOUT } from '../../core/duration.ts';
import type { FactRef } from '../../core/fact.ts';
import type { JsonObject } from '../../core/json.ts';
import type { PlanWarning, RefusePlan } from '../../core/plan.ts';
import type { ValueOf } from '../../core/schema.ts';
import { sh } from '../../core/shell.ts';
import { defineStep, type Look, type Outcome, type PlanContext, type ReadContext, type Step } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import { assess, dueCredentials, onlyExpired } from '../../kubeadm/certificates/due.ts';
import { asideFiles, asideRemoved } from '../../kubeadm/certificates/transition.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import { ASIDE_DIRECTORY } from '../../kubeadm/host/raw-files.ts';
import { type Reader, readersOf, servingPorts } from '../../kubeadm/restarts/restart.ts';
import { leafEvidence } from '../certs/leaf-evidence.ts';
import { controlPlaneFacts, isHidden, processOf, servedAt } from '../control-plane/control-plane-facts.ts';
import { lostQuorumRefusal } from '../control-plane/lost-quorum.ts';
import { UNPROVEN_REMEDY, unproven } from '../control-plane/restart-state.ts';
import { withEvidence } from '../control-plane/with-evidence.ts';
import { rightsRefusal } from '../gates/host-gate.ts';
import { confAsideRefusal } from '../gates/kubelet-gate.ts';
import { refuseWhenHidden } from '../gates/sees-all.ts';
import { proveEndpoints } from './api-endpoints.ts';
import { failIfUnusable, othersProof, othersRefusal } from './certificate-proof.ts';
import { administratorFault } from './client-fault.ts';
import { clientRefusal } from './client-gate.ts';
import { clientWatch, proveClients } from './client-proof.ts';
import { clockWatch } from './clock-watch.ts';
import {
  administratorProof,
  combined,
  hiddenProof,
  observeKubelet,
  proveLeases,
  proveNodes,
  provePermissions,
  selfServingProof,
} from './cluster-proof.ts';
import { missingEtcdRefusal, otherEtcdFacts } from './missing-etcd.ts';
import { awaitKubelet, missingNode, nodesFact, unreadyWatch } from './node-proof.ts';

const schema = {
  type: 'object',
  properties: {
    timeout: {
      ...TIMEOUT,
      default: '5m',
      description: 'how long the host may take until everything is proven: 90s, 5m, or a number of seconds',
    },
  },
  additionalProperties: false,
} as const;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'cluster.verify',
  summary: 'verify that the host serves the certificates on its disk, and that the cluster accepts them',
  details:
    'Each port serves the certificate of its file (6443, 2379, 2380); etcd, API server, controller-manager and ' +
    'scheduler are healthy; the node is Ready, and its kubelet has been in contact with the API since it started; the API accepts the client certificates. After a change also: the API server ' +
    'answers at its own address and through the load balancer, the leases of controller-manager and scheduler are renewed, ' +
    'kubectl logs and exec are permitted, and the state of the other nodes is reported, as is what kubelet serves (10250). Whatever cannot be proven is reported. If ' +
    'kubelet itself tells the API that its node is not Ready, as without a network plugin, that is a warning after 90 s, not a failure. Certificates ' +
    'that were moved aside are removed when everything is proven. Exit codes and open ports do not count as proof.',
  schema,
  examples: [{ title: 'Wait for up to ten minutes', task: 'cluster.verify: { timeout: 10m }' }],
  readsPeers: true,
  needs: (_params, known, host) => [
    ...controlPlaneFacts(known, host.address),
    nodesFact(known),
    ...otherEtcdFacts(known),
    system,
  ],
  plan(_params, world, context) {
    const host = world.get(kubernetesFiles);
    if (host.role === 'none') return { action: 'none', reason: 'not a kubeadm host' };
    if (host.role === 'etcd') return { action: 'none', reason: 'it runs etcd alone, for which no API answers' };
    const aside = asideFiles(host);
    const missing = aside.length > 0 ? undefined : missingProof(world, context.observedAt(kubernetesFiles));
    const isPlanned = host.credentials.some(({ holding }) => holding.state === 'planned');
    const refusal =
      confAsideRefusal(host) ??
      (isPlanned || aside.length > 0 ? othersRefusal(world, context.now) : undefined) ??
      (isPlanned ? clientRefusal(world) : undefined) ??
      (aside.length > 0 || missing !== undefined ? unprovableRefusal(world, context) : undefined);
    if (refusal) return refusal;
    if (aside.length > 0) {
      const unwritable = rightsRefusal(world.get(system));
      if (unwritable) return unwritable;
      return {
        action: 'change',
        changes: [
          {
            kind: 'remove',
            target: ASIDE_DIRECTORY,
            before: { files: aside.length },
            after: null,
            summary: `${count(aside.length, 'file')} moved aside before, removed once everything is proven`,
            disruptive: false,
          },
        ],
        after: world.set(kubernetesFiles, asideRemoved(host)),
      };
    }
    if (missing !== undefined) return { action: 'check', expectation: `still to come: ${missing}` };
    if (hasChanged(world, context))
      return { action: 'check', expectation: 'the results of this run work in the cluster' };
    return { action: 'none', reason: proofText(world) };
  },
  async apply(context, params) {
    const outcome = await prove(context, params);
    await context.run(sh`rm -rf "$R"${ASIDE_DIRECTORY}`);
    return outcome;
  },
  check: prove,
};

export const clusterVerify = defineStep(refuseWhenHidden(step));

/** Refuses if waiting for a proof would be in vain. */
function unprovableRefusal(world: World, { host, peers, order, now }: PlanContext): RefusePlan | undefined {
  return (
    lostQuorumRefusal(world, { host: host.name, peers, order, restartsMember: false }, now) ??
    missingEtcdRefusal(world, now)
  );
}

/** Whether anything on the host was made or started since the run began: then the whole cluster has to be proven. */
function hasChanged(world: World, context: PlanContext): boolean {
  const { clock } = world.get(system);
  const hostIsAheadBy = clock - context.observedAt(system).getTime() / 1000;
  const began = context.now.getTime() / 1000 + hostIsAheadBy;
  const host = world.get(kubernetesFiles);
  return (
    readersOf(host).some((reader) => (processOf(world, reader)?.startedAt ?? 0) > began) ||
    host.credentials.some(({ kind, files }) => kind !== 'kubelet' && files.some(({ modifiedAt }) => modifiedAt > began))
  );
}

/** Waits until the host is proven, then asks the cluster. Whatever cannot be proven becomes a warning. @throws {StepFailure} */
async function prove(context: ReadContext, params: Params): Promise<Outcome> {
  const timeoutMs = parseTimeout(params.timeout);
  const { world, gaps: own } = await awaitHostProven(context, timeoutMs);
  const host = world.get(kubernetesFiles);
  await withEvidence(context, ['kubelet'], () => awaitKubelet(context, world, timeoutMs));
  const apiServer: readonly Reader[] = host.role === 'control-plane' ? ['kube-apiserver'] : ['kubelet'];
  const proofs = [
    { proven: [proofText(world)], gaps: own },
    await withEvidence(context, apiServer, () => proveClients(context, world, timeoutMs)),
  ];
  if (host.role === 'control-plane') {
    proofs.push(
      await withEvidence(context, apiServer, () => proveEndpoints(context, host, timeoutMs)),
      await withEvidence(context, ['kube-controller-manager', 'kube-scheduler'], () =>
        proveLeases(context, world, timeoutMs),
      ),
      await provePermissions(context, host),
      selfServingProof(host),
      hiddenProof(world),
      await proveNodes(context, host.nodeName),
      administratorProof(world),
      othersProof(host, context.now()),
    );
  }
  proofs.push(await observeKubelet(context, host));
  const { proven, gaps } = proofs.reduce(combined);
  return {
    summary: proven.join(', '),
    warnings: gaps,
    result: { proven, not_proven: gaps.map(({ message }) => message) },
    evidence: evidenceOf(world),
  };
}

/** The host as it was when it was proven, and what was not. */
interface ProvenHost {
  readonly world: World;
  readonly gaps: readonly PlanWarning[];
}

/** @throws {StepFailure} after the timeout, or as soon as waiting would be in vain */
async function awaitHostProven(context: ReadContext, timeoutMs: number): Promise<ProvenHost> {
  let readers: readonly Reader[] = [];
  const watchNode = unreadyWatch(context);
  const watchClock = clockWatch(context);
  const watchClient = clientWatch(context);
  const look = async (): Promise<Look<ProvenHost>> => {
    const observed = await observeAll(context);
    failIfUnusable(observed.get(kubernetesFiles), context.now());
    readers = unprovenReaders(observed, context.now());
    const missing = missingProof(observed, context.now());
    if (missing === undefined) return { done: true, value: { world: observed, gaps: [] } };
    await watchClock(missing);
    const isNodeMissing = missing === missingNode(observed);
    const fault = isNodeMissing ? administratorFault(observed) : undefined;
    // Why a user is rejected is in the API server's log; nobody else knows of any of it.
    if (fault) readers = fault.lies === 'in answer' ? ['kube-apiserver'] : [];
    watchClient(fault);
    const unready = isNodeMissing ? await watchNode(observed) : undefined;
    return unready ? { done: true, value: { world: observed, gaps: [unready] } } : { done: false, state: missing };
  };
  return withEvidence(
    context,
    () => readers,
    () => context.waitFor('the host to be proven', timeoutMs, look, UNPROVEN_REMEDY),
  );
}

/** The serials on disk and those that the ports serve, for the journal. */
function evidenceOf(world: World): JsonObject {
  const host = world.get(kubernetesFiles);
  const certificates = host.credentials.flatMap(({ name, holding }) => {
    const leaf = leafOf(holding);
    return leaf ? [leafEvidence(name, leaf, undefined)] : [];
  });
  const ports = servingPorts(host).flatMap((port) => {
    const observed = servedAt(world, port);
    return observed.state === 'serving'
      ? [{ component: port.component, port: port.port, serial: observed.certificate.serial }]
      : [];
  });
  return { certificates, served: ports };
}

async function observeAll(context: ReadContext): Promise<World> {
  const files = await context.observe([kubernetesFiles]);
  const refs: FactRef[] = [...controlPlaneFacts(files, undefined), nodesFact(files)];
  return files.merge(await context.observe(refs.filter(({ key }) => key !== kubernetesFiles.key)));
}

/** What is not proven yet, the deepest cause first; undefined if everything is. */
function missingProof(world: World, now: Date): string | undefined {
  const host = world.get(kubernetesFiles);
  const rule = onlyExpired(now);
  const [broken] = dueCredentials(host, rule);
  if (broken) return `${broken.name}: ${assess(broken, rule).reason}`;
  for (const reader of readersOf(host)) {
    const state = unproven(world, reader, now);
    if (state !== undefined) return state;
  }
  return missingNode(world);
}

/** The first unproven reader, which the others wait for; if all are proven, kubelet, which reports for the node. */
function unprovenReaders(world: World, now: Date): readonly Reader[] {
  const first = readersOf(world.get(kubernetesFiles)).find((reader) => unproven(world, reader, now) !== undefined);
  return [first ?? 'kubelet'];
}

function proofText(world: World): string {
  const host = world.get(kubernetesFiles);
  const served = servingPorts(host).map((port) => ({ ...port, ...servedAt(world, port) }));
  const ports = served.filter(({ state }) => state === 'serving').length;
  const unasked = served.filter(({ state }) => state === 'cannot ask').map(({ port }) => port);
  const answer = world.get(nodesFact(world));
  const ready = missingNode(world) === undefined ? 'Ready' : 'not Ready';
  const node = answer.state === 'answered' ? `node ${host.nodeName} ${ready}` : `node not asked: ${answer.reason}`;
  const hidden = readersOf(host).filter((reader) => isHidden(world, reader));
  return [
    ...(ports > 0 ? [`${count(ports, 'port serves', 'ports serve')} what is on disk`] : []),
    node,
    ...(unasked.length > 0 ? [`not proven: what ${unasked.join(', ')} serve (they cannot be asked)`] : []),
    ...(hidden.length > 0 ? [`${hidden.join(', ')} not seen as processes`] : []),
  ].join(', ');
}
