import { directoryOf } from '../core/host-path.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { Authority, StaticPod } from './model.ts';
import type { RawView } from './raw-view.ts';
import type { AuthorityName, Component } from './table.ts';

/** By which files components know what the CAs of kubeadm sign: kubeadm names those CAs themselves. */
const VERIFIERS: Readonly<Record<AuthorityName, readonly (readonly [component: Component, flag: string])[]>> = {
  ca: [['kube-apiserver', '--client-ca-file']],
  'etcd-ca': [
    ['etcd', '--trusted-ca-file'],
    ['etcd', '--peer-trusted-ca-file'],
    ['kube-apiserver', '--etcd-cafile'],
  ],
  'front-proxy-ca': [['kube-apiserver', '--requestheader-client-ca-file']],
};

/**
 * A component that is told to know others by another file, in which this CA is not: it would refuse all that the CA signs.
 * The same key under the same name is the same CA.
 */
export function distrustOf(
  view: RawView,
  staticPods: readonly StaticPod[],
  name: AuthorityName,
  certificate: Certificate | undefined,
): Pick<Authority, 'refusedBy'> {
  if (!certificate) return {};
  for (const [component, flag] of VERIFIERS[name]) {
    const path = staticPods.find((pod) => pod.component === component)?.flags.get(flag);
    const holding = path?.startsWith('/') ? view.holding(path) : undefined;
    if (path === undefined || holding?.state !== 'present') continue;
    const known = [holding.certificate, ...holding.chain].some(
      ({ publicKeyHash, subject }) =>
        publicKeyHash === certificate.publicKeyHash && subject.text === certificate.subject.text,
    );
    if (!known) return { refusedBy: { component, flag, path } };
  }
  return {};
}

/** certificatesDir: that of the first of these files beside which there is a CA, or else of the first. */
export function directoryWithAuthority(view: RawView, paths: readonly string[]): string | undefined {
  const directories = paths.map((path) => directoryOf(path) || '/');
  return directories.find((directory) => view.file(`${directory}/ca.crt`)) ?? directories[0];
}
