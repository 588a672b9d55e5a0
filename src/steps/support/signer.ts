import type { World } from '../../core/world.ts';
import { kubeadmBinary } from '../../facts/kubeadm-binary.ts';
import { kubernetesFiles } from '../../facts/kubernetes-files.ts';
import type { KubeadmHost } from '../../kubeadm/model.ts';
import type { Version } from '../../kubeadm/version.ts';

/** A master that can sign for a host which has no CA key of its own. */
export interface SigningMaster {
  readonly name: string;
  readonly host: KubeadmHost;
  readonly kubeadm: { readonly version: Version | undefined; readonly problem: string | undefined };
}

/** A host of a cluster whose CA key is elsewhere: a worker, as a rule. */
export function needsSigner(host: KubeadmHost): boolean {
  return host.role === 'worker' && host.authorities.find(({ name }) => name === 'ca')?.key === 'absent';
}

/** The first of those that can sign for the host. */
export function signerFor(host: KubeadmHost, peers: ReadonlyMap<string, World>): SigningMaster | undefined {
  return signersFor(host, peers)[0];
}

/** The masters of the play with the key of the very CA that the host trusts; those whose kubeadm is known come first. */
export function signersFor(host: KubeadmHost, peers: ReadonlyMap<string, World>): readonly SigningMaster[] {
  const trusted =
    host.kubelet.kubeconfig?.authorityFingerprint ??
    host.authorities.find(({ name }) => name === 'ca')?.certificate?.fingerprint;
  const masters = [...peers].flatMap(([name, world]): readonly SigningMaster[] => {
    if (!world.has(kubernetesFiles)) return [];
    const master = world.get(kubernetesFiles);
    const authority = master.authorities.find((candidate) => candidate.name === 'ca');
    const holdsKey = authority?.key === 'match' || authority?.key === 'unknown';
    if (!holdsKey || (trusted !== undefined && !authority?.bundle.some(({ fingerprint }) => fingerprint === trusted)))
      return [];
    const kubeadm = world.has(kubeadmBinary)
      ? world.get(kubeadmBinary)
      : { version: undefined, problem: `the kubeadm of ${name} is not known` };
    return [{ name, host: master, kubeadm }];
  });
  const hasKubeadm = ({ kubeadm }: SigningMaster): boolean => kubeadm.version !== undefined;
  return [...masters.filter(hasKubeadm), ...masters.filter((master) => !hasKubeadm(master))];
}
