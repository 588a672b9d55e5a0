import { parseTimeout, TIMEOUT } from '../../core/duration.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { ValueOf } from '../../core/schema.ts';
import { UnreachableError } from '../../core/session.ts';
import { defineStep, type PlanContext, type Step, StepFailure } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import { processes } from '../../facts/processes/processes.ts';
import { assessKubelet } from '../../kubeadm/certificates/due.ts';
import { notBackedUp, pendingOf } from '../../kubeadm/certificates/pending.ts';
import { renewed } from '../../kubeadm/certificates/transition.ts';
import { BOOTSTRAP_CONF, confRemarks } from '../../kubeadm/host/kubelet-files.ts';
import { oldLeafOf } from '../../kubeadm/pattern.ts';
import { isoDate } from '../../pki/time.ts';
import { NODE_NAMES, type NodeNameParams, nodeNameFacts, nodeNameFor } from '../certs/node-name.ts';
import {
  type CertificateView,
  certificateFacts,
  certificateView,
  isBootstrapped,
  makerFacts,
  SHARED,
  type SharedParams,
  WORKER_KUBELETS,
  type WorkerKubeletsParams,
} from '../certs/parameters.ts';
import type { SigningMaster } from '../certs/signer.ts';
import { restarted } from '../control-plane/restart-state.ts';
import { backupRefusal, savedFiles } from '../gates/backup-gate.ts';
import { hostRefusal } from '../gates/host-gate.ts';
import { separateKeyRefusal } from '../gates/kubelet-gate.ts';
import { refuseWhenHidden } from '../gates/sees-all.ts';
import { apiAddressWarnings } from './api-address.ts';
import { deleteToken, makeToken, signedUntil, tokenMasters } from './bootstrap-token.ts';
import { beginBootstrap, endBootstrap, proveBootstrapped, putKubeletBack } from './token-kubelet.ts';

const schema = {
  type: 'object',
  properties: {
    ...WORKER_KUBELETS,
    ...SHARED,
    ...NODE_NAMES,
    timeout: {
      ...TIMEOUT,
      default: '3m',
      description:
        'time limit for the API to create a token, and for kubelet to get its certificate and be Ready: 90s, 5m, or a number of seconds',
    },
  },
  additionalProperties: false,
} as const;

type Params = SharedParams & WorkerKubeletsParams & NodeNameParams & ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'kubelet.bootstrap',
  summary: 'make a worker’s kubelet request a new client certificate from the API, with a bootstrap token',
  details:
    'Works like kubeadm join, for workers whose kubelet can no longer renew its certificate, if worker_kubelets is bootstrap. ' +
    'Must come after control_plane.restart, because it needs the API. A master in the play makes a token, valid for fifteen minutes; ' +
    'bootstrap-kubelet.conf contains the token and the cluster settings of kubelet.conf; kubelet.conf and the link to the old ' +
    'certificate are moved aside; kubelet makes a key, and the cluster approves and signs its request. Token and ' +
    'bootstrap-kubelet.conf are removed (one that was there before is put back), kubelet is restarted with the new certificate, and its node must become Ready. Pods ' +
    'keep running. If this fails, the old files are restored.',
  schema,
  examples: [{ title: 'Whatever the variable says', task: 'kubelet.bootstrap: { worker_kubelets: bootstrap }' }],
  readsPeers: true,
  needs: (params, known, info, peers) => [
    ...certificateFacts(params),
    system,
    processes,
    ...(params.worker_kubelets === 'bootstrap' ? makerFacts({ ...params, method: 'auto' }, known, peers) : []),
    ...(known.has(kubernetesFiles) && isBootstrapped(params, known.get(kubernetesFiles))
      ? nodeNameFacts(params, known.get(kubernetesFiles), info)
      : []),
  ],
  plan(params, world, context) {
    const view = certificateView(params, world, context);
    const { host, rule } = view;
    if (!isBootstrapped(params, host)) return { action: 'none', reason: idleReason(params) };
    const { kubelet } = pendingOf(host, [], rule);
    if (!kubelet) return { action: 'none', reason: notDueReason(view) };
    const saving = { pairs: [], kubeconfigs: [], kubelet, homes: [] };
    const refusal =
      hostRefusal(world, context, [kubelet]) ??
      separateKeyRefusal(kubelet) ??
      backupRefusal(notBackedUp(saving, host, savedFiles(view.backups)));
    if (refusal) return refusal;
    if (!host.kubelet.kubeconfig?.lines) return NO_LINES;
    const nodeName = nodeNameFor(params, world, context);
    if (typeof nodeName === 'object') return nodeName;
    const master = masterFor(world, context);
    if ('action' in master) return master;
    const leaf = oldLeafOf(kubelet);
    const notAfter = signedUntil(master, context.now);
    return {
      action: 'change',
      changes: [
        {
          kind: 'update',
          target: 'kubelet-client',
          before: leaf ? { ends: new Date(leaf.notAfter).toISOString(), serial: leaf.serial } : null,
          after: {
            ends: new Date(notAfter).toISOString(),
            made_by: 'kubelet',
            subject: `O=system:nodes, CN=system:node:${nodeName}`,
          },
          summary: `expires ${leaf ? `${isoDate(leaf.notAfter)} → ` : ''}${isoDate(notAfter)}   O=system:nodes, CN=system:node:${nodeName}   requested with a bootstrap token of ${master.name}`,
          details: [
            'worker_kubelets is bootstrap; with signed, a master would sign it',
            ...confRemarks(host),
            ...(host.kubelet.bootstrap ? [`${BOOTSTRAP_CONF} is replaced meanwhile, and put back`] : []),
          ],
          disruptive: false,
        },
      ],
      after: restarted(
        world.set(kubernetesFiles, renewed(host, new Map([['kubelet-client', notAfter]]))),
        new Set(['kubelet']),
      ),
      warnings: apiAddressWarnings(host, context.peers),
    };
  },
  async apply(context, params, { world, planContext }) {
    const { host, backups } = certificateView(params, world, planContext);
    const old = host.credentials.find(({ name }) => name === 'kubelet-client');
    const chosen = masterFor(world, planContext);
    if (!old || 'action' in chosen) throw new Error('there is nothing to bootstrap, or no master for it');
    const master = context.peer(chosen.name);
    if (!master)
      throw new StepFailure('peer-gone', `${chosen.name}, which was to make a token, is no longer available`);
    const timeoutMs = parseTimeout(params.timeout);
    context.report(`${chosen.name} makes a bootstrap token`);
    const token = await makeToken(context, master, timeoutMs);
    try {
      await beginBootstrap(context, { host, old, backups, token: token.token });
      await proveBootstrapped(context, old, timeoutMs);
      await endBootstrap(context, old, timeoutMs);
    } catch (error) {
      // If the host or the run is lost, the host restores itself.
      if (!(error instanceof UnreachableError) && !context.signal.aborted)
        await putKubeletBack(context, { host, old, backups }, error);
      throw error;
    } finally {
      await deleteToken(master, token);
    }
    return {};
  },
};

export const kubeletBootstrap = defineStep(refuseWhenHidden(step));

function idleReason({ worker_kubelets }: Params): string {
  return worker_kubelets === 'signed'
    ? 'worker_kubelets is signed: a master signs for the kubelets of workers'
    : 'not a worker: a master signs for its own kubelet';
}

function notDueReason({ host, rule }: CertificateView): string {
  const kubelet = host.credentials.find(({ name }) => name === 'kubelet-client');
  return kubelet ? assessKubelet(kubelet, rule).reason : 'kubelet has no client certificate on this host';
}

/**
 * bootstrap-kubelet.conf is kubelet.conf with a token instead of certificate and key, so these must be on lines of their own.
 */
const NO_LINES: RefusePlan = {
  action: 'refuse',
  code: 'kubelet-conf-form',
  reason: 'certificate and key are not on lines of their own in kubelet.conf, so a token cannot replace them',
  remedy: 'run with worker_kubelets: signed, or rewrite kubelet.conf in the form that kubeadm uses',
};

function masterFor(world: World, { peers, now }: PlanContext): SigningMaster | RefusePlan {
  const { able, unable } = tokenMasters(world.get(kubernetesFiles), peers, now);
  const [master] = able;
  if (master) return master;
  return {
    action: 'refuse',
    code: 'no-bootstrap-master',
    reason:
      unable.length === 0
        ? "kubelet's certificate is due, and no master of its cluster is in this play to make a bootstrap token"
        : 'no master in this play can make a bootstrap token for kubelet',
    remedy: unable.length === 0 ? 'run the play on the masters too' : 'run with worker_kubelets: signed',
    ...(unable.length > 0 && { details: unable }),
  };
}
