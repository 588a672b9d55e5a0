import type { Change, RefusePlan } from '../../core/plan.ts';
import {
  defineStep,
  type HostInfo,
  type Outcome,
  type PlanContext,
  type Step,
  StepFailure,
  type WriteContext,
} from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { homeKubeconfigs } from '../../facts/certificates/home-kubeconfigs.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import { type Orders, orderLeaves } from '../../kubeadm/certificates/leaf-order.ts';
import {
  isAnyAside,
  notBackedUp,
  type Pending,
  pendingClients,
  pendingOf,
} from '../../kubeadm/certificates/pending.ts';
import { renewed } from '../../kubeadm/certificates/transition.ts';
import { endpointSources } from '../certs/endpoint-sources.ts';
import { externalAuthorityRefusal } from '../certs/external-authority.ts';
import { leafChange } from '../certs/leaf-change.ts';
import { MAKING, type MakingParams, makeLeaves, validityOf } from '../certs/make-leaves.ts';
import { NODE_NAMES, type NodeNameParams, nodeNameFacts, nodeNameFor } from '../certs/node-name.ts';
import {
  type CertificateView,
  certificateFacts,
  certificateView,
  isBootstrapped,
  kubeadmFor,
  makerFacts,
  ruleOf,
  SHARED,
  type SharedParams,
  WORKER_KUBELETS,
  type WorkerKubeletsParams,
} from '../certs/parameters.ts';
import { needsSigner, signerFor } from '../certs/signer.ts';
import { backupRefusal, savedFiles } from '../gates/backup-gate.ts';
import { hostRefusal } from '../gates/host-gate.ts';
import { separateKeyRefusal } from '../gates/kubelet-gate.ts';
import { refuseWhenHidden } from '../gates/sees-all.ts';
import { apiAddressWarnings } from '../kubelet/api-address.ts';
import { placeLeaves } from '../placing/placing.ts';
import { beginChange } from '../placing/when-lost.ts';
import { homeAfter, homeChange } from './home-changes.ts';
import { homeWarnings } from './home-warnings.ts';
import { placeHomes, placeHomesAlone } from './place-homes.ts';

const schema = {
  type: 'object',
  properties: { ...MAKING, ...SHARED, ...WORKER_KUBELETS, ...NODE_NAMES },
  additionalProperties: false,
} as const;

type Params = SharedParams & MakingParams & WorkerKubeletsParams & NodeNameParams;

const step: Step<Params> = {
  name: 'kubeconfig.regenerate',
  summary: 'regenerate the client certificates of kubeconfigs that are due, and update users’ copies',
  details:
    'Renews admin.conf, super-admin.conf if it exists, controller-manager.conf, scheduler.conf, and the kubelet’s ' +
    'client certificate if kubelet cannot renew it any more, does not rotate it, or renew_before is all. A worker’s is signed on a master of ' +
    'the play and copied to the worker, unless worker_kubelets leaves it to kubelet.bootstrap. A kubelet’s certificate is for ' +
    'O=system:nodes, CN=system:node:NODE whatever the old one says; for a worker, NODE has to be known from another source ' +
    'than the worker itself. Everything else in the files is kept; only a file in which certificate and key have no lines of their own is ' +
    'written from scratch, and the plan says so. In the ~/.kube/config of the listed users, only the ' +
    'entries that were copied from this cluster’s admin.conf or super-admin.conf, with their keys, are replaced; other contexts, owner and mode are kept.',
  schema,
  examples: [{ title: 'For root and an operator', task: 'kubeconfig.regenerate: { users: [root, ops] }' }],
  predictsAllFacts: true,
  readsPeers: true,
  needs: (params, known, info, peers) => [
    ...certificateFacts(params),
    system,
    ...makerFacts(params, known, peers),
    ...kubeletFacts(params, known, info),
  ],
  plan(params, world, context) {
    const view = certificateView(params, world, context);
    const pending = ownPart(params, view);
    const warnings = [
      ...homeWarnings(view.host, view.homes),
      ...(pending.kubelet && needsSigner(view.host) ? apiAddressWarnings(view.host, context.peers) : []),
    ];
    if (pendingClients(pending).length + pending.homes.length === 0)
      return { action: 'none', reason: nothingReason(view), warnings };
    const refusal =
      hostRefusal(world, context, pendingClients(pending)) ??
      externalAuthorityRefusal(view) ??
      separateKeyRefusal(pending.kubelet) ??
      backupRefusal(notBackedUp(pending, view.host, savedFiles(view.backups)));
    if (refusal) return refusal;
    const orders = ordersOf(params, pending, view, world, context);
    if ('action' in orders) return orders;
    const [first, ...rest]: Change[] = [
      ...orders.orders.map((order) => leafChange(order, orders.signer)),
      ...pending.homes.map(homeChange),
    ];
    if (!first) throw new Error('nothing was ordered');
    const ends = new Map(orders.orders.map(({ credential, notAfter }) => [credential.name, notAfter]));
    const after = world.set(kubernetesFiles, renewed(view.host, ends)).set(
      homeKubeconfigs(params.users),
      view.homes.map((home) => homeAfter(home, pending.homes)),
    );
    return { action: 'change', changes: [first, ...rest], after, isComplete: !isAnyAside(pending.pairs), warnings };
  },
  async apply(context, params, { world, planContext }) {
    const view = certificateView(params, world, planContext);
    const pending = ownPart(params, view);
    const orders = ordersOf(params, pending, view, world, planContext);
    if ('action' in orders) throw new Error(orders.reason);
    await beginChange(context, view.host, view.backups, pending);
    const outcome =
      orders.orders.length === 0
        ? await placeHomesAlone(context, view.host, pending.homes)
        : await makeAll(context, params, { orders, pending, view, peers: planContext.peers });
    if (!isAnyAside(pending.pairs)) await context.whenLost(undefined);
    return outcome;
  },
};

export const kubeconfigRegenerate = defineStep(refuseWhenHidden(step));

interface Everything {
  readonly orders: SignedOrders;
  readonly pending: Pending;
  readonly view: CertificateView;
  readonly peers: PlanContext['peers'];
}

async function makeAll(context: WriteContext, params: Params, all: Everything): Promise<Outcome> {
  const { orders, pending, view, peers } = all;
  const signer = needsSigner(view.host) ? signerFor(view.host, peers) : undefined;
  const signing = signer && context.peer(signer.name);
  if (signer && !signing)
    throw new StepFailure('peer-gone', `${signer.name}, which was to sign, is no longer available`);
  return makeLeaves(context, view.host, {
    orders,
    validity: validityOf(params),
    places: [placeLeaves(orders.orders, view.host, orders.settings), placeHomes(pending.homes)],
    ...(signer && signing && { signer: { context: signing, host: signer.host } }),
  });
}

/** The orders, with the master that signs them if the host itself cannot. */
type SignedOrders = Orders & { readonly signer?: string };

/** Read only if a certificate is to be signed for the host. */
function kubeletFacts(params: Params, known: World, info: HostInfo) {
  if (!known.has(kubernetesFiles) || !known.has(system)) return [];
  const host = known.get(kubernetesFiles);
  const rule = ruleOf({ ...params, extra_sans: [] }, new Date(known.get(system).clock * 1000), new Set());
  const { kubelet } = pendingOf(host, [], rule);
  return kubelet && !isBootstrapped(params, host) ? nodeNameFacts(params, host, info) : [];
}

/** What is due, without what another step is responsible for. */
function ownPart(params: Params, { host, homes, rule }: CertificateView): Pending {
  const pending = pendingOf(host, homes, rule);
  return isBootstrapped(params, host) ? { ...pending, kubelet: undefined } : pending;
}

function nothingReason({ host, homes, rule }: CertificateView): string {
  return pendingOf(host, homes, rule).kubelet
    ? 'worker_kubelets is bootstrap: kubelet.bootstrap makes kubelet request its certificate'
    : 'nothing is due';
}

function ordersOf(
  params: Params,
  pending: Pending,
  view: CertificateView,
  world: World,
  context: PlanContext,
): SignedOrders | RefusePlan {
  const signer = needsSigner(view.host) ? signerFor(view.host, context.peers) : undefined;
  if (needsSigner(view.host) && !signer) return NO_SIGNER;
  const nodeName = pending.kubelet ? nodeNameFor(params, world, context) : undefined;
  if (typeof nodeName === 'object') return nodeName;
  const orders = orderLeaves({
    host: view.host,
    credentials: pendingClients(pending),
    method: params.method,
    validity: validityOf(params),
    renewBefore: view.rule.renewBefore,
    extraNames: [],
    sources: endpointSources(view.host, context.peers.values(), view.homes),
    kubeadm: signer?.kubeadm ?? kubeadmFor(params, world),
    now: context.now,
    seenAt: context.observedAt(kubernetesFiles),
    ...(signer && { signer }),
    ...(nodeName !== undefined && { nodeName }),
  });
  return 'action' in orders || !signer ? orders : { ...orders, signer: signer.name };
}

const NO_SIGNER: RefusePlan = {
  action: 'refuse',
  code: 'no-signer',
  reason: "kubelet's certificate is due, and no master that this play works on has the CA key to sign a new one",
  remedy:
    'run the play on the masters too; if one of them is refused, see to that first; with an external CA use kplay certs csr -i INVENTORY --out DIR, then kplay certs install DIR -i INVENTORY',
};
