import { createHash } from 'node:crypto';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { kubeadmBinary } from '../../facts/host/kubeadm-binary.ts';
import type { FoundKubeadm } from '../../kubeadm/driver/kubeadm-driver.ts';
import { haveCommonAuthority, trustedByKubelet } from '../../kubeadm/host/kubeconfig-trust.ts';
import { clusterAuthority, type KubeadmHost } from '../../kubeadm/host/model.ts';
import { isProvenSigner } from './signer-proof.ts';

/** A master that can sign for a host without a CA key. */
export interface SigningMaster {
  readonly name: string;
  readonly host: KubeadmHost;
  readonly kubeadm: FoundKubeadm;
}

/** A host that shows the files of a master. */
interface Candidate extends SigningMaster {
  readonly isProven: boolean;
}

/** A worker, unless somebody has put the CA key there. */
export function needsSigner(host: KubeadmHost): boolean {
  return host.role === 'worker' && clusterAuthority(host)?.key === 'absent';
}

/**
 * The master that signs for the host. A master signs for one host after another, so the hosts of a large cluster are spread
 * over all masters, and a master that drops out does not affect the hosts of the others (rendezvous hashing).
 */
export function signerFor(host: KubeadmHost, peers: ReadonlyMap<string, World>): SigningMaster | undefined {
  const masters = signersFor(host, peers);
  const drivers = masters.filter(hasKubeadm);
  const [first, ...others] = drivers.length > 0 ? drivers : masters;
  const weight = ({ name }: SigningMaster): string =>
    createHash('sha256')
      .update(`${host.nodeName ?? ''} ${name}`)
      .digest('hex');
  return first && others.reduce((best, master) => (weight(master) > weight(best) ? master : best), first);
}

/**
 * The masters of the play with the key of the CA that the host trusts (`isSameAuthority`), those with a known kubeadm first. If
 * some have proven to be masters, only these: a public half of the CA key can be shown by anybody who has the certificate. A host
 * without openssl cannot prove it.
 */
export function signersFor(host: KubeadmHost, peers: ReadonlyMap<string, World>): readonly SigningMaster[] {
  const trusted = trustedByKubelet(host);
  const masters = [...peers].flatMap(([name, world]): readonly Candidate[] => {
    if (!world.has(kubernetesFiles)) return [];
    const master = world.get(kubernetesFiles);
    const authority = clusterAuthority(master);
    const holdsKey = authority?.key === 'match' || authority?.key === 'unknown';
    if (!holdsKey || (trusted.length > 0 && !haveCommonAuthority(authority.bundle, trusted))) return [];
    const kubeadm = world.has(kubeadmBinary)
      ? world.get(kubeadmBinary)
      : { version: undefined, problem: `the kubeadm of ${name} is not known` };
    return [{ name, host: master, kubeadm, isProven: isProvenSigner(master, world, trusted) }];
  });
  const proven = masters.filter(({ isProven }) => isProven);
  const eligible = proven.length > 0 ? proven : masters;
  return [...eligible.filter(hasKubeadm), ...eligible.filter((master) => !hasKubeadm(master))];
}

function hasKubeadm({ kubeadm }: SigningMaster): boolean {
  return kubeadm.version !== undefined;
}
