import { isDeepStrictEqual } from 'node:util';
import { count } from '../../core/count.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { homeKubeconfigs } from '../../facts/certificates/home-kubeconfigs.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { pendingRequests } from '../../facts/certificates/pending-requests.ts';
import { assess, onlyExpired } from '../../kubeadm/certificates/due.ts';
import { homeEntries } from '../../kubeadm/certificates/home.ts';
import type { Pending } from '../../kubeadm/certificates/pending.ts';
import { credentialOfFile, requestBase, signedFileNames } from '../../kubeadm/certificates/pending-request.ts';
import { isInPlace, type SignedLeaf, signedFaults } from '../../kubeadm/certificates/signed-leaf.ts';
import { rebuildSettings, UNKNOWN_VERSION } from '../../kubeadm/cluster/cluster-settings.ts';
import { endpointRefusal, isFromScratch } from '../../kubeadm/cluster/kubeconfig-server.ts';
import { holdingOf } from '../../kubeadm/host/kubeconfig.ts';
import type { Credential, KubeadmHost } from '../../kubeadm/host/model.ts';
import { endpointSources } from './endpoint-sources.ts';
import type { SharedParams } from './parameters.ts';

/** Parameters that define what to install, and where the user finds it. */
export const SIGNED = {
  certificates: {
    type: 'object',
    additionalProperties: { type: 'object', additionalProperties: { type: 'string' } },
    description:
      'the signed certificates: for each host the PEM, by file name (apiserver.crt, etcd/server.crt, ' +
      'admin.conf.crt); kplay certs install DIR reads them from DIR/HOST',
  },
  from: {
    type: 'string',
    default: 'certificates',
    description: 'the directory that they come from, for messages',
  },
} as const;

export interface SignedParams {
  readonly certificates: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly from: string;
}

/** A certificate for a host, and the credential that it replaces. */
export interface Placing {
  readonly signed: SignedLeaf;
  readonly credential: Credential;
}

/** What has to be installed on one host. */
interface Installation {
  readonly placings: readonly Placing[];
  /** How many are already in place. */
  readonly inPlace: number;
  /** In the form of a renewal's pending items: what a backup must contain. */
  readonly pending: Pending;
}

/** The signed certificates that are not on the host yet. */
export function installationOf(
  params: SignedParams & Pick<SharedParams, 'users'>,
  name: string,
  world: World,
): Installation {
  const host = world.get(kubernetesFiles);
  const given = signedFor(params, name).flatMap(({ signed }) => {
    const credential = signed && host.credentials.find((candidate) => candidate.name === signed.name);
    return credential ? [{ signed, credential }] : [];
  });
  const placings = given.filter(({ signed, credential }) => !isInPlace(credential, signed));
  const names = new Set(placings.map(({ signed }) => signed.name));
  const credentials = placings.map(({ credential }) => credential);
  const homes = world.get(homeKubeconfigs(params.users)).flatMap((home) => homeEntries(host, home));
  return {
    placings,
    inPlace: given.length - placings.length,
    pending: {
      pairs: credentials.filter(({ kind }) => kind === 'pair'),
      kubeconfigs: credentials.filter(({ kind }) => kind === 'kubeconfig'),
      kubelet: credentials.find(({ kind }) => kind === 'kubelet'),
      homes: homes.filter(({ entry, source }) => entry.lines !== undefined && names.has(source.name)),
    },
  };
}

const MISSING = 'it is missing,';

type Fault = readonly [file: string, fault: string];

/**
 * Refuses an installation: lists all errors in the certificates for this host, or else in those for another host of the play.
 * All come from one source, and no host is changed while one of them needs a better certificate.
 */
export function signedRefusal(
  params: SignedParams,
  name: string,
  world: World,
  peers: ReadonlyMap<string, World>,
  now: Date,
): RefusePlan | undefined {
  const worlds = [world, ...peers.values()];
  const own = faultsOn(params, name, world, worlds, now);
  if (own.length > 0)
    return refusal(own, `${count(own.length, 'thing is', 'things are')} wrong with the signed certificates`);
  const others = [...peers]
    .filter(([, of]) => isKnown(of))
    .map(([peer, of]) => ({ peer, faults: knownFaultsOn(params, peer, of, worlds, now) }))
    .filter(({ faults }) => faults.length > 0);
  if (others.length === 0) return undefined;
  const names = others.map(({ peer }) => peer).join(', ');
  return refusal(
    others.flatMap(({ faults }) => faults),
    `the certificates for ${names} cannot be installed, and either all hosts are changed or none`,
  );
}

function refusal(faults: readonly Fault[], reason: string): RefusePlan {
  return {
    action: 'refuse',
    code: 'signed-unusable',
    reason,
    remedy: faults.every(([, fault]) => fault.startsWith(MISSING))
      ? 'put what is missing beside its request once it is signed, and run again; nothing was changed'
      : 'have the requests from kplay certs csr signed again; nothing was changed',
    details: faults,
  };
}

function isKnown(world: World): boolean {
  return world.has(kubernetesFiles) && world.has(pendingRequests);
}

/** What was found out about the certificates of a host, by what it was found out of. */
interface Judgement {
  readonly given: readonly unknown[];
  readonly now: Date;
  readonly faults: readonly Fault[];
}

/**
 * By the object that was made of what was read, so that nothing outlives it. The play cannot judge all hosts before it plans one:
 * steps plan host by host, and another part of their contract would serve this one alone. To keep only the checks of signatures, which
 * need neither time nor comparison, is not enough: a fifth of the work is left, for each pair of hosts.
 */
const judgements = new WeakMap<KubeadmHost, Judgement>();

/** Less than a clock may differ. */
const JUDGED_MS = 30_000;

/** `faultsOn` for another host than the one that is planned: each of the others asks for it, and verifying certificates takes long. */
function knownFaultsOn(
  params: SignedParams,
  name: string,
  world: World,
  worlds: readonly World[],
  now: Date,
): readonly Fault[] {
  const host = world.get(kubernetesFiles);
  const given = [name, params.from, params.certificates[name], world.get(pendingRequests)];
  const known = judgements.get(host);
  if (known && Math.abs(now.getTime() - known.now.getTime()) < JUDGED_MS && isDeepStrictEqual(known.given, given))
    return known.faults;
  const faults = faultsOn(params, name, world, worlds, now);
  // For a kubeconfig that is written from scratch it matters what is known of the other hosts by then.
  if (!host.credentials.some(isFromScratch)) judgements.set(host, { given, now, faults });
  return faults;
}

function faultsOn(
  params: SignedParams,
  name: string,
  world: World,
  worlds: readonly World[],
  now: Date,
): readonly Fault[] {
  const host = world.get(kubernetesFiles);
  const waiting = world.get(pendingRequests);
  const files = signedFor(params, name);
  const faults = files.flatMap(({ file, signed, unreadable }): readonly Fault[] => {
    if (!signed) return [[file, unreadable ?? `there is no certificate of this name: ${signedFileNames().join(', ')}`]];
    const credential = host.credentials.find((candidate) => candidate.name === signed.name);
    if (!credential) return [[file, absence(signed, host)]];
    if (isInPlace(credential, signed)) return [];
    const all = [
      ...signedFaults(signed, credential, host, waiting, now.getTime()),
      ...placeFaults(credential, host, worlds),
    ];
    return all.map((fault) => [file, fault]);
  });
  return installsSomething(files, host) ? [...faults, ...missing(params, name, host, files, now)] : faults;
}

/** A kubeconfig is written from scratch if there is no readable one. Only then the other hosts are asked: there may be hundreds. */
function placeFaults(credential: Credential, host: KubeadmHost, worlds: readonly World[]): readonly string[] {
  if (!isFromScratch(credential)) return [];
  const settings = rebuildSettings(host, UNKNOWN_VERSION, endpointSources(host, worlds));
  if ('missing' in settings)
    return [`there is no kubeconfig to put it into, and the host's files do not contain ${settings.missing}`];
  const refusal = endpointRefusal(credential, settings);
  return refusal ? [`there is no kubeconfig to put it into: ${refusal.reason}`] : [];
}

function installsSomething(all: readonly SignedFile[], { credentials }: KubeadmHost): boolean {
  return all.some(({ signed }) =>
    credentials.some((credential) => credential.name === signed?.name && !isInPlace(credential, signed)),
  );
}

function absence({ name }: SignedLeaf, host: KubeadmHost): string {
  return host.etcd === 'external' && name.startsWith('etcd-')
    ? 'etcd is external: this host has no such certificate'
    : `this host has no ${name}`;
}

/** Credentials that are unusable and would stay so: the run could never be proven. */
function missing(
  { from }: SignedParams,
  name: string,
  { credentials }: KubeadmHost,
  all: readonly SignedFile[],
  now: Date,
): readonly Fault[] {
  const given = new Set(all.map(({ signed }) => signed?.name));
  return credentials.flatMap((credential): readonly Fault[] => {
    if (credential.kind === 'kubelet' || given.has(credential.name)) return [];
    const { due, reason } = assess(credential, { ...onlyExpired(now), elsewhere: true });
    if (!due) return [];
    return [
      [
        `${from}/${name}/${requestBase(credential.name)}.crt`,
        `${MISSING} and ${credential.name} is unusable: ${reason}`,
      ],
    ];
  });
}

interface SignedFile {
  /** The path as the user knows it. */
  readonly file: string;
  readonly signed?: SignedLeaf;
  readonly unreadable?: string;
}

function signedFor({ certificates, from }: SignedParams, host: string): readonly SignedFile[] {
  return Object.entries(certificates[host] ?? {}).map(([file, pem]): SignedFile => {
    const path = `${from}/${host}/${file}`;
    const name = credentialOfFile(file);
    if (name === undefined) return { file: path };
    const holding = holdingOf(pem);
    if (holding.state === 'present')
      return { file: path, signed: { name, certificate: holding.certificate, chain: holding.chain } };
    return { file: path, unreadable: holding.state === 'unreadable' ? holding.reason : 'it is empty' };
  });
}
