import { parseDuration } from '../../core/duration.ts';
import { lastLine } from '../../core/program-output.ts';
import { Secret } from '../../core/secret.ts';
import { sh } from '../../core/shell.ts';
import { StepFailure, type WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { clusterAuthority, type KubeadmHost, podOf } from '../../kubeadm/host/model.ts';
import { type Component, LEAF_VALIDITY_MS } from '../../kubeadm/table.ts';
import { type SigningMaster, signersFor } from '../certs/signer.ts';

/**
 * Tokens with which kubelet requests its first certificate (kubernetes.io, "TLS bootstrapping"). The permissions, and the
 * approval and signing of requests, are those that `kubeadm init` sets up for `kubeadm join`.
 */
export interface BootstrapToken {
  /** The public half: it names the token's Secret in kube-system. */
  readonly id: string;
  readonly token: Secret;
}

/** Far longer than a kubelet has to wait for its certificate. */
const TOKEN_TTL = '15m';

/** The masters of the play that could make a token for a host's kubelet; or why none can. */
interface TokenMasters {
  readonly able: readonly SigningMaster[];
  /** By name, why it cannot. */
  readonly unable: readonly (readonly [name: string, reason: string])[];
}

/** Judged by the setup of the masters in the host's own cluster. Masters without the CA key do not count. */
export function tokenMasters(host: KubeadmHost, peers: ReadonlyMap<string, World>, now: Date): TokenMasters {
  const judged = signersFor(host, peers).map((master) => ({ master, obstacle: obstacleOf(master, now) }));
  return {
    able: judged.flatMap(({ master, obstacle }) => (obstacle === undefined ? [master] : [])),
    unable: judged.flatMap(({ master, obstacle }) => (obstacle === undefined ? [] : [[master.name, obstacle]])),
  };
}

function obstacleOf(master: SigningMaster, now: Date): string | undefined {
  const { host, kubeadm } = master;
  const flag = (component: Component, name: string): string | undefined => podOf(host, component)?.flags.get(name);
  if (signedUntil(master, now) <= now.getTime()) return 'its CA has expired';
  if (kubeadm.version === undefined) return kubeadm.problem ?? 'there is no kubeadm';
  if (!['true', ''].includes(flag('kube-apiserver', '--enable-bootstrap-token-auth') ?? 'false'))
    return 'its API server does not accept bootstrap tokens (--enable-bootstrap-token-auth)';
  if (flag('kube-controller-manager', '--cluster-signing-key-file') === undefined)
    return 'its controller-manager cannot sign (--cluster-signing-key-file is missing)';
  return undefined;
}

/** When a certificate signed by this master's cluster now would end, in milliseconds since the epoch. */
export function signedUntil({ host }: SigningMaster, now: Date): number {
  const manager = podOf(host, 'kube-controller-manager');
  const authority = clusterAuthority(host)?.certificate;
  const validity = durationOf(manager?.flags.get('--cluster-signing-duration')) ?? LEAF_VALIDITY_MS;
  return Math.min(now.getTime() + validity, authority?.notAfter ?? Number.POSITIVE_INFINITY);
}

/** Parses a duration flag of Go, `8760h0m0s`; undefined for anything else. */
function durationOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+h\d+m\d+s$/.test(text) ? parseDuration(text) : undefined;
}

/**
 * Has the kubeadm of a master make a token, as soon as the API accepts it.
 * @throws {StepFailure} when it does not within `timeoutMs`
 */
export function makeToken(context: WriteContext, master: WriteContext, timeoutMs: number): Promise<BootstrapToken> {
  return context.waitFor(`${master.host} to make a bootstrap token`, timeoutMs, async () => {
    // The output contains the token: it is used on success, and never part of an error.
    const { exitCode, stdout, stderr } = await master.run(
      sh`kubeadm=$(tool kubeadm) || exit
t=$("$kubeadm" token create --ttl ${TOKEN_TTL} --description ${`kubelet of ${context.host}, by kplay`} --kubeconfig "$R"/etc/kubernetes/admin.conf) || exit
printf '%s\n' "$t"
`,
      { mayFail: true, timeoutMs },
    );
    if (exitCode !== 0)
      return { done: false, state: lastLine(stderr) || `kubeadm token create ended with ${exitCode}` };
    const [token, id] = /^([a-z0-9]{6})\.[a-z0-9]{16}$/m.exec(stdout) ?? [];
    if (token === undefined || id === undefined)
      throw new StepFailure('no-bootstrap-master', 'kubeadm token create has printed no token');
    return { done: true, value: { id, token: new Secret(token) } };
  });
}

/** A token that cannot be deleted, because its master is gone, expires by itself. */
export async function deleteToken(master: WriteContext, { id }: BootstrapToken): Promise<void> {
  const deleting = master.run(
    sh`kubeadm=$(tool kubeadm) || exit
"$kubeadm" token delete ${id} --kubeconfig "$R"/etc/kubernetes/admin.conf
`,
    { mayFail: true },
  );
  await deleting.catch(() => undefined);
}
