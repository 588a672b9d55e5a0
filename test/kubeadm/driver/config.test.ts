import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type ConfigOptions, renderConfig } from '../../../src/kubeadm/driver/config.ts';
import { type Dialect, dialectOf } from '../../../src/kubeadm/driver/dialect.ts';
import { BARE_SETTINGS, EXTERNAL_ETCD, FULL_SETTINGS } from '../support/settings.ts';

const OPTIONS: ConfigOptions = {
  certificatesDirectory: '/etc/kubernetes/pki',
  validityHours: 17_520,
  keyAlgorithm: 'ECDSA-P256',
};
const DEFAULTS: ConfigOptions = { ...OPTIONS, validityHours: undefined, keyAlgorithm: undefined };

const VERSIONS = [
  ['v1alpha1', 10],
  ['v1alpha2', 11],
  ['v1alpha3', 12],
  ['v1beta1', 14],
  ['v1beta2', 21],
  ['v1beta3', 30],
  ['v1beta4', 33],
] as const;

const NETWORKING = { serviceSubnet: true, podSubnet: true, dnsDomain: true };
const REGISTRATION = { name: true, criSocket: true };
const LOCAL_ETCD = { dataDir: true, serverCertSANs: true, peerCertSANs: true };
const EXTERNAL = { endpoints: true, caFile: true, certFile: true, keyFile: true };
const ENDPOINT = { advertiseAddress: true, bindPort: true };
const TYPE = { apiVersion: true, kind: true };

/** The fields that kplay has a use for, by kind, as types.go of each API version has them; kubeadm ignores any other. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  v1alpha1: {
    MasterConfiguration: {
      ...TYPE,
      kubernetesVersion: true,
      api: { ...ENDPOINT, controlPlaneEndpoint: true },
      nodeName: true,
      networking: NETWORKING,
      certificatesDir: true,
      apiServerCertSANs: true,
      imageRepository: true,
      etcd: { ...LOCAL_ETCD, ...EXTERNAL },
    },
  },
  v1alpha2: {
    MasterConfiguration: {
      ...TYPE,
      kubernetesVersion: true,
      api: { ...ENDPOINT, controlPlaneEndpoint: true },
      nodeRegistration: REGISTRATION,
      networking: NETWORKING,
      certificatesDir: true,
      apiServerCertSANs: true,
      imageRepository: true,
      clusterName: true,
      etcd: { local: LOCAL_ETCD, external: EXTERNAL },
    },
  },
  v1alpha3: {
    InitConfiguration: { ...TYPE, apiEndpoint: ENDPOINT, nodeRegistration: REGISTRATION },
    ClusterConfiguration: clusterFields({ apiServerCertSANs: true }),
  },
  v1beta1: betaFields({}),
  v1beta2: betaFields({}),
  v1beta3: betaFields({}),
  v1beta4: betaFields({ encryptionAlgorithm: true, certificateValidityPeriod: true }),
};

describe.each(VERSIONS)('a configuration in %s', (api, minor) => {
  const dialect = dialectFor(minor);

  test('says everything that is known of the cluster', async () => {
    await expect(renderConfig(FULL_SETTINGS, dialect, OPTIONS)).toMatchFileSnapshot(`golden/config-${api}.yaml`);
  });

  test('tells kubeadm where another’s etcd is', () => {
    const text = renderConfig({ ...FULL_SETTINGS, externalEtcd: EXTERNAL_ETCD }, dialect, DEFAULTS);
    const etcd = fieldOf(text, 'etcd') as Fields;
    expect(api === 'v1alpha1' ? etcd : etcd['external']).toMatchObject(EXTERNAL_ETCD);
    expect(etcd).not.toHaveProperty('local');
  });

  test.each([
    ['everything', FULL_SETTINGS, OPTIONS],
    ['little', BARE_SETTINGS, DEFAULTS],
    ['an external etcd', { ...FULL_SETTINGS, externalEtcd: EXTERNAL_ETCD }, OPTIONS],
  ] as const)('has no field that this version does not know: with %s', (_what, settings, options) => {
    const text = renderConfig(settings, dialect, options);
    for (const document of documentsOf(text)) {
      expect(document['apiVersion']).toBe(`kubeadm.k8s.io/${api}`);
      const known = FIELDS[api]?.[String(document['kind'])];
      expect(known).toBeDefined();
      expect(unknownFields(document, known ?? {}, '')).toEqual([]);
    }
    expect(documentsOf(text).map(({ kind }) => kind)).toEqual(Object.keys(FIELDS[api] ?? {}));
  });

  test('leaves out what is not known, instead of writing null', () => {
    expect(renderConfig(BARE_SETTINGS, dialect, DEFAULTS)).not.toMatch(/null|undefined|\[\]|: *$(?!\n[ -])/m);
  });

  test('always names the version: kubeadm would ask the internet for it', () => {
    expect(fieldOf(renderConfig(BARE_SETTINGS, dialect, DEFAULTS), 'kubernetesVersion')).toBe('v1.33.13');
  });
});

describe('the length and the algorithm of new certificates', () => {
  test.each([
    [31, 'ECDSA-P256', { encryptionAlgorithm: 'ECDSA-P256', certificateValidityPeriod: '17520h0m0s' }],
    [33, 'ECDSA-P384', { certificateValidityPeriod: '17520h0m0s' }],
    [34, 'ECDSA-P384', { encryptionAlgorithm: 'ECDSA-P384', certificateValidityPeriod: '17520h0m0s' }],
    [34, 'RSA-1024', { certificateValidityPeriod: '17520h0m0s' }],
    [30, 'RSA-2048', {}],
  ])('1.%i is told of %s only where it can make it', (minor, keyAlgorithm, said) => {
    const text = renderConfig(FULL_SETTINGS, dialectFor(minor), { ...OPTIONS, keyAlgorithm });
    const { encryptionAlgorithm, certificateValidityPeriod } = documentsOf(text).at(-1) ?? {};
    expect({
      ...(encryptionAlgorithm !== undefined && { encryptionAlgorithm }),
      ...(certificateValidityPeriod !== undefined && { certificateValidityPeriod }),
    }).toEqual(said);
  });

  test('are left out when nothing is wanted', () => {
    expect(renderConfig(FULL_SETTINGS, dialectFor(34), DEFAULTS)).not.toMatch(/encryptionAlgorithm|ValidityPeriod/);
  });
});

test('words that YAML would take for something else are written so that they stay words', () => {
  const odd = { ...FULL_SETTINGS, nodeName: '1e3', clusterName: '2.0', apiServerNames: ['0x10', 'null', '10.1'] };
  const [init, cluster] = documentsOf(renderConfig(odd, dialectFor(33), DEFAULTS));
  expect(init).toMatchObject({ nodeRegistration: { name: '1e3' } });
  expect(cluster).toMatchObject({ clusterName: '2.0', apiServer: { certSANs: ['0x10', 'null', '10.1'] } });
});

function dialectFor(minor: number): Dialect {
  const dialect = dialectOf({ major: 1, minor, patch: 0 });
  if (!dialect) throw new Error(`no dialect for 1.${minor}`);
  return dialect;
}

type Fields = Readonly<Record<string, unknown>>;

/** Read with YAML 1.1, as Go's reader of kubeadm does. */
function documentsOf(text: string): readonly Fields[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Fields;
  });
}

function fieldOf(text: string, name: string): unknown {
  return documentsOf(text).find((document) => name in document)?.[name];
}

function unknownFields(value: unknown, known: object | true, path: string): readonly string[] {
  if (known === true || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const field = (known as Readonly<Record<string, object | true>>)[key];
    return field === undefined ? [`${path}${key}`] : unknownFields(inner, field, `${path}${key}.`);
  });
}

function clusterFields(more: object): object {
  return {
    ...TYPE,
    kubernetesVersion: true,
    clusterName: true,
    imageRepository: true,
    controlPlaneEndpoint: true,
    certificatesDir: true,
    networking: NETWORKING,
    etcd: { local: LOCAL_ETCD, external: EXTERNAL },
    ...more,
  };
}

function betaFields(more: object): Readonly<Record<string, object>> {
  return {
    InitConfiguration: { ...TYPE, localAPIEndpoint: ENDPOINT, nodeRegistration: REGISTRATION },
    ClusterConfiguration: clusterFields({ apiServer: { certSANs: true }, ...more }),
  };
}
