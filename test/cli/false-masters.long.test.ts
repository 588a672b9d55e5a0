import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { certificatePem } from '../../src/pki/certificate.ts';
import type { EmbeddedHost } from '../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { forged, forgedAuthority } from '../simulation/support/forgery.ts';
import { needing } from '../support/programs.ts';
import { ExternalAuthority, filesBelow } from './support/external-authority.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PKI = 'etc/kubernetes/pki';

let site: Site;
let fleet: Fleet;
let authority: ExternalAuthority;
let master: EmbeddedHost;
let worker: EmbeddedHost;
let runs = 0;

beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({
    clusterName: 'ext',
    workers: 1,
    stateOf: () => ({ all: { condition: 'expired' } }),
    workerStateOf: () => ({ all: { condition: 'expired' } }),
  });
  [master, worker] = fleet.hosts as readonly [EmbeddedHost, EmbeddedHost];
  authority = ExternalAuthority.takenFrom([master]);
  // Whoever has taken over the worker puts the files of a master there: none of them is a secret.
  mkdirSync(join(worker.root, 'etc/kubernetes/manifests'), { recursive: true });
  for (const name of readdirSync(join(master.root, 'etc/kubernetes/manifests'))) {
    const text = master.read(`/etc/kubernetes/manifests/${name}`);
    const own = text.replaceAll('10.20.0.11', '10.20.0.101').replaceAll('ext-m1', 'ext-w1');
    writeFileSync(join(worker.root, 'etc/kubernetes/manifests', name), own);
  }
});
afterAll(async () => {
  authority.close();
  await site.close();
});

/** What `kplay certs csr` hands to whoever signs, by host, and what it says. */
async function requested(...words: readonly string[]) {
  runs += 1;
  const directory = join(site.controller.directory, `requests-${runs}`);
  const ended = await site.controller.run(['certs', 'csr', '--out', directory, '-i', fleet.inventoryFile, ...words]);
  const files = existsSync(directory) ? filesBelow(directory) : [];
  const of = (host: EmbeddedHost): readonly string[] => files.filter((file) => file.startsWith(`${host.name}/`));
  return { ...ended, ofMaster: of(master), ofWorker: of(worker) };
}

const UNPROVEN = 'refused: only the host itself says that it is a master';

describe.sequential(
  'a worker with the files of a master gets no request that only a master may make',
  needing('openssl'),
  () => {
    it('without any certificate of a master', async () => {
      const { exitCode, stdout, ofMaster, ofWorker } = await requested();
      expect(stdout).toContain(UNPROVEN);
      expect(stdout).toContain('it has no certificate of a control plane that its CA has signed');
      expect(exitCode).toBe(3);
      expect(ofWorker).toEqual([]);
      expect(ofMaster).toHaveLength(12);
    });

    it('with a certificate that a real master shows to everybody, and with another key', async () => {
      const { key } = await forged({ subject: { commonName: 'kube-apiserver' } });
      copyFileSync(join(master.root, PKI, 'apiserver.crt'), join(worker.root, PKI, 'apiserver.crt'));
      writeFileSync(join(worker.root, PKI, 'apiserver.key'), key);
      const { stdout, ofWorker } = await requested();
      expect(stdout).toContain(UNPROVEN);
      expect(stdout).toContain('it does not have the key of its certificate');
      expect(ofWorker).toEqual([]);
    });

    it('with a certificate by a CA of its own, which stands beside the real one', async () => {
      const own = await forgedAuthority('kubernetes');
      const { certificate, key } = await forged(
        { subject: { commonName: 'kube-apiserver' }, extendedKeyUsages: ['serverAuth'] },
        own,
      );
      const real = readFileSync(join(worker.root, PKI, 'ca.crt'), 'utf8');
      writeFileSync(join(worker.root, PKI, 'ca.crt'), `${certificatePem(own.certificate)}${real}`);
      writeFileSync(join(worker.root, PKI, 'apiserver.crt'), certificate);
      writeFileSync(join(worker.root, PKI, 'apiserver.key'), key);
      const { stdout, ofWorker } = await requested();
      writeFileSync(join(worker.root, PKI, 'ca.crt'), real);
      expect(stdout).toContain(UNPROVEN);
      expect(stdout).toContain('the ca of ext-m1 has not signed its apiserver');
      expect(ofWorker).toEqual([]);
    });

    it('unless it is alone, which whoever signs is told, with the digest of its CA', async () => {
      const own = await forgedAuthority('kubernetes');
      const { certificate, key } = await forged(
        { subject: { commonName: 'kube-apiserver' }, extendedKeyUsages: ['serverAuth'] },
        own,
      );
      const real = readFileSync(join(worker.root, PKI, 'ca.crt'), 'utf8');
      writeFileSync(join(worker.root, PKI, 'ca.crt'), certificatePem(own.certificate));
      writeFileSync(join(worker.root, PKI, 'apiserver.crt'), certificate);
      writeFileSync(join(worker.root, PKI, 'apiserver.key'), key);
      const alone = await requested('-l', 'ext-w1');
      const together = await requested();
      writeFileSync(join(worker.root, PKI, 'ca.crt'), real);
      const digest = own.certificate.fingerprint
        .slice(-8)
        .toUpperCase()
        .replace(/..(?!$)/g, '$&:');
      expect(alone.stdout).toContain('only ext-w1 itself shows that CN=kubernetes is the CA of its cluster');
      expect(alone.stdout).toContain(digest);
      expect(together.ofWorker).toEqual([]);
    });

    it("with its own kubelet's certificate and key, which the CA has signed, under the name of a master's", async () => {
      const own = readFileSync(join(worker.root, 'var/lib/kubelet/pki/kubelet-client-current.pem'), 'utf8');
      const [certificate = '', key = ''] = own.split(/(?=-----BEGIN)/);
      for (const name of ['apiserver', 'apiserver-kubelet-client', 'etcd/server', 'etcd/peer']) {
        mkdirSync(join(worker.root, PKI, 'etcd'), { recursive: true });
        writeFileSync(join(worker.root, PKI, `${name}.crt`), certificate);
        writeFileSync(join(worker.root, PKI, `${name}.key`), key);
      }
      // Its own CA is the one that has signed it, whatever it is called there.
      copyFileSync(join(worker.root, PKI, 'ca.crt'), join(worker.root, PKI, 'etcd/ca.crt'));
      for (const words of [[], ['-l', 'ext-w1']]) {
        const { stdout, ofWorker } = await requested(...words);
        expect(stdout).toContain(UNPROVEN);
        expect(ofWorker).toEqual([]);
      }
    });

    it('and a master that has no key left is one when the inventory says so', async () => {
      const { stdout, ofWorker } = await requested('-l', 'ext-w1', '-e', 'node_role=master');
      expect(stdout).not.toContain(UNPROVEN);
      expect(ofWorker).toContain('ext-w1/admin.conf.csr');
    });
  },
);
