import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { RENEW, Site } from './support/site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const CONFS = ['admin.conf', 'super-admin.conf', 'controller-manager.conf', 'scheduler.conf', 'kubelet.conf'];

let site: Site;
let fleet: Fleet;
/** admin.conf as kubeadm has written it, and the CA of another cluster. */
let admin: string;
let other: string;
beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({ masters: 2, workers: 1, stateOf: () => ({ leaves: {} }) });
  const strange = await site.fleet({ masters: 1, clusterName: 'other', network: '10.21.0' });
  admin = readFileSync(path(), 'utf8');
  other = readFileSync(join(strange.hosts[0]?.root ?? '', 'etc/kubernetes/pki/ca.crt')).toString('base64');
});
beforeEach(() => site.write(path(), admin));
afterAll(() => site.close());

const path = () => join(fleet.hosts[0]?.root ?? '', 'etc/kubernetes/admin.conf');
const check = (...words: readonly string[]) => site.controller.run(['check', '-i', fleet.inventoryFile, ...words]);
const trusting = (line: string) => admin.replace(/certificate-authority-data: .*/, line);

interface Row {
  readonly name: string;
  readonly condition: string;
  readonly fingerprint: string;
}

async function hostsOf(): Promise<readonly { readonly kubeconfig_authorities: readonly Row[]; authorities: Row[] }[]> {
  return JSON.parse((await check('-o', 'json')).stdout).hosts;
}

describe('the CAs in kubeconfigs', () => {
  it('stand in what programs read, and in the table as the CAs that they are', async () => {
    const hosts = await hostsOf();
    const [master, , worker] = hosts;
    expect(master?.kubeconfig_authorities).toMatchObject(
      [...CONFS.map((name) => `/etc/kubernetes/${name}`), '/root/.kube/config'].map((at) => ({
        name: `CA in ${at.replace('/etc/kubernetes/', '')}`,
        path: at,
        condition: 'good',
        severity: 'ok',
        authority: 'ca',
        fingerprint: master?.authorities.find((row) => row.name === 'ca')?.fingerprint,
      })),
    );
    expect(worker?.kubeconfig_authorities).toMatchObject([{ name: 'CA in kubelet.conf', condition: 'good' }]);
    for (const format of ['csv', 'prom'])
      expect((await check('-o', format)).stdout.match(/CA in kubelet\.conf/g)?.length, format).toBeGreaterThan(2);
    for (const format of ['table', 'junit', 'sarif'])
      expect((await check('-o', format)).stdout, format).not.toContain('CA in');
  });

  it('are a finding in every format where the cluster’s is not among them', async () => {
    site.write(path(), trusting(`certificate-authority-data: ${other}`));
    const { stdout, stderr, exitCode } = await check('--exit-code');
    expect(stdout).toMatch(/^demo-m1 +CA in admin\.conf +\S.* another CA +- /m);
    expect(stdout).toContain('1 another CA');
    expect(stderr).toContain('CA in admin.conf (CN=kubernetes) is not the CA of this cluster');
    expect(stderr).toContain(
      'kubectl config set-cluster kubernetes --kubeconfig /etc/kubernetes/admin.conf --certificate-authority /etc/kubernetes/pki/ca.crt --embed-certs',
    );
    expect(exitCode).toBe(2);
    for (const format of ['wide', 'yaml', 'csv', 'prom', 'junit', 'sarif'])
      expect((await check('-o', format)).stdout, format).toMatch(/another CA|is not the CA of its cluster/);
  });

  it('keep a renewal from beginning where its proof would never come', async () => {
    site.write(path(), trusting(`certificate-authority-data: ${other}`));
    const words = ['-i', fleet.inventoryFile, '-l', 'demo-m1', '-e', 'renew_before=all', '-o', 'plain'];
    const { stdout, exitCode } = await site.controller.run(['run', RENEW, ...words]);
    expect(stdout).toContain('the proof would fail: the user of admin.conf rejects the API server');
    expect(stdout).toMatch(/^demo-m1 : ok=0 +changed=0 .*refused=1$/m);
    expect(exitCode).toBe(3);
  });

  it('may be kept in a file', async () => {
    site.write(path(), trusting('certificate-authority: pki/ca.crt'));
    expect((await hostsOf())[0]?.kubeconfig_authorities[0]).toMatchObject({
      name: 'CA in admin.conf',
      authority: 'ca',
    });
    site.write(path(), trusting('insecure-skip-tls-verify: true'));
    expect((await hostsOf())[0]?.kubeconfig_authorities.map(({ name }) => name)).not.toContain('CA in admin.conf');
    site.write(path(), trusting('certificate-authority-data: bm9uZQ=='));
    expect((await hostsOf())[0]?.kubeconfig_authorities[0]).toMatchObject({ condition: 'unreadable' });
  });

  it('come without any key', () => {
    expect(site.leaks()).toEqual([]);
  });
});
