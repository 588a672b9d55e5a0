import { count } from '../../core/count.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { pathFault, trustPath } from '../../pki/chain.ts';
import { lostNames } from '../../pki/difference.ts';
import { nameParts } from '../../pki/name.ts';
import { matchPublicHalf } from '../../pki/public-half.ts';
import type { CertificateRequest } from '../../pki/request-reading.ts';
import { isoDate } from '../../pki/time.ts';
import { validityAt } from '../../pki/verify.ts';
import { leafOf } from '../host/interpret.ts';
import { certificatesIn } from '../host/kubeconfig.ts';
import type { Credential, KubeadmHost } from '../host/model.ts';
import { unverifiedAlong } from '../host/unverified.ts';
import { isRewritten, oldLeafOf, patternOf, REWRITTEN } from '../pattern.ts';
import type { CredentialName } from '../table.ts';
import { extensionFault, missingUsages, signatureFault, usagesByRule, usagesLike } from './lacking.ts';
import { type PendingRequest, sameWords } from './pending-request.ts';

/** A signed certificate, with the chain that follows it in its file. */
export interface SignedLeaf {
  readonly name: CredentialName;
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
}

/** Whether the host already has it, with key and chain. */
export function isInPlace({ holding, key }: Credential, { certificate, chain }: SignedLeaf): boolean {
  if (holding.state === 'planned') return holding.notAfter === certificate.notAfter;
  if (holding.state !== 'present' || key !== 'match') return false;
  const present = certificatesIn(holding).map(({ fingerprint }) => fingerprint);
  return present.join() === [certificate, ...chain].map(({ fingerprint }) => fingerprint).join();
}

/**
 * Why a signed certificate must not be installed on a host: everything that is wrong with it, one clause each.
 * @param now milliseconds since the epoch
 */
export function signedFaults(
  signed: SignedLeaf,
  credential: Credential,
  host: KubeadmHost,
  waiting: readonly PendingRequest[],
  now: number,
): readonly string[] {
  const request = waiting.find(({ name }) => name === signed.name);
  const pattern = patternOf(credential);
  const requested = request && request.request !== 'planned' ? request.request : undefined;
  return [
    ...keyFaults(signed, request),
    ...signerFaults(signed, credential, host, now),
    ...extensionFaults(signed.certificate),
    ...dateFaults(signed.certificate, now),
    ...(signed.name === 'kubelet-client'
      ? kubeletFaults(signed.certificate, requested)
      : identityFaults(signed.certificate, pattern, requested)),
    ...usageFaults(signed.certificate, pattern, signed.name),
  ];
}

function keyFaults({ certificate }: SignedLeaf, request: PendingRequest | undefined): readonly string[] {
  if (certificate.isAuthority) return ['its first certificate is a CA’s: the leaf certificate must come first'];
  if (!request) return ['no key is waiting for it on the host: kplay certs csr makes one'];
  if (request.request === 'planned' || matchPublicHalf(certificate, request.publicHalf) === 'match') return [];
  return ['it is for a key other than the one that is waiting on the host'];
}

function signerFaults(
  { name: leaf, certificate, chain }: SignedLeaf,
  { authority: name }: Credential,
  { authorities }: KubeadmHost,
  now: number,
): readonly string[] {
  const authority = authorities.find((candidate) => candidate.name === name);
  if (!authority?.certificate) return [`the host has no ${name} to check it against`];
  // Of an authority that was made again with its key, only one certificate may be for that.
  const isFor = (one: Certificate): boolean => missingUsages(leaf, one).length === 0;
  const path =
    trustPath(certificate, chain.filter(isFor), authority.bundle.filter(isFor)) ??
    trustPath(certificate, chain, authority.bundle);
  if (!path) return [`it does not lead to ${authority.certificatePath}, the ${name} of the host`];
  const fault = pathFault(certificate, path, now);
  if (fault !== undefined) return [fault];
  const narrow = path.find((one) => !isFor(one));
  if (narrow) {
    const usages = missingUsages(leaf, narrow).join(', ');
    return [`Kubernetes would reject it: the authority '${narrow.subject.text}' is not for ${usages}`];
  }
  const unverified = unverifiedAlong([certificate, ...path], authority, leaf);
  return unverified === undefined ? [] : [`Kubernetes would reject it: ${signatureFault(unverified)}`];
}

function extensionFaults({ unhandled }: Certificate): readonly string[] {
  return unhandled === undefined ? [] : [`Kubernetes would reject it: ${extensionFault(unhandled)}`];
}

/** A shorter lifetime is not worth a restart. */
const MIN_LEFT_MS = DAY_MS;
/** Tolerance for different clocks. */
const EARLY_MS = 60_000;

function dateFaults(certificate: Certificate, now: number): readonly string[] {
  if (certificate.notAfter <= certificate.notBefore) return ['it expires before it is valid'];
  if (validityAt(certificate, now) === 'expired') return [`it expired ${isoDate(certificate.notAfter)}`];
  if (certificate.notBefore > now + EARLY_MS)
    return [`it is not valid before ${new Date(certificate.notBefore).toISOString().slice(0, 16)}Z`];
  return certificate.notAfter < now + MIN_LEFT_MS
    ? [`it expires ${new Date(certificate.notAfter).toISOString().slice(0, 16)}Z, within a day`]
    : [];
}

/** Compares with the identity of the old certificate and of the request; without either anything is accepted. */
function identityFaults(
  certificate: Certificate,
  pattern: Certificate | undefined,
  requested: CertificateRequest | undefined,
): readonly string[] {
  const wanted = pattern?.subject ?? requested?.subject;
  if (!wanted) return [];
  const { commonName, organizations } = certificate.subject;
  const without = (list: readonly string[], excluded: readonly string[]) =>
    list.filter((one) => !excluded.includes(one));
  const missing = new Set([
    ...(pattern ? lostNames(pattern, certificate) : []),
    ...(requested ? notGiven(requested, certificate) : []),
  ]);
  return [
    ...(commonName === wanted.commonName
      ? []
      : [`its CN is ${commonName ?? 'missing'}, not ${wanted.commonName ?? 'none'}`]),
    ...without(wanted.organizations, organizations).map((group) => `it has lost the group (O) ${group}`),
    ...without(organizations, wanted.organizations).map((group) => `it adds a group (O): ${group}`),
    ...(missing.size > 0
      ? [`it has lost the ${missing.size === 1 ? 'name' : 'names'} ${[...missing].join(', ')}`]
      : []),
  ];
}

/** A kubelet may only be its own node to the API, whatever its old certificate says. */
function kubeletFaults(certificate: Certificate, requested: CertificateRequest | undefined): readonly string[] {
  const { subject, dnsNames, ipAddresses, otherNames } = certificate;
  const names = [...dnsNames, ...ipAddresses, ...otherNames];
  const isNode = /^CN=system:node:[a-z0-9.-]+, O=system:nodes$/.test(nameParts(subject.text).toSorted().join(', '));
  const isAskedFor = !requested || sameWords(nameParts(requested.subject.text), nameParts(subject.text));
  return [
    ...(isNode && isAskedFor
      ? []
      : [`its subject is ${subject.text}, not ${requested?.subject.text ?? 'O=system:nodes, CN=system:node:NODE'}`]),
    ...(names.length > 0
      ? [`it has the ${names.length === 1 ? 'name' : 'names'} ${names.join(', ')}: a kubelet’s has none`]
      : []),
  ];
}

function notGiven(
  { dnsNames, ipAddresses, otherNames }: CertificateRequest,
  certificate: Certificate,
): readonly string[] {
  return lostNames({ ...certificate, dnsNames, ipAddresses, otherNames }, certificate);
}

/** A certificate without any extended usage, or with anyExtendedKeyUsage, may be used for everything. */
function usageFaults(
  certificate: Certificate,
  pattern: Certificate | undefined,
  name: CredentialName,
): readonly string[] {
  const { keyUsages, extendedKeyUsages: given } = certificate;
  const faults =
    keyUsages.length > 0 && !keyUsages.includes('digitalSignature')
      ? ['it may not sign: digitalSignature is missing']
      : [];
  if (given.length === 0 || given.includes('anyExtendedKeyUsage')) return faults;
  const old = pattern ? usagesLike(name, pattern) : [];
  const needed = old.length > 0 ? old : usagesByRule(name);
  return [
    ...faults,
    ...needed.filter((usage) => !given.includes(usage)).map((usage) => `it has lost the usage ${usage}`),
  ];
}

/** Noteworthy properties that are no fault. */
export function signedRemarks({ certificate, chain }: SignedLeaf, credential: Credential): readonly string[] {
  const pattern = patternOf(credential);
  const added = pattern ? lostNames(certificate, pattern) : [];
  const end = credential.authorityEnd;
  return [
    ...(chain.length > 0 ? [`${count(chain.length, 'certificate')} after it kept`] : []),
    ...(isRewritten(credential) ? [REWRITTEN] : []),
    ...added.map((name) => `name ${name} added`),
    ...(end !== undefined && certificate.notAfter > end
      ? [`${credential.authority} expires ${isoDate(end)}, before it does`]
      : []),
    ...(pattern && pattern.key !== certificate.key ? [`key ${pattern.key} → ${certificate.key}`] : []),
    ...(leafOf(credential.holding) || !oldLeafOf(credential) ? [] : ['the old one was moved aside']),
  ];
}
