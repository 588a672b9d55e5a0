import { type CredentialName, organizationsBy } from '../kubeadm/table.ts';
import type { Version } from '../kubeadm/version.ts';

/**
 * The first patch releases, by minor, that give the API server's client of kubelet no group (kubernetes/kubernetes#138957): of
 * 1.33 as its kubeadm was seen to do, of the others as was reported.
 */
const WITHOUT_GROUP: Readonly<Record<number, number>> = { 33: 13, 35: 5, 36: 1 };

/** The groups that the kubeadm of exactly this version gives a certificate. */
export function groupsOf(name: CredentialName, { minor, patch }: Version): readonly string[] {
  const isLeftOut = name === 'apiserver-kubelet-client' && patch >= (WITHOUT_GROUP[minor] ?? Number.POSITIVE_INFINITY);
  return isLeftOut ? [] : (organizationsBy(name, minor)[0] ?? []);
}
