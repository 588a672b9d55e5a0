import { count } from '../../core/count.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Change, RefusePlan } from '../../core/plan.ts';
import type { ValueOf } from '../../core/schema.ts';
import { defineStep, type HostInfo, type PlanContext, type Step } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { pendingRequests } from '../../facts/certificates/pending-requests.ts';
import { kubeadmBinary } from '../../facts/host/kubeadm-binary.ts';
import { system } from '../../facts/host/system.ts';
import { type DueRule, parseRenewBefore } from '../../kubeadm/certificates/due.ts';
import { pendingLeaves, pendingOf } from '../../kubeadm/certificates/pending.ts';
import {
  answers,
  type PendingRequest,
  REQUEST_DIRECTORY,
  requestBase,
  requestKeyPath,
} from '../../kubeadm/certificates/pending-request.ts';
import { orderRequests, type RequestOrder, type RequestOrders } from '../../kubeadm/certificates/request-order.ts';
import { plannedFile } from '../../kubeadm/certificates/transition.ts';
import type { Credential } from '../../kubeadm/host/model.ts';
import { hostRefusal } from '../gates/host-gate.ts';
import { refuseWhenHidden } from '../gates/sees-all.ts';
import { endpointSources } from './endpoint-sources.ts';
import { masterFacts, masterRefusal, NODE_ROLES, unconfirmedWarnings } from './master-proof.ts';
import { NODE_NAMES, nodeNameFacts, nodeNameFor } from './node-name.ts';
import { SHARED } from './parameters.ts';
import { makeRequests } from './request-maker.ts';

const schema = {
  type: 'object',
  properties: {
    keys: {
      enum: ['auto', 'kubeadm', 'kplay'],
      default: 'auto',
      description:
        'who makes the private keys: kubeadm on the host, kplay in memory for those that kubeadm would request with ' +
        'another identity (auto), or only kplay',
    },
    etcd_client: {
      type: 'boolean',
      default: false,
      description: 'also request the client certificate of the API server for an external etcd',
    },
    renew_before: SHARED.renew_before,
    extra_sans: SHARED.extra_sans,
    ...NODE_NAMES,
    ...NODE_ROLES,
  },
  additionalProperties: false,
} as const;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'certs.request',
  summary: 'make new private keys, and requests for certificates that are signed elsewhere',
  details:
    'For each certificate that is due by the rule of certs.regenerate, including kubeconfigs: a new key in a private directory of ' +
    `the host, ${REQUEST_DIRECTORY}, and a request with CN, O and SANs of the old certificate. A key that kubeadm makes does not leave ` +
    'the host; where kubeadm would request another identity, kplay makes the key in memory and hands it to the host, unless ' +
    'keys is kubeadm. `register` gets the requests, by the file names of kubeadm certs generate-csr. A pending key is kept ' +
    'as long as its request is for the same identity. certs.install installs the signed certificates.',
  schema,
  examples: [
    { title: 'What expires within sixty days', task: 'certs.request: { renew_before: 60d }\nregister: requested' },
    { title: 'No key may ever leave its host', task: 'certs.request: { keys: kubeadm }' },
  ],
  readsPeers: true,
  needs: (params, known, info) => [
    kubernetesFiles,
    pendingRequests,
    system,
    ...kubeadmFact(params, known),
    ...identityFacts(params, known, info),
  ],
  plan(params, world, context) {
    const due = dueIn(params, world, context.now, context.observedAt(kubernetesFiles));
    if (due.length === 0) return { action: 'none', reason: 'nothing is due', result: { requests: {} } };
    const orders = ordersOf(params, due, world, context);
    if ('action' in orders) return orders;
    const waiting = world.get(pendingRequests);
    const open = orders.orders.filter((order) => !isWaiting(order, waiting));
    const [first, ...rest] = open.map(requestChange);
    if (!first) {
      const reason = count(due.length, 'key is waiting for its certificate', 'keys are waiting for their certificates');
      const warnings = unconfirmedWarnings(params, world, context);
      return { action: 'none', reason, result: resultOf(orders, waiting), warnings };
    }
    const refusal = hostRefusal(world, context);
    if (refusal) return refusal;
    const made = new Set(open.map(({ credential }) => credential.name));
    const after = [...waiting.filter(({ name }) => !made.has(name)), ...open.map(planned)];
    const warnings = unconfirmedWarnings(params, world, context);
    return { action: 'change', changes: [first, ...rest], after: world.set(pendingRequests, after), warnings };
  },
  async apply(context, params, { world, planContext }) {
    const due = dueIn(params, world, planContext.now, planContext.observedAt(kubernetesFiles));
    const orders = ordersOf(params, due, world, planContext);
    if ('action' in orders) throw new Error(orders.reason);
    const waiting = world.get(pendingRequests);
    const open = orders.orders.filter((order) => !isWaiting(order, waiting));
    const made = await makeRequests(context, world.get(kubernetesFiles), { ...orders, orders: open });
    const others = waiting.filter(({ name }) => !made.some((request) => request.name === name));
    return { result: resultOf(orders, [...others, ...made]) };
  },
};

export const certsRequest = defineStep(refuseWhenHidden(step));

/** Its version is read only if it may be needed. */
function kubeadmFact(params: Params, known: World) {
  if (params.keys === 'kplay' || !known.has(kubernetesFiles) || !known.has(system)) return [];
  const isMaster = known.get(kubernetesFiles).role === 'control-plane';
  const now = new Date(known.get(system).clock * 1000);
  return isMaster && dueIn(params, known, now).length > 0 ? [kubeadmBinary] : [];
}

/** What proves the identity of the host, read only if a certificate is to be signed for it. */
function identityFacts(params: Params, known: World, info: HostInfo) {
  if (!known.has(kubernetesFiles) || !known.has(system)) return [];
  const due = dueIn(params, known, new Date(known.get(system).clock * 1000));
  if (due.length === 0) return [];
  const host = known.get(kubernetesFiles);
  const isForKubelet = due.some(({ kind }) => kind === 'kubelet');
  return [...masterFacts(params, host), ...(isForKubelet ? nodeNameFacts(params, host, info) : [])];
}

function dueIn(params: Params, world: World, now: Date, seenAt = now): readonly Credential[] {
  const rule: DueRule = {
    renewBefore: parseRenewBefore(params.renew_before),
    now,
    seenAt,
    extraNames: params.extra_sans,
    renewed: new Set(),
    elsewhere: params.etcd_client,
  };
  return pendingLeaves(pendingOf(world.get(kubernetesFiles), [], rule));
}

function ordersOf(
  params: Params,
  due: readonly Credential[],
  world: World,
  context: PlanContext,
): RequestOrders | RefusePlan {
  const unproven = masterRefusal(params, world, context);
  if (unproven) return unproven;
  const host = world.get(kubernetesFiles);
  const isForKubelet = due.some(({ name }) => name === 'kubelet-client');
  const nodeName = isForKubelet ? nodeNameFor(params, world, context) : undefined;
  if (typeof nodeName === 'object') return nodeName;
  const usesKubeadm = params.keys !== 'kplay' && host.role === 'control-plane';
  return orderRequests({
    host,
    credentials: due,
    keys: params.keys,
    extraNames: params.extra_sans,
    sources: endpointSources(host, context.peers.values()),
    nodeName,
    kubeadm: usesKubeadm ? world.get(kubeadmBinary) : { version: undefined, problem: 'this host is not a master' },
  });
}

function isWaiting({ credential, identity }: RequestOrder, waiting: readonly PendingRequest[]): boolean {
  return waiting.some((request) => request.name === credential.name && answers(request, identity));
}

function requestChange({ credential, maker, identity, keyAlgorithm }: RequestOrder): Change {
  const names = identity.dnsNames.length + identity.ipAddresses.length;
  const place = maker === 'kubeadm' ? 'made by kubeadm' : 'made by kplay';
  return {
    kind: 'create',
    target: `${requestBase(credential.name)}.csr`,
    before: null,
    after: { key: requestKeyPath(credential.name), algorithm: keyAlgorithm, made_by: maker, subject: identity.subject },
    summary: [
      identity.subject,
      `${keyAlgorithm} key, ${place}`,
      ...(names > 0 ? [`SANs asked for: ${names}`] : []),
    ].join('   '),
    ...(identity.remarks.length > 0 && { details: identity.remarks }),
    disruptive: false,
  };
}

function planned({ credential: { name } }: RequestOrder): PendingRequest {
  return { name, request: 'planned', pem: '', publicHalf: '', keyFile: plannedFile(requestKeyPath(name)) };
}

/** The requests for due certificates, by file name. */
function resultOf({ orders }: RequestOrders, waiting: readonly PendingRequest[]): JsonObject {
  const requests = orders.flatMap(({ credential }) => {
    const request = waiting.find(({ name }) => name === credential.name);
    return request && request.pem !== '' ? [[`${requestBase(credential.name)}.csr`, request.pem] as const] : [];
  });
  return { requests: Object.fromEntries(requests) };
}
