import { parseTimeout, TIMEOUT } from '../../core/duration.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { ValueOf } from '../../core/schema.ts';
import { sh } from '../../core/shell.ts';
import { defineStep, type Step, StepFailure, type WriteContext } from '../../core/step.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { served } from '../../facts/certificates/served.ts';
import { system } from '../../facts/host/system.ts';
import { processes } from '../../facts/processes/processes.ts';
import { assess, parseRenewBefore } from '../../kubeadm/certificates/due.ts';
import { renewed } from '../../kubeadm/certificates/transition.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import type { Credential, KubeadmHost } from '../../kubeadm/host/model.ts';
import { asidePath } from '../../kubeadm/host/raw-files.ts';
import { KUBELET_PORT } from '../../kubeadm/restarts/restart.ts';
import { LEAF_VALIDITY_MS } from '../../kubeadm/table.ts';
import { SHARED } from '../certs/parameters.ts';
import { restartKubelet } from '../control-plane/restart-kubelet.ts';
import { unusableOf } from '../control-plane/restart-state.ts';
import { withEvidence } from '../control-plane/with-evidence.ts';
import { hostRefusal } from '../gates/host-gate.ts';
import { kubeletRefusal } from '../gates/kubelet-gate.ts';
import { runtimeRefusal, runtimeSocketOf } from '../gates/runtime-gate.ts';
import { refuseWhenHidden } from '../gates/sees-all.ts';
import { trustRefusal } from '../gates/trust-gate.ts';
import { kubeletServing, servingWarnings } from './kubelet-serving.ts';

const schema = {
  type: 'object',
  properties: {
    renew_before: SHARED.renew_before,
    timeout: {
      ...TIMEOUT,
      default: '2m',
      description: 'how long kubelet may take to serve its new certificate: 90s, 5m, or a number of seconds',
    },
  },
  additionalProperties: false,
} as const;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'kubelet.regenerate',
  summary: 'make kubelet replace its own serving certificate when it is due',
  details:
    'A kubelet that starts without kubelet.crt signs one itself, for a year, and never renews it. Nobody can verify that ' +
    'certificate, so certs.check only reports it, and only this step renews it. The old pair is moved aside, kubelet is ' +
    'restarted (pods keep running), and the step proves that the new one is served; if kubelet makes none, the old pair is restored. ' +
    'When a later task fails, or with kplay rollback, the old pair is put back and kubelet is restarted again. ' +
    'If the cluster signs it instead (serverTLSBootstrap), kubelet requests it, and somebody has to approve the ' +
    'request. A pair that somebody else has put there, or that kubelet is told to serve (tlsCertFile), is left alone: clients that verify ' +
    'it would reject kubelet’s own.',
  schema,
  examples: [{ title: 'When it has expired', task: 'kubelet.regenerate: { renew_before: 0s }' }],
  needs(_params, known) {
    const socket = known.has(kubernetesFiles) ? runtimeSocketOf(known.get(kubernetesFiles)) : undefined;
    return [kubernetesFiles, system, processes, ...(socket === undefined ? [] : [socket])];
  },
  plan({ renew_before }, world, context) {
    const host = world.get(kubernetesFiles);
    const found = kubeletServing(host);
    if (!found) return { action: 'none', reason: 'kubelet keeps no serving certificate of its own on this host' };
    const rule = {
      renewBefore: parseRenewBefore(renew_before),
      now: context.now,
      seenAt: context.observedAt(kubernetesFiles),
      extraNames: [],
      renewed: NOTHING_YET,
    };
    const { due, reason } = assess(found.credential, rule);
    if (!due || isNew(found.credential, context.now))
      return { action: 'none', reason: due ? 'it has just been made' : reason };
    if (found.signedBy !== 'kubelet') return { action: 'none', reason, warnings: servingWarnings(host, rule) };
    const refusal =
      hostRefusal(world, context) ??
      runtimeRefusal(world) ??
      trustRefusal(host, ['kubelet']) ??
      startRefusal(host, context.now) ??
      kubeletRefusal(world);
    if (refusal) return refusal;
    const notAfter = context.now.getTime() + LEAF_VALIDITY_MS;
    return {
      action: 'change',
      changes: [
        {
          kind: 'update',
          target: 'kubelet-server',
          before: { serial: leafOf(found.credential.holding)?.serial ?? null },
          after: { made_by: 'kubelet' },
          summary: `${reason}; kubelet is restarted and makes a new one`,
          disruptive: false,
        },
      ],
      after: world.set(kubernetesFiles, renewed(host, new Map([['kubelet-server', notAfter]]))),
    };
  },
  async apply(context, params, { world }) {
    const found = kubeletServing(world.get(kubernetesFiles));
    if (!found) throw new Error('there is nothing to renew');
    await moveServingAside(context, found.credential);
    await restartKubelet(context);
    try {
      await proveServing(context, found.credential, parseTimeout(params.timeout));
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      await moveServingBack(context, found.credential);
      await restartKubelet(context);
      throw new StepFailure('serving-not-made', `kubelet made no new serving certificate: ${error.message}`, {
        details: error.details,
        remedy: NOT_MADE,
      });
    }
    return {};
  },
};

export const kubeletRegenerate = defineStep(refuseWhenHidden(step));

/** A running kubelet does not start again if its certificate has ended since it was loaded. */
function startRefusal(host: KubeadmHost, now: Date): RefusePlan | undefined {
  if (unusableOf(host, 'kubelet', now) === undefined) return undefined;
  return {
    action: 'refuse',
    code: 'certificate-expired',
    reason: 'kubelet would not start again: its client certificate has expired, or is broken',
    remedy: 'renew that first, or in the same play before this task: kplay run renew-certs.yml -i INVENTORY -l HOST',
  };
}

const NOT_MADE =
  'the old one is restored; check whether its configuration names another (tlsCertFile, serverTLSBootstrap in /var/lib/kubelet/config.yaml)';

const NOTHING_YET: ReadonlySet<never> = new Set();

/**
 * With `renew_before: all`, a certificate made a moment ago would be renewed again. kubelet backdates its own by an hour
 * (client-go util/cert).
 */
const JUST_MADE_MS = 75 * 60_000;

function isNew({ holding }: Credential, now: Date): boolean {
  const leaf = leafOf(holding);
  return leaf !== undefined && leaf.notAfter > now.getTime() + LEAF_VALIDITY_MS - JUST_MADE_MS;
}

async function moveServingAside(context: WriteContext, { certificatePath, keyPath }: Credential): Promise<void> {
  await context.run(sh`set -eu
move_file_aside() { [ ! -f "$R$1" ] && [ ! -L "$R$1" ] || { mkdir -p "$R\${2%/*}"; mv -f "$R$1" "$R$2"; }; }
move_file_aside ${certificatePath} ${asidePath(certificatePath)}
move_file_aside ${keyPath} ${asidePath(keyPath)}
`);
}

async function moveServingBack(context: WriteContext, { certificatePath, keyPath }: Credential): Promise<void> {
  await context.run(sh`move_file_back() { [ ! -f "$R$2" ] && [ ! -L "$R$2" ] || mv -f "$R$2" "$R$1"; }
move_file_back ${certificatePath} ${asidePath(certificatePath)}
move_file_back ${keyPath} ${asidePath(keyPath)}
`);
}

async function proveServing(context: WriteContext, old: Credential, timeoutMs: number): Promise<void> {
  const port = served('127.0.0.1', KUBELET_PORT);
  await withEvidence(context, ['kubelet'], () =>
    context.waitFor(`kubelet (${KUBELET_PORT})`, timeoutMs, async () => {
      const world = await context.observe([kubernetesFiles, port]);
      const made = leafOf(kubeletServing(world.get(kubernetesFiles))?.credential.holding);
      if (!made || made.fingerprint === leafOf(old.holding)?.fingerprint)
        return { done: false, state: 'there is no new certificate yet' };
      const observed = world.get(port);
      if (observed.state === 'serving' && observed.certificate.fingerprint !== made.fingerprint)
        return { done: false, state: 'it still serves another certificate' };
      if (observed.state === 'not up') return { done: false, state: `it does not serve yet (${observed.reason})` };
      return { done: true, value: undefined };
    }),
  );
  await context.run(sh`rm -f "$R"${asidePath(old.certificatePath)} "$R"${asidePath(old.keyPath)}`);
}
