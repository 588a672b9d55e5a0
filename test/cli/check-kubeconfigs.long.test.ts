import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const EXPORTED = '/srv/exported.conf';

let site: Site;
let fleet: Fleet;
let own: string;
let other: string;
beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({ masters: 1, workers: 1, stateOf: () => ({ leaves: {} }) });
  const strange = await site.fleet({ masters: 1, clusterName: 'other', network: '10.21.0' });
  [own = '', other = ''] = [fleet, strange].map(({ hosts: [host] }) =>
    readFileSync(join(host?.root ?? '', 'etc/kubernetes/admin.conf'), 'utf8'),
  );
});
afterAll(() => site.close());

function write(path: string, text: string): void {
  const at = join(fleet.hosts[0]?.root ?? '', path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, text);
}

const check = (words: readonly string[], clock?: () => Date) =>
  site.controller.run(['check', '-i', fleet.inventoryFile, ...words], clock ? { clock } : {});

interface Row {
  readonly name: string;
  readonly ends?: string;
  readonly user?: string | null;
}

async function rowsOf(words: readonly string[], clock?: () => Date): Promise<readonly Row[]> {
  const { stdout } = await check([...words, '-o', 'json'], clock);
  const rows: readonly Row[] = JSON.parse(stdout).hosts.flatMap((host: { certificates: Row[] }) => host.certificates);
  return rows.filter(({ user }) => user !== undefined);
}

const value = (text: string, key: string): string => new RegExp(`${key}: *(\\S+)`).exec(text)?.[1] ?? '';

describe('kplay check --kubeconfig', () => {
  it('shows the certificates of kubeconfigs that are named, on the hosts that have them', async () => {
    write(EXPORTED, own);
    expect(await rowsOf(['--kubeconfig', EXPORTED])).toMatchObject([
      { name: EXPORTED, path: EXPORTED, user: 'kubernetes-admin', condition: 'good', due: false, authority: 'ca' },
    ]);
    const { exitCode, stdout, stderr } = await check(['--kubeconfig', EXPORTED]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^demo-m1 +\/srv\/exported\.conf +\S.* good +- /m);
    expect(stdout.match(/exported/g)).toHaveLength(1);
  });

  it('stands in every format', async () => {
    write(EXPORTED, own);
    for (const format of ['wide', 'yaml', 'csv', 'prom', 'junit'])
      expect((await check(['--kubeconfig', EXPORTED, '-o', format])).stdout, format).toContain(EXPORTED);
    const html = join(site.controller.directory, 'check.html');
    await check(['--kubeconfig', EXPORTED, '--report', `html=${html}`]);
    expect(readFileSync(html, 'utf8')).toContain(EXPORTED);
  });

  it('tells of one whose certificate is not for clients', async () => {
    const server = readFileSync(join(fleet.hosts[0]?.root ?? '', 'etc/kubernetes/pki/apiserver.crt')).toString(
      'base64',
    );
    write(EXPORTED, own.replace(value(own, 'client-certificate-data'), server));
    expect(await rowsOf(['--kubeconfig', EXPORTED])).toMatchObject([
      { condition: 'usage missing', due: false, severity: 'critical', authority: 'ca' },
    ]);
  });

  it('judges them by their time, and never holds them to be due', async () => {
    write(EXPORTED, own);
    const [{ ends = '' } = {}] = await rowsOf(['--kubeconfig', EXPORTED]);
    const days = (number: number) => () => new Date(Date.parse(ends) + number * 86_400_000);
    expect(await rowsOf(['--kubeconfig', EXPORTED], days(-10))).toMatchObject([
      { condition: 'expiring', due: false, severity: 'warning' },
    ]);
    expect(await rowsOf(['--kubeconfig', EXPORTED], days(1))).toMatchObject([
      { condition: 'expired', due: false, severity: 'critical' },
    ]);
    const sarif = await check(['--kubeconfig', EXPORTED, '-o', 'sarif'], days(1));
    expect(sarif.stdout).toContain(EXPORTED);
  });

  it('tells what another CA has signed from what is of another cluster', async () => {
    write('/srv/other.conf', other);
    const data = 'client-certificate-data';
    write('/srv/mixed.conf', own.replace(value(own, data), value(other, data)));
    const rows = await rowsOf(['--kubeconfig', '/srv/other.conf', '--kubeconfig', '/srv/mixed.conf']);
    expect(rows).toMatchObject([
      { name: '/srv/other.conf', condition: 'good', authority: 'kubernetes' },
      { name: '/srv/mixed.conf', condition: 'foreign signer', severity: 'critical' },
    ]);
  });

  it('says which are no kubeconfigs, hold no certificate, or are nowhere', async () => {
    write('/srv/broken.conf', 'a: [');
    write('/srv/token.conf', own.replace(/client-certificate-data: .*/, 'token: x').replace(/client-key-data: .*/, ''));
    expect(await rowsOf(['--kubeconfig', '/srv/broken.conf'])).toMatchObject([{ condition: 'unreadable', user: null }]);
    const token = await check(['--kubeconfig', '/srv/token.conf']);
    expect(token.stderr).toContain('/srv/token.conf contains no user certificate');
    const nowhere = await check(['--kubeconfig', '/srv/nowhere.conf']);
    expect(nowhere.stderr).toBe('warning: no host that was checked has the kubeconfig /srv/nowhere.conf\n');
    expect(nowhere.exitCode).toBe(0);
  });

  it('takes the variable of the inventory as well, and no relative path', async () => {
    write(EXPORTED, own);
    expect(await rowsOf(['-e', JSON.stringify({ kubeconfig_paths: [EXPORTED] })])).toMatchObject([{ name: EXPORTED }]);
    const { exitCode, stderr } = await check(['--kubeconfig', 'exported.conf']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('--kubeconfig exported.conf is not a path on the hosts');
    const twice = await check(['--kubeconfig', EXPORTED, '-e', '{ kubeconfig_paths: [/a] }']);
    expect(twice.stderr).toContain('kubeconfig_paths is given twice');
  });
});
