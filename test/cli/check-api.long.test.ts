import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OBJECTS_FILE } from '../../src/simulation/components/object-lists.ts';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let site: Site;
let fleet: Fleet;
/** Certificates as objects of the API hold them: the cluster's CA, one of another cluster, and one that ends within a year. */
let own: string;
let other: string;
let short: string;
beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({ masters: 1, workers: 1, stateOf: () => ({ leaves: {} }) });
  const strange = await site.fleet({ masters: 1, clusterName: 'other', network: '10.21.0' });
  const read = (of: Fleet, path: string) => readFileSync(join(of.hosts[0]?.root ?? '', 'etc/kubernetes', path), 'utf8');
  [own, other] = [fleet, strange].map((of) => Buffer.from(read(of, 'pki/ca.crt')).toString('base64')) as [
    string,
    string,
  ];
  short = /client-certificate-data: *(\S+)/.exec(read(fleet, 'admin.conf'))?.[1] ?? '';
});
beforeEach(() => holds({}));
afterAll(() => site.close());

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** What the API holds, in the shapes of its reference (kubernetes.io/docs/reference/kubernetes-api). */
function holds(objects: Readonly<Record<string, readonly object[] | null>>): void {
  writeFileSync(join(fleet.hosts[0]?.root ?? '', OBJECTS_FILE), JSON.stringify(objects));
}

const webhooks = (name: string, ...bundles: readonly (string | undefined)[]) => ({
  metadata: { name },
  webhooks: bundles.map((caBundle, index) => ({ name: `${index}.${name}.example`, clientConfig: { caBundle } })),
});

const SIGNING_REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
/** A request as a kubelet makes it, of which nobody has decided; with what it asks for it is 2 KB long. */
const request = (name: string, signerName = 'kubernetes.io/kubelet-serving', status: object = {}) => ({
  metadata: { name },
  spec: { signerName, request: 'x'.repeat(2_000) },
  status,
});

const check = (...words: readonly string[]) => site.controller.run(['check', '-i', fleet.inventoryFile, ...words]);

async function rowsOf(...words: readonly string[]): Promise<readonly { readonly name: string }[]> {
  const { stdout } = await check('-o', 'json', ...words);
  return JSON.parse(stdout).hosts.flatMap((host: { certificates: readonly { object?: string; name: string }[] }) =>
    host.certificates.filter(({ object }) => object !== undefined),
  );
}

describe('what kplay check asks the API', () => {
  it('are the CAs in webhooks, API services and conversions', async () => {
    holds({
      [`${ADMISSION}/validatingwebhookconfigurations`]: [webhooks('policy', own, own), webhooks('none', undefined)],
      [`${ADMISSION}/mutatingwebhookconfigurations`]: [webhooks('two', own, other)],
      '/apis/apiregistration.k8s.io/v1/apiservices': [
        { metadata: { name: 'v1beta1.metrics.k8s.io' }, spec: { caBundle: other } },
        { metadata: { name: 'v1.apps' }, spec: {} },
      ],
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions': [
        {
          metadata: { name: 'things.example.org' },
          spec: { conversion: { strategy: 'Webhook', webhook: { clientConfig: { caBundle: 'bm9uZQ==' } } } },
        },
        { metadata: { name: 'plain.example.org' }, spec: { conversion: { strategy: 'None' } } },
      ],
    });
    const good = { condition: 'good', severity: 'ok', due: false, served: null, path: null };
    expect(await rowsOf()).toMatchObject([
      { name: 'ValidatingWebhookConfiguration/policy', authority: 'ca', ...good },
      { name: 'MutatingWebhookConfiguration/two (0.two.example)', authority: 'ca', ...good },
      { name: 'MutatingWebhookConfiguration/two (1.two.example)', authority: 'kubernetes', ...good },
      { name: 'APIService/v1beta1.metrics.k8s.io', authority: 'kubernetes', ...good },
      { name: 'CustomResourceDefinition/things.example.org', condition: 'unreadable', severity: 'critical' },
    ]);
  });

  it('stands in every format, and is no work of a renewal', async () => {
    holds({ [`${ADMISSION}/validatingwebhookconfigurations`]: [webhooks('policy', short)] });
    const rule = ['--renew-before', '400d'];
    expect(await rowsOf(...rule)).toMatchObject([
      { condition: 'expiring', due: false, severity: 'warning', reason: expect.stringContaining('does not renew it') },
    ]);
    const name = 'ValidatingWebhookConfiguration/policy';
    for (const format of ['wide', 'yaml', 'csv', 'prom', 'junit', 'sarif'])
      expect((await check('-o', format, ...rule)).stdout, format).toContain(name);
    expect((await check(...rule)).stdout).toMatch(/ValidatingWebhookConfiguration\/policy +\S.* expiring /);
    const html = join(site.controller.directory, 'check.html');
    await check('--report', `html=${html}`, ...rule);
    expect(readFileSync(html, 'utf8')).toContain(name);
  });

  it('is told once of a cluster, by whichever master has asked', async () => {
    const objects = JSON.stringify({ [`${ADMISSION}/validatingwebhookconfigurations`]: [webhooks('policy', own)] });
    const masters = await site.fleet({
      masters: 3,
      clusterName: 'wide',
      network: '10.22.0',
      stateOf: () => ({ leaves: {} }),
    });
    for (const { root } of masters.hosts) writeFileSync(join(root, OBJECTS_FILE), objects);
    // Another cluster, which has an object of that name as well.
    const words = ['-i', masters.inventoryFile, '-i', fleet.inventoryFile];
    holds(JSON.parse(objects));
    const { stdout } = await site.controller.run(['check', ...words, '-o', 'json']);
    const told = JSON.parse(stdout).hosts.flatMap(
      ({ host, certificates }: { host: string; certificates: { object?: string }[] }) =>
        certificates.flatMap(({ object }) => (object === undefined ? [] : [`${host} ${object}`])),
    );
    expect(told).toEqual([
      'wide-m1 ValidatingWebhookConfiguration/policy',
      'demo-m1 ValidatingWebhookConfiguration/policy',
    ]);
  });

  it('has a bundle of several CAs end with the last of them', async () => {
    const both = Buffer.concat([short, own].map((text) => Buffer.from(text, 'base64'))).toString('base64');
    holds({ [`${ADMISSION}/validatingwebhookconfigurations`]: [webhooks('policy', both)] });
    expect(await rowsOf('--renew-before', '400d')).toMatchObject([{ condition: 'good', authority: 'ca' }]);
  });

  it('are requests of kubelets for serving certificates that wait', async () => {
    holds({
      [SIGNING_REQUESTS]: [
        request('csr-waits'),
        request('csr-done', undefined, { conditions: [{ type: 'Approved', status: 'True' }], certificate: 'x' }),
        request('csr-client', 'kubernetes.io/kube-apiserver-client-kubelet'),
      ],
    });
    const { stderr, exitCode } = await check();
    expect(stderr).toContain('1 kubelet request for a serving certificate is waiting to be approved: csr-waits');
    expect(stderr).toContain('kubectl certificate approve csr-waits');
    expect(exitCode).toBe(0);
  });

  it('may be long: thousands of requests, and the same CAs in hundreds of objects', async () => {
    holds({
      [SIGNING_REQUESTS]: Array.from({ length: 2_000 }, (_, index) => request(`csr-${index}`)),
      [`${ADMISSION}/mutatingwebhookconfigurations`]: Array.from({ length: 900 }, (_, index) =>
        webhooks(`hook-${index}`, index === 899 ? other : own),
      ),
    });
    const { stdout, stderr, exitCode } = await check('-o', 'json');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('2000 kubelet requests for serving certificates are waiting');
    const [{ certificates, api_not_asked }] = JSON.parse(stdout).hosts;
    expect(api_not_asked).toBeNull();
    const rows = certificates.filter(({ object }: { object?: string }) => object !== undefined);
    expect(rows).toHaveLength(900);
    expect(rows[898]).toMatchObject({ name: 'MutatingWebhookConfiguration/hook-898', authority: 'ca' });
    expect(rows[899]).toMatchObject({ name: 'MutatingWebhookConfiguration/hook-899', authority: 'kubernetes' });
  });

  it('is told as far as it goes where one list is too long, and the rest of the host all the same', async () => {
    const service = (index: number) => ({
      metadata: { name: `v1.group-${index}.example` },
      spec: { caBundle: Buffer.from(`${index} `.padEnd(3_000, 'no CA ')).toString('base64') },
    });
    holds({
      '/apis/apiregistration.k8s.io/v1/apiservices': Array.from({ length: 400 }, (_, index) => service(index)),
      [SIGNING_REQUESTS]: [request('csr-waits')],
    });
    const { stdout, stderr } = await check('-o', 'json');
    expect(stderr).toContain('1 kubelet request');
    const [{ certificates, api_not_asked }] = JSON.parse(stdout).hosts;
    expect(api_not_asked).toBe('APIService: the answer is longer than 192 KiB');
    const names = certificates.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['apiserver', 'APIService/v1.group-0.example']));
    expect(names).not.toContain('APIService/v1.group-399.example');
    expect((await check()).stdout).toMatch(/API not read on \S+: APIService: the answer is longer than 192 KiB/);
  });

  it('says nothing of a list that an older API does not have', async () => {
    holds({
      [`${ADMISSION}/validatingwebhookconfigurations`]: [webhooks('policy', own)],
      [SIGNING_REQUESTS]: null,
    });
    const { stdout } = await check('-o', 'json');
    const [{ api_not_asked }] = JSON.parse(stdout).hosts;
    expect(api_not_asked).toBeNull();
    expect(await rowsOf()).toMatchObject([{ name: 'ValidatingWebhookConfiguration/policy' }]);
    expect((await check()).stdout).not.toContain('API not read');
  });

  it('is said not to be known where it does not answer', async () => {
    writeFileSync(join(fleet.hosts[0]?.root ?? '', OBJECTS_FILE), '{}');
    const asked = async () => {
      const { stdout } = await check('-o', 'json');
      return JSON.parse(stdout).hosts.map(({ api_not_asked }: { api_not_asked: string | null }) => api_not_asked);
    };
    expect(await asked()).toEqual([null, 'there is no admin.conf on the host']);
    const path = join(fleet.hosts[0]?.root ?? '', 'etc/kubernetes/admin.conf');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/client-certificate-data: .*/, 'token: x').replace(/client-key-data: .*/, ''));
    try {
      expect(await asked()).toEqual([expect.stringMatching(/\S/), 'there is no admin.conf on the host']);
      const { stdout } = await check();
      expect(stdout).toMatch(/API not read on \S+: Error from server \(Forbidden\)/);
      expect(stdout).not.toContain('there is no admin.conf');
    } finally {
      writeFileSync(path, text);
    }
  });
});
