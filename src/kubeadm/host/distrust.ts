import type { RefusePlan } from '../../core/plan.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { pathFault, trustPath } from '../../pki/chain.ts';
import { patternOf } from '../pattern.ts';
import type { AuthorityName, Component, CredentialName } from '../table.ts';
import { certificatesIn } from './kubeconfig.ts';
import { isSameAuthority } from './kubeconfig-trust.ts';
import type { Authority, Credential, StaticPod, Verifier } from './model.ts';
import type { RawView } from './raw-view.ts';

interface VerifyingFlag {
  readonly component: Component;
  readonly flag: string;
  /** The credentials that are verified with that file. */
  readonly known: readonly CredentialName[];
}

/** The flags that name the files with which components verify certificates of kubeadm's CAs; kubeadm sets them to those CAs. */
const FLAGS: Readonly<Record<AuthorityName, readonly VerifyingFlag[]>> = {
  ca: [
    {
      component: 'kube-apiserver',
      flag: '--client-ca-file',
      known: ['admin.conf', 'super-admin.conf', 'controller-manager.conf', 'scheduler.conf', 'kubelet-client'],
    },
  ],
  'etcd-ca': [
    {
      component: 'etcd',
      flag: '--trusted-ca-file',
      known: ['apiserver-etcd-client', 'etcd-healthcheck-client'],
    },
    { component: 'etcd', flag: '--peer-trusted-ca-file', known: ['etcd-peer'] },
    { component: 'kube-apiserver', flag: '--etcd-cafile', known: ['etcd-server'] },
  ],
  'front-proxy-ca': [
    { component: 'kube-apiserver', flag: '--requestheader-client-ca-file', known: ['front-proxy-client'] },
  ],
};

/** The components that verify a CA's certificates with another file, and the contents of those files. */
export function verifiersOf(view: RawView, staticPods: readonly StaticPod[], name: AuthorityName): readonly Verifier[] {
  return FLAGS[name].flatMap(({ component, flag, known }) => {
    const path = staticPods.find((pod) => pod.component === component)?.flags.get(flag);
    const holding = path?.startsWith('/') ? view.holding(path) : undefined;
    if (path === undefined || holding?.state !== 'present') return [];
    return [{ component, flag, path, known, trusted: certificatesIn(holding) }];
  });
}

/**
 * Refuses a new leaf that a component would not accept: it verifies such leaves with a file that does not contain the CA, and
 * the chain that will follow the leaf (`chain`) leads to none of its certificates. Without such a flag a leaf is refused only
 * if the old one does not prove either that this CA is accepted.
 */
export function distrustRefusal(
  credential: Credential,
  authority: Authority | undefined,
  chain: readonly Certificate[],
  now: Date,
): RefusePlan | undefined {
  if (!authority?.certificate) return undefined;
  const { name, certificate, certificatePath, verifiers } = authority;
  const own = verifiers.filter(({ known }) => known.includes(credential.name));
  if (own.length === 0 && patternOf(credential)) return undefined;
  const refuser = (own.length > 0 ? own : verifiers).find(
    ({ trusted }) => !isTrusted(certificate, { chain, trusted, now: now.getTime() }),
  );
  if (!refuser) return undefined;
  const { component, flag, path } = refuser;
  return {
    action: 'refuse',
    code: 'another-ca',
    reason: `${component} would reject what ${name} signs: ${path}, its ${flag}, does not contain ${certificatePath}`,
    remedy: `find out which CA signs for that (kplay check shows who has signed each certificate); if it is ${name}, add it to ${path}, restart ${component} and run again`,
  };
}

interface Trust {
  readonly chain: readonly Certificate[];
  readonly trusted: readonly Certificate[];
  readonly now: number;
}

/** An intermediate CA is trusted through the chain in the leaf's file, which includes it. */
function isTrusted(authority: Certificate, { chain, trusted, now }: Trust): boolean {
  const isSame = (one: Certificate): boolean => isSameAuthority(one, authority);
  if (trusted.some(isSame)) return true;
  const path = chain.some(isSame) ? trustPath(authority, chain, trusted) : undefined;
  return path !== undefined && pathFault(authority, path, now) === undefined;
}
