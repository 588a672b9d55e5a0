import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { quoteWord, type ShellScript } from '../../src/core/shell.ts';
import { StepFailure, type WriteContext } from '../../src/core/step.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { type Method, orderLeaves } from '../../src/kubeadm/certificates/leaf-order.ts';
import { answers } from '../../src/kubeadm/certificates/pending-request.ts';
import { orderRequests } from '../../src/kubeadm/certificates/request-order.ts';
import { type ConfigApi, dialectOf } from '../../src/kubeadm/driver/dialect.ts';
import type { KubeadmHost } from '../../src/kubeadm/host/model.ts';
import { patternOf } from '../../src/kubeadm/pattern.ts';
import { organizationsBy } from '../../src/kubeadm/table.ts';
import { parseVersion, type Version } from '../../src/kubeadm/version.ts';
import { issueAuthority } from '../../src/pki/authority.ts';
import { type Certificate, readCertificates } from '../../src/pki/certificate.ts';
import { generateKey, readPrivateKey } from '../../src/pki/private-key.ts';
import { isSignedBy } from '../../src/pki/verify.ts';
import { makeWithKubeadm } from '../../src/steps/certs/kubeadm-maker.ts';
import { makeRequests } from '../../src/steps/certs/request-maker.ts';
import { certificateIn, checkStage, stagingArea } from '../../src/steps/placing/staging.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { ask, ORDINARY, type TestShell } from '../facts/support/shells.ts';
import { Tree } from '../facts/support/trees.ts';
import { manifestsOf } from '../kubeadm/support/manifests.ts';
import { realKubeadms } from './support/real-kubeadms.ts';

vi.setConfig({ testTimeout: 300_000 });

const NODE = 'master-1';
const ADDRESS = '10.0.0.1';
const EXTRA = ['api.example.org', '192.0.2.7'];
const DAY_MS = 86_400_000;
const DEFAULT_DIRECTORY = '/etc/kubernetes/pki';

/** Where kubeadm's way to the internet leads: whoever knocks is counted, and sent away. */
class Outside {
  readonly #server: Server;
  #knocks = 0;

  constructor() {
    this.#server = createServer((socket) => {
      this.#knocks += 1;
      socket.on('error', () => undefined).destroy();
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get #port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  get proxy(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** How often since the last question. Whoever came before is let in before the one who asks. */
  async asked(): Promise<number> {
    const own = connect(this.#port, '127.0.0.1');
    own.on('error', () => undefined).resume();
    await new Promise((resolve) => own.on('close', resolve));
    const count = this.#knocks - 1;
    this.#knocks = 0;
    return count;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

const outside = new Outside();
beforeAll(() => outside.listen());
afterAll(() => outside.close());

/** A context that runs scripts in a scratch root, as a session of the host would. */
function contextIn(root: string, shell: TestShell = ORDINARY): WriteContext {
  const [program, ...parameters] = shell.command;
  const run = async (script: ShellScript, options: { readonly mayFail?: boolean } = {}) => {
    const input = `${prelude(root)}(eval ${quoteWord(script.reveal())}) 2>&3\n`;
    const { stdout, stderr, status } = spawnSync(program, parameters, {
      input,
      encoding: 'utf8',
      env: { PATH: shell.path },
    });
    if (status !== 0 && !options.mayFail) throw new StepFailure('script-failed', `${stdout}${stderr}`);
    return { stdout, stderr, exitCode: status ?? -1 };
  };
  return { host: NODE, run, now: () => new Date(), signal: new AbortController().signal } as unknown as WriteContext;
}

interface Kind {
  readonly directory: string;
  readonly authorities: 'RSA' | 'ECDSA';
  /** Of the leaves; RSA-2048 where it is not said. */
  readonly keys?: 'ECDSA-P256';
}

/** The leaves of a master as this kubeadm itself makes them, in a scratch root. */
async function masterOf(kubeadm: string, version: Version, kind: Kind): Promise<Tree> {
  const { directory, authorities, keys } = kind;
  const tree = Tree.forTest();
  // Unless kplay has stopped that way up itself.
  tree.program('kubeadm', `: "\${HTTPS_PROXY:=${outside.proxy}}"; export HTTPS_PROXY; exec ${kubeadm} "$@"`);
  if (authorities === 'ECDSA') await writeAuthorities(tree, directory);
  const text = `${version.major}.${version.minor}.${version.patch}`;
  tree.write('/config.yaml', configOf(text, version.minor, join(tree.root, directory), keys));
  const phase = (...words: readonly string[]): void => {
    const env = { HTTPS_PROXY: 'http://127.0.0.1:9' };
    const { status, stderr } = spawnSync(kubeadm, ['init', 'phase', ...words], { encoding: 'utf8', env });
    if (status !== 0) throw new Error(stderr);
  };
  const config = ['--config', join(tree.root, 'config.yaml')];
  // 1.13 does not take this flag beside a configuration, and without one asks for the newest version.
  const terms =
    version.minor < 14 ? ['--cert-dir', join(tree.root, directory), '--apiserver-advertise-address', ADDRESS] : config;
  phase('certs', 'all', ...config);
  for (const name of ['admin', 'controller-manager', 'scheduler'])
    phase('kubeconfig', name, '--kubeconfig-dir', join(tree.root, 'etc/kubernetes'), ...terms);
  const manifests = manifestsOf({
    node: NODE,
    address: ADDRESS,
    version: text,
    etcd: 'stacked',
    flags: {},
    certificatesDirectory: directory,
  });
  for (const [component, manifest] of manifests) tree.write(`/etc/kubernetes/manifests/${component}.yaml`, manifest);
  return tree;
}

async function writeAuthorities(tree: Tree, directory: string): Promise<void> {
  for (const [base, commonName] of [
    ['ca', 'kubernetes'],
    ['etcd/ca', 'etcd-ca'],
    ['front-proxy-ca', 'front-proxy-ca'],
  ] as const) {
    const { privatePem } = await generateKey('ECDSA-P256');
    const period = { notBefore: Date.now() - DAY_MS, notAfter: Date.now() + 3_650 * DAY_MS };
    const privateKey = readPrivateKey(privatePem);
    const pem = issueAuthority({ subject: { commonName }, privateKey, ...period, serial: randomBytes(8) });
    tree.write(`${directory}/${base}.crt`, pem).write(`${directory}/${base}.key`, privatePem.reveal(), '0600');
  }
}

/** Written by hand: what kplay itself writes is what is tried. */
function configOf(version: string, minor: number, directory: string, keys?: Kind['keys']): string {
  const api = minor >= 31 ? 'v1beta4' : minor >= 22 ? 'v1beta3' : minor >= 15 ? 'v1beta2' : 'v1beta1';
  return `apiVersion: kubeadm.k8s.io/${api}
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: ${ADDRESS}, bindPort: 6443 }
nodeRegistration: { name: ${NODE} }
---
apiVersion: kubeadm.k8s.io/${api}
kind: ClusterConfiguration
kubernetesVersion: v${version}
certificatesDir: ${directory}
apiServer: { certSANs: [${EXTRA.join(', ')}] }
${keys === undefined ? '' : `encryptionAlgorithm: ${keys}\n`}`;
}

function knownOf(root: string): KubeadmHost {
  return ask(kubernetesFiles, root, ORDINARY);
}

/** Whom a certificate is for and what it may be used for; names as often as they stand in it. */
function identityOf(certificate: Certificate) {
  const { subject, dnsNames, ipAddresses, otherNames, extendedKeyUsages, keyUsages, isAuthority, key } = certificate;
  return {
    subject: subject.text,
    dnsNames: [...dnsNames].sort(),
    ipAddresses: [...ipAddresses].sort(),
    otherNames,
    extendedKeyUsages,
    keyUsages,
    isAuthority,
    key,
  };
}

for (const { version: text, path } of realKubeadms()) {
  const version = parseVersion(text);
  if (!version) continue;
  const dialect = dialectOf(version);

  describe.runIf(path)(`the real kubeadm ${text}`, () => {
    const kinds: readonly (readonly [string, Kind])[] = [
      ['RSA', { directory: DEFAULT_DIRECTORY, authorities: 'RSA' }],
      ['RSA, in another certificatesDir', { directory: '/etc/kubernetes/ssl', authorities: 'RSA' }],
      ...(dialect?.ecdsaAuthorities
        ? [['CAs of ECDSA', { directory: DEFAULT_DIRECTORY, authorities: 'ECDSA' }] as const]
        : []),
      ...(dialect?.keyAlgorithms.includes('ECDSA-P256')
        ? [['leaves of ECDSA', { directory: DEFAULT_DIRECTORY, authorities: 'RSA', keys: 'ECDSA-P256' }] as const]
        : []),
    ];
    test.each(kinds.flatMap(([what, kind]) => (['renew', 'phase'] as const).map((method) => ({ what, kind, method }))))(
      'makes by $method what there was: $what',
      async ({ kind, method }) => {
        const tree = await masterOf(path ?? '', version, kind);
        const host = knownOf(tree.root);
        expect(host.certificatesDirectory).toBe(kind.directory);
        await expectMadeAlike(tree, host, method, version);
      },
    );

    // 1.13 reads two, and the older one is what 1.12 is told in.
    test.runIf(version.minor === 13).each(['v1alpha3', 'v1beta1'] as const)(
      'makes by phase what there was, told in %s',
      async (config) => {
        const tree = await masterOf(path ?? '', version, { directory: DEFAULT_DIRECTORY, authorities: 'RSA' });
        await expectMadeAlike(tree, knownOf(tree.root), 'phase', version, config);
      },
    );

    test('asks nobody outside for a version, which it does when nobody tells it one', async () => {
      const kind = { directory: DEFAULT_DIRECTORY, authorities: 'RSA' } as const;
      const tree = await masterOf(path ?? '', version, kind);
      const host = knownOf(tree.root);
      await outside.asked();
      for (const method of ['renew', 'phase'] as const) await expectMadeAlike(tree, host, method, version);
      expect(await outside.asked()).toBe(0);
      const words = ['init', 'phase', 'certs', 'ca', '--cert-dir', join(tree.root, 'elsewhere')];
      const child = spawn(join(tree.root, 'usr/bin/kubeadm'), words, { stdio: 'ignore' });
      await new Promise((resolve) => child.on('close', resolve));
      expect(await outside.asked()).toBeGreaterThan(0);
    });

    test('gives the groups that plans foresee', async () => {
      const tree = await masterOf(path ?? '', version, { directory: DEFAULT_DIRECTORY, authorities: 'RSA' });
      const credentials = knownOf(tree.root).credentials.filter(({ kind }) => kind !== 'kubelet');
      expect(credentials.map((one) => [one.name, patternOf(one)?.subject.organizations])).toEqual(
        credentials.map(({ name }) => [name, organizationsBy(name, version)]),
      );
    });

    test.runIf(dialect?.generateRequests)('asks for what there is', async () => {
      const tree = await masterOf(path ?? '', version, { directory: DEFAULT_DIRECTORY, authorities: 'RSA' });
      const host = knownOf(tree.root);
      const credentials = host.credentials.filter(({ kind }) => kind !== 'kubelet');
      const kubeadm = { version, problem: undefined };
      const ordered = orderRequests({ host, credentials, keys: 'auto', extraNames: [], nodeName: NODE, kubeadm });
      if ('action' in ordered) throw new Error(ordered.reason);
      const made = await makeRequests(contextIn(tree.root), host, ordered);
      expect(ordered.orders.filter(({ maker }) => maker === 'kubeadm').length).toBeGreaterThan(6);
      for (const { credential, identity } of ordered.orders) {
        const request = made.find(({ name }) => name === credential.name);
        expect([credential.name, request && answers(request, identity)]).toEqual([credential.name, true]);
      }
    });

    test.runIf(!dialect?.ecdsaAuthorities)('is not asked to sign with a key of ECDSA', async () => {
      const tree = Tree.forTest();
      await writeAuthorities(tree, DEFAULT_DIRECTORY);
      tree.write('/config.yaml', configOf(text, version.minor, join(tree.root, DEFAULT_DIRECTORY)));
      const words = ['init', 'phase', 'certs', 'apiserver', '--config', join(tree.root, 'config.yaml')];
      expect(spawnSync(path ?? '', words, { encoding: 'utf8' }).stderr).toContain("isn't in RSA format");
    });

    test('refuses a cluster of more than one minor version before its own', () => {
      const tree = Tree.forTest();
      const words = ['init', 'phase', 'certs', 'ca', '--config', join(tree.root, 'config.yaml')];
      const isAsked = (minor: number) => {
        tree.write('/config.yaml', configOf(`1.${minor}.1`, version.minor, join(tree.root, DEFAULT_DIRECTORY)));
        const { status, stderr } = spawnSync(path ?? '', words, { encoding: 'utf8' });
        return { status, stderr };
      };
      expect(isAsked(version.minor - 1).status).toBe(0);
      const tooOld = isAsked(version.minor - 2);
      expect(tooOld.status).not.toBe(0);
      expect(tooOld.stderr).toMatch(/only supports deploying clusters/);
    });
  });

  test.skipIf(path)(`the real kubeadm ${text}: test/lab/old-kubeadm/build ${text} makes it`, () => undefined);
}

async function expectMadeAlike(
  tree: Tree,
  host: KubeadmHost,
  method: Method,
  version: Version,
  config?: ConfigApi,
): Promise<void> {
  const credentials = host.credentials.filter(({ kind }) => kind !== 'kubelet');
  const kubeadm = { version, problem: undefined };
  const now = new Date();
  const asked = { method, validity: undefined, renewBefore: { all: true }, extraNames: [] } as const;
  const orders = orderLeaves({ host, credentials, ...asked, kubeadm, now });
  if ('action' in orders) throw new Error(orders.reason);
  if (!orders.dialect) throw new Error('no dialect');
  const dialect = { ...orders.dialect, ...(config && { config }) };
  const made = stagingArea(contextIn(tree.root), host);
  await makeWithKubeadm(made, { ...orders, dialect }, undefined);
  await checkStage(made, orders.orders);
  for (const { credential, maker } of orders.orders) {
    const [leaf] = readCertificates(
      readFileSync(join(tree.root, made.directory, certificateIn(credential.name)), 'utf8'),
    );
    const pattern = patternOf(credential);
    const signer = host.authorities.find(({ name }) => name === credential.authority)?.certificate;
    if (!leaf || !pattern || !signer) throw new Error(`${credential.name} is not there`);
    expect([credential.name, maker, identityOf(leaf)]).toEqual([credential.name, maker, identityOf(pattern)]);
    expect(isSignedBy(leaf, signer)).toBe(true);
    expect(leaf.notAfter).toBeGreaterThan(now.getTime() + 364 * DAY_MS);
    expect(maker).toBe(credential.kind === 'pair' ? method : 'user');
  }
}
