import { count } from '../../core/count.ts';
import type { Change, PlanWarning } from '../../core/plan.ts';
import { joinScripts, sh } from '../../core/shell.ts';
import { defineStep, type Step } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { pendingRequests } from '../../facts/certificates/pending-requests.ts';
import { system } from '../../facts/host/system.ts';
import {
  type PendingRequest,
  REQUEST_DIRECTORY,
  requestKeyPath,
  requestPath,
} from '../../kubeadm/certificates/pending-request.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import { publicKeyOf } from '../../pki/certificate.ts';
import { rightsRefusal } from '../gates/host-gate.ts';
import { refuseWhenHidden } from '../gates/sees-all.ts';

const step: Step<Record<string, never>> = {
  name: 'certs.tidy',
  summary: 'remove pending keys that have been installed',
  details:
    'A key made by certs.request waits on the host for its certificate, and stays there until certs.install is ' +
    'proven. Keys that are in use by then are removed from there; pending ones stay.',
  schema: { type: 'object', properties: {}, additionalProperties: false },
  examples: [{ title: 'At the end of a play', task: 'certs.tidy: {}' }],
  needs: () => [kubernetesFiles, pendingRequests, system],
  plan(_params, world) {
    const waiting = world.get(pendingRequests);
    const installed = waiting.filter((request) => isInUse(request, world));
    const [first, ...rest] = installed.map(removal);
    const left = waiting.filter((request) => !installed.includes(request));
    const warned = left.length > 0 && { warnings: [notCome(left)] };
    if (!first) {
      return {
        action: 'none',
        reason:
          left.length === 0
            ? 'no key is waiting for a certificate'
            : `${count(left.length, 'key waits', 'keys wait')} for a certificate`,
        ...warned,
      };
    }
    const after = world.set(pendingRequests, left);
    return rightsRefusal(world.get(system)) ?? { action: 'change', changes: [first, ...rest], after, ...warned };
  },
  async apply(context, _params, { world }) {
    const installed = world.get(pendingRequests).filter((request) => isInUse(request, world));
    const removals = installed.map(({ name }) => sh`rm -f "$R"${requestKeyPath(name)} "$R"${requestPath(name)}`);
    await context.run(sh`set -eu
${joinScripts(removals)}
rmdir "$R"${REQUEST_DIRECTORY} 2>/dev/null || :
`);
    return {};
  },
};

export const certsTidy = defineStep(refuseWhenHidden(step));

/** Whether its certificate is in place, or a planned task will put it there. */
function isInUse({ name, request }: PendingRequest, world: World): boolean {
  const credential = world.get(kubernetesFiles).credentials.find((candidate) => candidate.name === name);
  if (request === 'planned' || !credential) return false;
  if (credential.holding.state === 'planned') return true;
  const certificate = leafOf(credential.holding);
  if (!certificate || credential.key !== 'match') return false;
  return Buffer.from(publicKeyOf(certificate)).toString('base64') === request.publicKey;
}

/** Of many certificates that come back signed, one is easily left behind. */
function notCome(left: readonly PendingRequest[]): PlanWarning {
  return {
    message: `no certificate has come for ${left.map(({ name }) => name).join(', ')}, for which a key is waiting`,
    remedy: 'put it beside its request once it is signed, and run kplay certs install again',
  };
}

function removal({ name }: PendingRequest): Change {
  return {
    kind: 'remove',
    target: requestKeyPath(name),
    before: { waits_for: name },
    after: null,
    summary: 'its certificate is in use',
    disruptive: false,
  };
}
