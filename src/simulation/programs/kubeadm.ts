import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { Secret } from '../../core/secret.ts';
import { AUTHORITIES, PAIRS, type PairEntry } from '../../kubeadm/table.ts';
import { parseVersion, type Version } from '../../kubeadm/version.ts';
import { readCertificates } from '../../pki/certificate.ts';
import { copyOf, type Identity, type IdentityCopy } from '../../pki/identity.ts';
import { type Authority, issueCertificate } from '../../pki/issue.ts';
import { generateKey, readPrivateKey } from '../../pki/private-key.ts';
import { readHostFile } from '../host-files.ts';
import { kubeconfigText } from '../kubeconfig-text.ts';
import type { Leaf } from '../leaf.ts';
import { type KubeadmConfig, readKubeadmConfig } from './kubeadm-config.ts';
import { pairIdentity } from './kubeadm-identity.ts';
import { generateRequests, RequestExists } from './kubeadm-requests.ts';
import { createToken, deleteToken } from './kubeadm-token.ts';
import { fail, operands, option, options, type ProgramCall, type ProgramResult, succeed } from './program.ts';

const VALUED = [
  '--config',
  '--cert-dir',
  '--kubeconfig-dir',
  '-o',
  '--output',
  '--client-name',
  '--org',
  '--apiserver-advertise-address',
  '--ttl',
  '--description',
  '--kubeconfig',
];
const BACKDATE_MS = 5 * 60_000;

/**
 * The part of `kubeadm` that kplay uses, with its relevant behaviour: renew keeps CN, O and SANs of the old certificate, phase
 * never replaces an existing file, and neither calls an API server (kubeadm-certificates.md, section 2.4), unlike token
 * commands.
 */
export async function kubeadm(call: ProgramCall): Promise<ProgramResult> {
  const words = operands(call.words, VALUED).join(' ');
  try {
    if (words === 'version') return succeed(`${versionOf(call)}\n`);
    if (words === 'token create') return await createToken(call);
    const [, token] = /^token delete (\S+)$/.exec(words) ?? [];
    if (token !== undefined) return await deleteToken(token, call);
    const config = readKubeadmConfig(option(call.words, '--config') ?? '');
    const fault = algorithmFault(config, call);
    if (fault !== undefined) return fail(fault);
    const [, renewed] = /^(?:alpha )?(?:phase )?certs renew (\S+)$/.exec(words) ?? [];
    if (renewed !== undefined) return await renew(pairNamed(renewed), config, call);
    const [, created] = /^(?:init|alpha) phase certs (\S+)$/.exec(words) ?? [];
    if (created !== undefined) return await create(pairNamed(created), config, call);
    if (/^(?:alpha )?certs generate-csr$/.test(words)) return await requests(config, call);
    if (/^(?:alpha )?(?:phase )?kubeconfig user$/.test(words)) return await kubeconfigUser(config, call);
    return fail(`the simulated kubeadm does not know '${call.words.join(' ')}'`);
  } catch (error) {
    return fail(`error execution phase: ${error instanceof Error ? error.message : error}`);
  }
}

/** The names that `renew` prints (cmd/kubeadm/app/phases/certs/certlist.go, LongName). */
const LONG_NAMES: Readonly<Record<PairEntry['name'], string>> = {
  apiserver: 'for serving the Kubernetes API',
  'apiserver-kubelet-client': 'for the API server to connect to kubelet',
  'front-proxy-client': 'for the front proxy client',
  'etcd-server': 'for serving etcd',
  'etcd-peer': 'for etcd nodes to communicate with each other',
  'etcd-healthcheck-client': 'for liveness probes to healthcheck etcd',
  'apiserver-etcd-client': 'the apiserver uses to access etcd',
};

/** The version of the API server in its host's manifests. */
function versionOf({ root }: ProgramCall): string {
  const manifest = readHostFile(`${root}/etc/kubernetes/manifests/kube-apiserver.yaml`);
  return /kube-apiserver:(v[\d.]+)/.exec(manifest)?.[1] ?? 'v1.33.13';
}

function currentVersion(call: ProgramCall): Version {
  const version = parseVersion(versionOf(call));
  if (!version) throw new Error(`the simulated kubeadm has no version: ${versionOf(call)}`);
  return version;
}

/** kubeadm supports ECDSA-P384 since 1.34 (apis/kubeadm/validation). */
const FIRST_WITH_P384 = 34;
const ALGORITHMS_BEFORE = ['ECDSA-P256', 'RSA-2048', 'RSA-3072', 'RSA-4096'];

function algorithmFault({ keyAlgorithm }: KubeadmConfig, call: ProgramCall): string | undefined {
  if (currentVersion(call).minor >= FIRST_WITH_P384 || ALGORITHMS_BEFORE.includes(keyAlgorithm)) return undefined;
  return `encryptionAlgorithm: Invalid value: "${keyAlgorithm}": Invalid encryption algorithm "${keyAlgorithm}". Must be one of [${ALGORITHMS_BEFORE.join(' ')}]`;
}

async function renew(pair: PairEntry, config: KubeadmConfig, call: ProgramCall): Promise<ProgramResult> {
  const path = `${config.certificatesDirectory}/${pair.base}`;
  if (!existsSync(`${path}.crt`)) return succeed(`MISSING! certificate ${LONG_NAMES[pair.name]}\n`);
  const [old] = readCertificates(config.read(`${pair.base}.crt`));
  if (!old) return fail(`no certificate in ${path}.crt`);
  write(path, await sign(copyOf(old), pair, config, call), call);
  return succeed(`certificate ${LONG_NAMES[pair.name]} renewed\n`);
}

async function create(pair: PairEntry, config: KubeadmConfig, call: ProgramCall): Promise<ProgramResult> {
  const path = `${config.certificatesDirectory}/${pair.base}`;
  if (existsSync(`${path}.crt`) || existsSync(`${path}.key`)) {
    return succeed(`[certs] Using existing ${pair.base} certificate and key on disk\n`);
  }
  const identity = pairIdentity(pair, config, currentVersion(call));
  write(path, await sign(identity, pair, config, call), call);
  const { dnsNames = [], ipAddresses = [] } = identity;
  const signedFor = `[certs] ${pair.base} serving cert is signed for DNS names [${dnsNames.join(' ')}] and IPs [${ipAddresses.join(' ')}]\n`;
  return succeed(`[certs] Generating "${pair.base}" certificate and key\n${pair.names === 'none' ? '' : signedFor}`);
}

async function kubeconfigUser(config: KubeadmConfig, call: ProgramCall): Promise<ProgramResult> {
  const commonName = option(call.words, '--client-name') ?? '';
  const identity = {
    subject: { commonName, organizations: options(call.words, '--org') },
    extendedKeyUsages: ['clientAuth'],
  };
  const credential = await sign(identity, { authority: 'ca' }, config, call, 'with its CA');
  const server = `https://${config.endpoint}`;
  const entry = { cluster: 'kubernetes', server, authority: config.read('ca.crt'), user: commonName, credential };
  return succeed(`${kubeconfigText(entry)}\n`);
}

async function requests(config: KubeadmConfig, call: ProgramCall): Promise<ProgramResult> {
  const places = {
    certificates: option(call.words, '--cert-dir') ?? config.certificatesDirectory,
    kubeconfigs: option(call.words, '--kubeconfig-dir') ?? `${call.root}/etc/kubernetes`,
  };
  try {
    return succeed(await generateRequests(config, places, currentVersion(call)));
  } catch (error) {
    if (!(error instanceof RequestExists)) throw error;
    return { ...fail(error.message), stdout: `generating keys and CSRs in ${places.certificates}\n` };
  }
}

async function sign(
  identity: Identity | IdentityCopy,
  { authority }: Pick<PairEntry, 'authority'>,
  config: KubeadmConfig,
  { now }: ProgramCall,
  begins: 'now' | 'with its CA' = 'now',
): Promise<Leaf> {
  const { privatePem, publicKey } = await generateKey(config.keyAlgorithm);
  const signer = readAuthority(authority, config);
  const certificate = issueCertificate({
    ...identity,
    publicKey,
    authority: signer,
    notBefore: begins === 'now' ? now.getTime() - BACKDATE_MS : signer.certificate.notBefore,
    notAfter: now.getTime() + config.validityMs,
    serial: randomBytes(8),
  });
  return { certificate, key: privatePem.reveal() };
}

function readAuthority(name: PairEntry['authority'], config: KubeadmConfig): Authority {
  const base = AUTHORITIES.find((authority) => authority.name === name)?.base ?? name;
  const [certificate] = readCertificates(config.read(`${base}.crt`));
  if (!certificate) throw new Error(`no certificate in ${base}.crt`);
  return { certificate, privateKey: readPrivateKey(new Secret(config.read(`${base}.key`))) };
}

/** Overwrites files in place, the key first, like kubeadm. */
function write(path: string, { certificate, key }: Leaf, { umask }: ProgramCall): void {
  writeFileSync(`${path}.key`, key, { mode: 0o600 });
  writeFileSync(`${path}.crt`, certificate, { mode: 0o644 & ~umask });
}

function pairNamed(name: string): PairEntry {
  const pair = PAIRS.find((candidate) => candidate.name === name);
  if (!pair) throw new Error(`the simulated kubeadm makes no '${name}'`);
  return pair;
}
