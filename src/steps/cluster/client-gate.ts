import type { RefusePlan } from '../../core/plan.ts';
import { quoteWord } from '../../core/shell.ts';
import type { World } from '../../core/world.ts';
import { nodes } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import type { Credential, KubeadmHost } from '../../kubeadm/host/model.ts';
import { healthOf, isHealthy, processOf } from '../control-plane/control-plane-facts.ts';
import { foreignTrust } from '../gates/trust-gate.ts';

/** Kubeconfigs whose user the API has to accept before a renewal is proven. */
export const CLIENTS = ['admin.conf', 'super-admin.conf', 'controller-manager.conf', 'scheduler.conf'] as const;

/**
 * Refuses a renewal that could not be proven because of a kubeconfig with which the API is asked: a renewal replaces only
 * certificates and keys in it. While nobody answers, only what the file itself shows counts.
 */
export function clientRefusal(world: World): RefusePlan | undefined {
  const listed = world.find(nodes);
  if (!listed || listed.state === 'cannot ask') return undefined;
  const fault = listed.state === 'no answer' ? administratorFault(world, listed.reason) : undefined;
  return trustedWrongly(world.get(kubernetesFiles)) ?? (fault === undefined ? undefined : unusable(fault));
}

function trustedWrongly(host: KubeadmHost): RefusePlan | undefined {
  for (const credential of host.credentials) {
    if (!isAsked(credential) || isRewritten(credential)) continue;
    const { name, certificatePath: path } = credential;
    const foreign = foreignTrust(host, path);
    if (!foreign) continue;
    const ca = host.authorities.find((authority) => authority.name === 'ca');
    return {
      action: 'refuse',
      code: 'another-ca',
      reason: `the proof would fail because of ${name}, whose user rejects the API server: ${foreign.reason}`,
      remedy: `find out which of the two is the cluster’s (kplay check shows both); if it is ${ca?.certificatePath}: kubectl config set-cluster ${quoteWord(foreign.cluster)} --kubeconfig ${quoteWord(path)} --certificate-authority ${quoteWord(ca?.certificatePath ?? '')} --embed-certs; then run again`,
    };
  }
  return undefined;
}

/** The proof asks with admin.conf whatever is in it, with the others only if they have a certificate. */
function isAsked({ name, kubeconfig }: Credential): boolean {
  return CLIENTS.some((client) => client === name) && (name === 'admin.conf' || kubeconfig?.method === 'embedded');
}

/** Made by this run with nothing of the old file, which has no lines of its own for certificate and key. */
function isRewritten({ holding, kubeconfig }: Credential): boolean {
  return holding.state === 'planned' && kubeconfig?.lines === undefined;
}

/** What kubectl says of a file without a current context or user: it asks for a name, and nobody is there. */
const NAMELESS = 'error: EOF';

/** What it says of other files that no new certificate, and no restart of the API server, would make usable. */
const BROKEN_FILE = /unable to (?:load root certificates|read certificate-authority)/;

/** The same, unless a new certificate is written into the file. The last is told of a program that is not installed. */
const BROKEN_USER = /error loading config file|unable to read client-(?:cert|key)|client-go-credential-plugins$/i;

/**
 * Why the API server of this host, which is well, does not answer to admin.conf, if that is neither for a moment nor changed
 * by the renewal.
 */
function administratorFault(world: World, message: string): string | undefined {
  const host = world.get(kubernetesFiles);
  const health = world.find(healthOf(host, 'kube-apiserver'));
  const administrator = host.credentials.find(({ name }) => name === 'admin.conf');
  if (!administrator || isRewritten(administrator) || !health || !isHealthy('kube-apiserver', health)) return undefined;
  const isNew = administrator.holding.state === 'planned';
  // A restarted API server knows users and CAs that it has not loaded yet.
  const isRestarted = processOf(world, 'kube-apiserver')?.startedAt === Number.POSITIVE_INFINITY;
  const isTrusting = host.trust.some(({ path }) => path === administrator.certificatePath);
  if (message === NAMELESS) return 'it has no current context, or names no user';
  const isFault =
    BROKEN_FILE.test(message) ||
    (!isNew && BROKEN_USER.test(message)) ||
    (!isTrusting && message.includes('x509: certificate signed by unknown authority')) ||
    (!isNew && !isRestarted && message.includes('You must be logged in to the server'));
  return isFault ? message.trim() : undefined;
}

function unusable(message: string): RefusePlan {
  return {
    action: 'refuse',
    code: 'administrator-unusable',
    reason: `the proof would fail because of admin.conf, with which the API cannot be asked: ${message}`,
    remedy:
      'correct the file, or move it away (mv /etc/kubernetes/admin.conf /root/), and the run makes a new one; then run again',
  };
}
