import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExternalAuthority, type SigningTerms } from '../../cli/support/external-authority.ts';
import { contains, equal, holds, matches } from './expect.ts';
import { diskOf, eventually, isDead, lab, readyNodes, sacredFiles } from './lab.ts';
import { changedNothing, PLAYBOOK, renew, troubleOf } from './revival.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'kind';
const MASTER = `${CLUSTER}-m1`;
const DUE = [
  'apiserver',
  'apiserver-kubelet-client',
  'front-proxy-client',
  'apiserver-etcd-client',
  'etcd-server',
  'etcd-peer',
  'etcd-healthcheck-client',
  'admin.conf',
  'super-admin.conf',
  'controller-manager.conf',
  'scheduler.conf',
  'kubelet-client',
];

const isReady = () => eventually('the node to be Ready', 60, async () => (await readyNodes(MASTER)).length === 1);

async function kplay(...words: string[]): Promise<string> {
  const { code, output } = await lab.kplay([...words, '-i', lab.inventory(CLUSTER)]);
  equal(code, 0, `kplay ${words.join(' ')}\n${output.slice(-4000)}`);
  return output;
}

/** From requests to certificates in use, by the two commands and an openssl between them. */
async function isSignedElsewhere(terms: SigningTerms, ...words: string[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-lab-'));
  const authority = new ExternalAuthority(lab.authorities(CLUSTER));
  try {
    await kplay('certs', 'csr', '--out', directory, ...words);
    authority.signAll(directory);
    authority.signAll(directory, terms, 'ca');
    await kplay('certs', 'install', directory);
    await isReady();
    contains(await kplay('certs', 'install', directory), 'in place', 'the second installation');
  } finally {
    authority.close();
    rmSync(directory, { recursive: true });
  }
}

async function expired(): Promise<void> {
  await lab.expire(CLUSTER, '-end', '-24h');
  await eventually('the API to die', 60, () => isDead(MASTER));
}

const BASE = 'CA keys elsewhere: refused, requested, signed and installed';

/** Clusters whose certificates somebody else signs. */
export const externalCa: readonly Scenario[] = [
  {
    name: BASE,
    cluster: CLUSTER,
    ci: true,
    async run({ version }) {
      await lab.up(CLUSTER, ['--kube', version, '--external-ca']);
      await expired();
      const [sacred, disk] = [await sacredFiles(MASTER), diskOf(CLUSTER, MASTER)];
      holds(!sacred.includes('ca.key'), `the host has a CA key: ${sacred}`);
      const refused = await lab.kplay(['run', PLAYBOOK, '-i', lab.inventory(CLUSTER)]);
      equal(refused.code, 3, `kplay run\n${refused.output.slice(-4000)}`);
      matches(
        refused.output,
        new RegExp(`: ${DUE.length} certificates that are due cannot be signed here`),
        'kplay run',
      );
      for (const name of DUE) matches(refused.output, new RegExp(`${name} +expired \\d{4}-`), 'kplay run');
      equal(diskOf(CLUSTER, MASTER), disk, 'the disk after the refusal');
      await isSignedElsewhere({});
      equal(await sacredFiles(MASTER), sacred, 'CA and service account files');
      const again = await renew(CLUSTER);
      changedNothing(again, 1, 'kplay run afterwards');
    },
  },
  {
    name: 'CA keys elsewhere: signed by an intermediate CA',
    cluster: CLUSTER,
    ci: false,
    needs: BASE,
    async run() {
      await expired();
      await isSignedElsewhere({ through: 'intermediate' });
      const chain = await lab.inside(MASTER, 'grep -c BEGIN /etc/kubernetes/pki/apiserver.crt');
      equal(chain.trim(), '2', 'certificates in apiserver.crt');
      changedNothing(await renew(CLUSTER), 1, 'a run afterwards');
    },
  },
  {
    name: 'etcd elsewhere: the masters’ own renewed, the client pair signed by its CA',
    cluster: CLUSTER,
    ci: false,
    async run({ version }) {
      await lab.up(CLUSTER, ['--kube', version, '--external-etcd']);
      const client = 'apiserver-etcd-client';
      const others = DUE.filter((name) => !name.includes('etcd'));
      await lab.expire(CLUSTER, '-end', '-24h', '-only', others.join(','));
      await eventually('the API to die', 60, () => isDead(MASTER));
      const first = await renew(CLUSTER);
      equal(first.code, 0, `kplay run: ${troubleOf(first)}`);
      await isReady();
      changedNothing(await renew(CLUSTER), 1, 'the second run');
      await lab.expire(CLUSTER, '-end', '-24h', '-only', client);
      await eventually('the API to die', 60, () => isDead(MASTER));
      contains(await kplay('check'), client, 'kplay check');
      await isSignedElsewhere({}, '--etcd-client');
    },
  },
];
