import { acceptedNames, canonicalName } from '../../pki/alternative-name.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { isUsableKey } from '../../pki/public-key.ts';
import { leafOf } from '../host/interpret.ts';
import type { Credential } from '../host/model.ts';
import { type CredentialName, PAIRS, type Usage } from '../table.ts';

/** The extended key usages that kubeadm gives a leaf; those of kubeconfigs and kubelets are for clients. */
export function usagesByRule(name: CredentialName): readonly Usage[] {
  return PAIRS.find((pair) => pair.name === name)?.usages ?? ['clientAuth'];
}

/**
 * The extended key usages without which a leaf is rejected, and that it has not. As in Go's crypto/x509, one without any, or with
 * anyExtendedKeyUsage, may be used for everything.
 */
export function missingUsages(name: CredentialName, { extendedKeyUsages: given }: Certificate): readonly Usage[] {
  if (given.length === 0 || given.includes('anyExtendedKeyUsage')) return [];
  return neededUsages(name).filter((usage) => !given.includes(usage));
}

interface Rejection {
  readonly condition: 'unsupported key' | 'unsupported extension' | 'unsupported signature' | 'usage missing';
  readonly reason: string;
}

/**
 * Why Kubernetes rejects a leaf of a CA that it trusts, whatever its dates; undefined if it does not.
 * @param unverified what it is signed with that is not verified
 */
export function rejectionOf(
  name: CredentialName,
  certificate: Certificate,
  unverified: string | undefined,
): Rejection | undefined {
  const { key, unhandled } = certificate;
  if (!isUsableKey(key)) return { condition: 'unsupported key', reason: `Kubernetes cannot use it: its key is ${key}` };
  // Nobody verifies kubelet's.
  if (unhandled !== undefined && name !== 'kubelet-server')
    return { condition: 'unsupported extension', reason: `Kubernetes rejects it: ${extensionFault(unhandled)}` };
  if (unverified !== undefined)
    return { condition: 'unsupported signature', reason: `Kubernetes rejects it: ${signatureFault(unverified)}` };
  const usages = missingUsages(name, certificate);
  if (usages.length === 0) return undefined;
  return { condition: 'usage missing', reason: `Kubernetes rejects it: it is not for ${usages.join(', ')}` };
}

/** In a clause. @param unverified what a leaf, or a CA in the file behind it, is signed with that is not verified */
export function signatureFault(unverified: string): string {
  return `it, or a CA behind it in its file, is signed with ${unverified}`;
}

/** In a clause. @param unhandled the object identifier of a critical extension */
export function extensionFault(unhandled: string): string {
  return `it has the critical extension ${unhandled}, which Go does not know`;
}

/** The extended key usages of a new leaf: those of the old one, unless that is rejected with them. */
export function usagesLike(name: CredentialName, pattern: Certificate): readonly string[] {
  return missingUsages(name, pattern).length > 0 ? usagesByRule(name) : pattern.extendedKeyUsages;
}

function neededUsages(name: CredentialName): readonly Usage[] {
  // Nobody verifies kubelet's. etcd serves with one that is for servers only, as kubeadm made it before 1.12.
  if (name === 'kubelet-server') return [];
  return name === 'etcd-server' ? ['serverAuth'] : usagesByRule(name);
}

/** The required names (DNS or IP) that a certificate lacks. */
export function missingNames(credential: Credential, names: readonly string[]): readonly string[] {
  const certificate = leafOf(credential.holding);
  if (!certificate) return names;
  const present = acceptedNames(certificate);
  return names.filter((name) => !present.has(canonicalName(name)));
}
