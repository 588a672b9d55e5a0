import { count } from '../../core/count.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { pathFault, trustPath } from '../../pki/chain.ts';
import { lostNames } from '../../pki/difference.ts';
import { nameParts } from '../../pki/name.ts';
import { matchPublicHalf } from '../../pki/public-half.ts';
import type { CertificateRequest } from '../../pki/request-reading.ts';
import { isoDate } from '../../pki/time.ts';
import { validityAt } from '../../pki/verify.ts';
import { leafOf } from '../host/interpret.ts';
import type { Credential, KubeadmHost } from '../host/model.ts';
import { oldLeafOf, patternOf } from '../pattern.ts';
import { type CredentialName, PAIRS } from '../table.ts';
import { type PendingRequest, sameSet } from './pending-request.ts';

/** A certificate that came back signed, with whatever followed it in its file. */
export interface SignedLeaf {
  readonly name: CredentialName;
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
}

/** It is what the host has already, key and chain and all. */
export function isInPlace({ holding, key }: Credential, { certificate, chain }: SignedLeaf): boolean {
  if (holding.state === 'planned') return holding.notAfter === certificate.notAfter;
  if (holding.state !== 'present' || key !== 'match') return false;
  const there = [holding.certificate, ...holding.chain].map(({ fingerprint }) => fingerprint);
  return there.join() === [certificate, ...chain].map(({ fingerprint }) => fingerprint).join();
}

/** Why a signed certificate must not be installed on a host: everything that is wrong with it, a clause each. */
export function signedFaults(
  signed: SignedLeaf,
  credential: Credential,
  host: KubeadmHost,
  waiting: readonly PendingRequest[],
  now: number,
): readonly string[] {
  const request = waiting.find(({ name }) => name === signed.name);
  const pattern = patternOf(credential);
  const asked = request && request.request !== 'planned' ? request.request : undefined;
  return [
    ...keyFaults(signed, request),
    ...signerFaults(signed, credential, host, now),
    ...dateFaults(signed.certificate, now),
    ...(signed.name === 'kubelet-client'
      ? kubeletFaults(signed.certificate, asked)
      : identityFaults(signed.certificate, pattern, asked)),
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
  { certificate, chain }: SignedLeaf,
  { authority: name }: Credential,
  { authorities }: KubeadmHost,
  now: number,
): readonly string[] {
  const authority = authorities.find((candidate) => candidate.name === name);
  if (!authority?.certificate) return [`the host has no ${name} to check it against`];
  const path = trustPath(certificate, chain, authority.bundle);
  if (!path) return [`it does not lead to ${authority.certificatePath}, the ${name} of the host`];
  const fault = pathFault(certificate, path, now);
  return fault === undefined ? [] : [fault];
}

/** Less than this is not worth a restart. */
const MIN_LEFT_MS = 86_400_000;
/** Clocks differ. */
const EARLY_MS = 60_000;

function dateFaults(certificate: Certificate, now: number): readonly string[] {
  if (certificate.notAfter <= certificate.notBefore) return ['it ends before it starts'];
  if (validityAt(certificate, now) === 'expired') return [`it expired ${isoDate(certificate.notAfter)}`];
  if (certificate.notBefore > now + EARLY_MS)
    return [`it is not valid before ${new Date(certificate.notBefore).toISOString().slice(0, 16)}Z`];
  return certificate.notAfter < now + MIN_LEFT_MS
    ? [`it ends ${new Date(certificate.notAfter).toISOString().slice(0, 16)}Z, within a day`]
    : [];
}

/** Who the old certificate speaks for, and what was asked for besides; without either nothing can be held against it. */
function identityFaults(
  certificate: Certificate,
  pattern: Certificate | undefined,
  asked: CertificateRequest | undefined,
): readonly string[] {
  const wanted = pattern?.subject ?? asked?.subject;
  if (!wanted) return [];
  const { commonName, organizations } = certificate.subject;
  const without = (some: readonly string[], others: readonly string[]) => some.filter((one) => !others.includes(one));
  const lost = new Set([
    ...(pattern ? lostNames(pattern, certificate) : []),
    ...(asked ? notGiven(asked, certificate) : []),
  ]);
  return [
    ...(commonName === wanted.commonName
      ? []
      : [`its CN is ${commonName ?? 'missing'}, not ${wanted.commonName ?? 'none'}`]),
    ...without(wanted.organizations, organizations).map((group) => `it has lost the group (O) ${group}`),
    ...without(organizations, wanted.organizations).map((group) => `it adds a group (O): ${group}`),
    ...(lost.size > 0 ? [`it has lost the ${lost.size === 1 ? 'name' : 'names'} ${[...lost].join(', ')}`] : []),
  ];
}

/** A kubelet is its node and nothing else to the API, whatever its old certificate says. */
function kubeletFaults(certificate: Certificate, asked: CertificateRequest | undefined): readonly string[] {
  const { subject, dnsNames, ipAddresses, otherNames } = certificate;
  const names = [...dnsNames, ...ipAddresses, ...otherNames];
  const isNode = /^CN=system:node:[a-z0-9.-]+, O=system:nodes$/.test(nameParts(subject.text).toSorted().join(', '));
  const isAskedFor = !asked || sameSet(nameParts(asked.subject.text), nameParts(subject.text));
  return [
    ...(isNode && isAskedFor
      ? []
      : [`its subject is ${subject.text}, not ${asked?.subject.text ?? 'O=system:nodes, CN=system:node:NODE'}`]),
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

/** A certificate without any extended usage, or with the one for all, may be used for everything. */
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
  const old = pattern?.extendedKeyUsages ?? [];
  const needed = old.length > 0 ? old : (PAIRS.find((row) => row.name === name)?.usages ?? ['clientAuth']);
  return [
    ...faults,
    ...needed.filter((usage) => !given.includes(usage)).map((usage) => `it has lost the usage ${usage}`),
  ];
}

/** What deserves a word though it is no fault. */
export function signedRemarks({ certificate, chain }: SignedLeaf, credential: Credential): readonly string[] {
  const pattern = patternOf(credential);
  const added = pattern ? lostNames(certificate, pattern) : [];
  const end = credential.authorityEnd;
  return [
    ...(chain.length > 0 ? [`${count(chain.length, 'certificate')} after it kept`] : []),
    ...added.map((name) => `name ${name} added`),
    ...(end !== undefined && certificate.notAfter > end
      ? [`${credential.authority} ends ${isoDate(end)}, before it does`]
      : []),
    ...(pattern && pattern.key !== certificate.key ? [`key ${pattern.key} → ${certificate.key}`] : []),
    ...(leafOf(credential.holding) || !oldLeafOf(credential) ? [] : ['the old one was moved aside']),
  ];
}
