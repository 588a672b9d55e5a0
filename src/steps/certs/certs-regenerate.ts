import type { Change, RefusePlan } from '../../core/plan.ts';
import { defineStep, type PlanContext, type Step } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import { type Orders, orderLeaves } from '../../kubeadm/certificates/leaf-order.ts';
import { isAnyAside, notBackedUp, type Pending, pendingOf } from '../../kubeadm/certificates/pending.ts';
import { renewed } from '../../kubeadm/certificates/transition.ts';
import { backupRefusal, savedFiles } from '../gates/backup-gate.ts';
import { hostRefusal } from '../gates/host-gate.ts';
import { refuseWhenHidden } from '../gates/sees-all.ts';
import { placeLeaves } from '../placing/placing.ts';
import { beginChange } from '../placing/when-lost.ts';
import { endpointSources } from './endpoint-sources.ts';
import { externalAuthorityRefusal } from './external-authority.ts';
import { leafChange } from './leaf-change.ts';
import { lifetimeWarnings } from './lifetime-warnings.ts';
import { MAKING, type MakingParams, makeLeaves, validityOf } from './make-leaves.ts';
import {
  type CertificateView,
  certificateFacts,
  certificateView,
  kubeadmFor,
  makerFacts,
  SHARED,
  type SharedParams,
} from './parameters.ts';

const schema = { type: 'object', properties: { ...MAKING, ...SHARED }, additionalProperties: false } as const;

type Params = SharedParams & MakingParams;

const step: Step<Params> = {
  name: 'certs.regenerate',
  summary: 'regenerate the leaf certificates that are due',
  details:
    'CN, O, SANs and usages of the old certificate are kept, and extra_sans are added; if one is lost, the step fails before anything ' +
    'is replaced. New files are made in a private directory, read back, checked (signer, key, names, dates) and renamed into ' +
    'place with owner, mode, access control list and SELinux label of the old ones. kubeadm gets a configuration made from the host’s own ' +
    'files, in the format of its version; the API is never used.',
  schema,
  examples: [
    { title: 'With the kubeadm of the host', task: 'certs.regenerate: { method: auto }' },
    { title: 'Signed by kplay, for two years', task: 'certs.regenerate: { method: native, validity: 2y }' },
    {
      title: 'Another name, as in certs.backup and certs.delete',
      task: 'certs.regenerate: { extra_sans: [api.example.org] }',
    },
  ],
  predictsAllFacts: true,
  readsPeers: true,
  needs: (params, known, _host, peers) => [...certificateFacts(params), system, ...makerFacts(params, known, peers)],
  plan(params, world, context) {
    const view = certificateView(params, world, context);
    const pending = pendingOf(view.host, view.homes, view.rule);
    if (pending.pairs.length === 0) return { action: 'none', reason: 'nothing is due' };
    const refusal =
      hostRefusal(world, context, pending.pairs) ??
      externalAuthorityRefusal(view) ??
      backupRefusal(notBackedUp(pending, view.host, savedFiles(view.backups)));
    if (refusal) return refusal;
    const orders = ordersOf(params, { view, pending }, world, context);
    if ('action' in orders) return orders;
    const [first, ...rest]: Change[] = orders.orders.map((order) => leafChange(order));
    if (!first) throw new Error('nothing was ordered');
    const ends = new Map(orders.orders.map(({ credential, notAfter }) => [credential.name, notAfter]));
    const leaves = new Map(
      orders.orders.map(({ credential, identity, chain }) => [credential.name, { ...identity, chain }]),
    );
    const warnings = lifetimeWarnings(orders.orders, { validity: params.validity, now: context.now });
    return {
      action: 'change',
      changes: [first, ...rest],
      after: world.set(kubernetesFiles, renewed(view.host, ends, leaves)),
      isComplete: !isAnyAside(pending.kubeconfigs),
      ...(warnings.length > 0 && { warnings }),
    };
  },
  async apply(context, params, { world, planContext }) {
    const view = certificateView(params, world, planContext);
    const pending = pendingOf(view.host, view.homes, view.rule);
    const orders = ordersOf(params, { view, pending }, world, planContext);
    if ('action' in orders) throw new Error(orders.reason);
    await beginChange(context, view.host, view.backups, pending);
    const outcome = await makeLeaves(context, view.host, {
      orders,
      validity: validityOf(params),
      places: [placeLeaves(orders.orders, view.host, orders.settings)],
    });
    if (!isAnyAside(pending.kubeconfigs)) await context.whenLost(undefined);
    return outcome;
  },
};

export const certsRegenerate = defineStep(refuseWhenHidden(step));

interface Due {
  readonly view: CertificateView;
  readonly pending: Pending;
}

function ordersOf(params: Params, { view, pending }: Due, world: World, context: PlanContext): Orders | RefusePlan {
  return orderLeaves({
    host: view.host,
    credentials: pending.pairs,
    method: params.method,
    validity: validityOf(params),
    renewBefore: view.rule.renewBefore,
    extraNames: params.extra_sans,
    sources: endpointSources(view.host, context.peers.values(), view.homes),
    kubeadm: kubeadmFor(params, world),
    now: context.now,
    seenAt: context.observedAt(kubernetesFiles),
  });
}
