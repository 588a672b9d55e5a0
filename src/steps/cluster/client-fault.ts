import type { ProblemCode } from '../../core/problems/code.ts';
import { quoteWord } from '../../core/shell.ts';
import type { World } from '../../core/world.ts';
import { nodes } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type Credential, clusterAuthority, type KubeadmHost } from '../../kubeadm/host/model.ts';
import { healthOf, isHealthy, processOf } from '../control-plane/control-plane-facts.ts';
import { foreignTrust } from '../gates/trust-gate.ts';

/** Why the API cannot be asked with a kubeconfig although the API server of the host is healthy: waiting does not help. */
export interface ClientFault {
  readonly code: ProblemCode;
  readonly message: string;
  readonly remedy: string;
  /** What is at fault: the file itself, or something that may be over a moment later. */
  readonly lies: 'in file' | 'in proxy' | 'in answer';
}

/** What kubectl says of a file without a current context or user: it asks for a name, and nobody is there. */
const NAMELESS = 'error: EOF';

/** What it says of other files that no new certificate, and no restart of the API server, would make usable. */
const BROKEN_FILE =
  /unable to (?:load root certificates|read certificate-authority)|context was not found for specified context|root certificates file with the insecure flag|invalid 'proxy-url'/;

/** The same, unless a new certificate is written into the file. The last is told of a program that is not installed. */
const BROKEN_USER = /error loading config file|unable to read client-(?:cert|key)|client-go-credential-plugins$/i;

/** kubectl's message if it has no connection: through a proxy it names the server all the same. */
const NO_CONNECTION = /^The connection to the server \S+ was refused|^Unable to connect to the server: /;

/** The server is reached then, or was for a moment. */
const REACHED = /x509|tls:|EOF|connection reset/;

/** What the answer to the administrator shows; undefined if there is one, or if it may come or be changed by the renewal. */
export function administratorFault(world: World): ClientFault | undefined {
  const listed = world.find(nodes);
  const administrator = world.get(kubernetesFiles).credentials.find(({ name }) => name === 'admin.conf');
  return administrator && listed?.state === 'no answer' ? clientFault(world, administrator, listed.reason) : undefined;
}

/** What this message shows with which kubectl has failed; undefined if that may be an outage, or changed by the renewal. */
export function clientFault(world: World, credential: Credential, message: string): ClientFault | undefined {
  const host = world.get(kubernetesFiles);
  const health = world.find(healthOf(host, 'kube-apiserver'));
  if (isMadeAnew(credential) || !health || !isHealthy('kube-apiserver', health)) return undefined;
  const isNew = credential.holding.state === 'planned';
  if (message === NAMELESS) return brokenFile(credential, 'it has no current context, or names no user');
  if (BROKEN_FILE.test(message) || (!isNew && BROKEN_USER.test(message))) return brokenFile(credential, message.trim());
  const dead = proxyFault(credential, message.trim());
  if (dead) return dead;
  if (message.includes('x509') && !isNew) {
    const foreign = foreignFault(host, credential);
    if (foreign) return foreign;
  }
  // A restarted API server knows users and CAs that it has not loaded yet.
  const isRestarted = processOf(world, 'kube-apiserver')?.identity === 'planned';
  const isTrusting = host.trust.some(({ path }) => path === credential.certificatePath);
  const isRejected =
    (!isTrusting && message.includes('x509: certificate signed by unknown authority')) ||
    (!isNew && !isRestarted && message.includes('You must be logged in to the server'));
  return isRejected ? { ...brokenFile(credential, message.trim()), lies: 'in answer' } : undefined;
}

/** Made by this run with nothing of the old file, which has no lines of its own for certificate and key. */
export function isMadeAnew({ holding, kubeconfig }: Credential): boolean {
  return holding.state === 'planned' && kubeconfig?.lines === undefined;
}

/** The user of a kubeconfig trusts another CA than the one that signs for the API server. */
export function foreignFault(host: KubeadmHost, credential: Credential): ClientFault | undefined {
  const { name, certificatePath: path } = credential;
  const foreign = foreignTrust(host, path);
  if (!foreign) return undefined;
  const ca = clusterAuthority(host);
  return {
    code: 'another-ca',
    message: `the user of ${name} rejects the API server: ${foreign.reason}`,
    remedy:
      foreign.remedy ??
      `find out which of the two is the cluster’s (kplay check shows both); if it is ${ca?.certificatePath}: ${foreign.command}; then run again`,
    lies: 'in file',
  };
}

function brokenFile({ name, certificatePath: path }: Credential, message: string): ClientFault {
  return {
    code: 'administrator-unusable',
    message: `the API cannot be asked with ${name}: ${message}`,
    remedy: `correct the file, or move it away (mv ${quoteWord(path)} /root/), and the run makes a new one; then run again`,
    lies: 'in file',
  };
}

/**
 * A proxy that is dead while the API server of this host is healthy is no outage. Without a proxy the server is asked at its own
 * address, whatever the file names. If that does not answer it may be one that moves between masters, and comes back with them.
 */
function proxyFault({ name, certificatePath: path, kubeconfig }: Credential, message: string): ClientFault | undefined {
  const isCut = message.includes('proxyconnect') || (NO_CONNECTION.test(message) && !REACHED.test(message));
  if (!kubeconfig?.isProxied || !isCut) return undefined;
  return {
    code: 'administrator-unusable',
    message: `the API cannot be asked with ${name}: it has a proxy-url, and through that proxy there is no way to the API server of this host, which is healthy: ${message}`,
    remedy: `the host needs no proxy to its own API server: kubectl config unset ${quoteWord(`clusters.${kubeconfig.cluster ?? ''}.proxy-url`)} --kubeconfig ${quoteWord(path)}; or repair the proxy; then run again`,
    lies: 'in proxy',
  };
}
