import { expect, it } from 'vitest';
import type { WorldDescription } from './support/described-world.ts';
import { proofOf } from './support/proof.ts';

/** The host with a certificate of others, to which a flag leads, that has expired. */
function withOthers(name: string, flags: readonly [certificate: string, key: string]): WorldDescription {
  const [certificate, key] = flags;
  return {
    served: { '10.0.0.1:6443': 'cannot ask' },
    leaves: { [name]: { state: 'foreign signer', ends: '-5d' } },
    flags: { 'kube-apiserver': { [certificate]: '/etc/ssl/x.crt', [key]: '/etc/ssl/x.key' } },
    links: {
      [`/etc/kubernetes/pki/${name}.crt`]: '/etc/ssl/x.crt',
      [`/etc/kubernetes/pki/${name}.key`]: '/etc/ssl/x.key',
    },
  };
}

it.each<[name: string, flags: readonly [string, string]]>([
  ['apiserver', ['--tls-cert-file', '--tls-private-key-file']],
  ['front-proxy-client', ['--proxy-client-cert-file', '--proxy-client-key-file']],
  ['apiserver-kubelet-client', ['--kubelet-client-certificate', '--kubelet-client-key']],
])(
  'an expired %s of others is warned of and no failure, for the old certificates would not mend it',
  async (name, flags) => {
    const { warnings = [] } = (await proofOf(withOthers(name, flags))) ?? {};
    expect(warnings).toContainEqual({
      message: expect.stringMatching(
        new RegExp(
          `^${name} is not renewed: expired 2026-11-19; .*ca has not signed it, and its manifest names /etc/ssl/x.crt$`,
        ),
      ),
      remedy: 'get a new one from its issuer, replace the file, and restart what reads it',
    });
  },
);

it('one without which the API server has no etcd fails, and who renews it is told', async () => {
  await expect(
    proofOf(withOthers('apiserver-etcd-client', ['--etcd-certfile', '--etcd-keyfile'])),
  ).rejects.toMatchObject({
    code: 'certificate-expired',
    message: 'apiserver-etcd-client has expired',
    remedy: 'get a new one from its issuer, replace the file, and restart what reads it',
  });
});

it('one of the cluster’s own fails, and a renewal is what helps', async () => {
  await expect(proofOf({ leaves: { apiserver: '-5d', 'front-proxy-client': '-5d' } })).rejects.toMatchObject({
    message: 'apiserver, front-proxy-client have expired',
    remedy: 'renew what has expired: kplay run renew-certs.yml -i INVENTORY',
  });
});

it.each(['other key', 'foreign signer', 'missing'])(
  'what cannot be used fails as well, instead of being waited for: %s',
  async (state) => {
    await expect(proofOf({ leaves: { apiserver: state, 'admin.conf': '-5d' } })).rejects.toMatchObject({
      code: 'certificate-unusable',
      message: 'apiserver, admin.conf cannot be used',
      details: [
        ['apiserver', expect.stringMatching(/belongs to another certificate|is not signed by ca|is missing/)],
        ['admin.conf', 'expired 2026-11-19'],
      ],
      remedy: 'renew what cannot be used: kplay run renew-certs.yml -i INVENTORY',
    });
  },
);

it('what is not valid yet is waited for', async () => {
  await expect(proofOf({ leaves: { apiserver: 'not yet valid' } })).rejects.toThrow('it is not valid yet');
});

it('a key that does not belong to a certificate of others fails, too', async () => {
  const description = withOthers('apiserver', ['--tls-cert-file', '--tls-private-key-file']);
  const links = { ...description.links, '/etc/ssl/x.key': '/etc/kubernetes/pki/etcd/healthcheck-client.key' };
  const leaves = { apiserver: { state: 'foreign signer' }, 'etcd-healthcheck-client': 'other key' } as const;
  await expect(proofOf({ ...description, links, leaves })).rejects.toMatchObject({
    message: 'apiserver, etcd-healthcheck-client cannot be used',
  });
});

it.each([
  ['-1d', 'kubelet-client has expired'],
  ['other key', 'kubelet-client cannot be used'],
])('a worker whose kubelet cannot ask with what is on the disk fails: %s', async (state, message) => {
  const worker = { role: 'worker', node: 'worker-1', node_state: 'no answer' } as const;
  await expect(proofOf({ ...worker, leaves: { 'kubelet-client': state } })).rejects.toMatchObject({ message });
});

it('a master whose kubelet still works with what it has loaded is proven by its node', async () => {
  const master = { served: { '10.0.0.1:6443': 'cannot ask' }, leaves: { 'kubelet-client': '-1d' } };
  await expect(proofOf(master)).resolves.toMatchObject({
    summary: expect.stringContaining('node master-1 Ready'),
  });
});

/** A host whose API server is healthy, and what kubectl says with admin.conf. */
function unanswered(says: string, more: WorldDescription = {}): WorldDescription {
  return { served: { '10.0.0.1:6443': 'cannot ask' }, node_state: 'no answer', api_says: says, ...more };
}

const UNKNOWN_AUTHORITY =
  'Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority';

it.each<[what: string, WorldDescription, code: string, message: string]>([
  [
    'that trusts another cluster',
    unanswered(UNKNOWN_AUTHORITY, { estranged: ['admin.conf'] }),
    'another-ca',
    'the user of admin.conf rejects the API server: the CA in admin.conf (CN=kubernetes) is not that of /etc/kubernetes/pki/ca.crt',
  ],
  ['without a user', unanswered('error: EOF'), 'administrator-unusable', 'it has no current context, or names no user'],
  [
    'that is damaged',
    unanswered('error: error loading config file "/etc/kubernetes/admin.conf": yaml: line 19: …'),
    'administrator-unusable',
    'yaml: line 19',
  ],
])('an admin.conf %s is not waited for where the API server is healthy', async (_what, host, code, message) => {
  await expect(proofOf(host)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  const ill = { ...host, health: { 'kube-apiserver': '500 [-]etcd failed' } };
  await expect(proofOf(ill)).rejects.toThrow('the host to be proven: kube-apiserver answers 500');
});

it('what may be over a moment later is waited for at first: a proxy, and a user who is rejected', async () => {
  const refused = 'The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?';
  for (const host of [
    unanswered(refused, { proxied: ['admin.conf'] }),
    unanswered('error: You must be logged in to the server (Unauthorized)'),
    unanswered(UNKNOWN_AUTHORITY),
  ])
    await expect(proofOf(host)).rejects.toThrow('the host to be proven: the API does not answer');
});

it('the same decides of what the client certificates get for an answer', async () => {
  const host: WorldDescription = { served: { '10.0.0.1:6443': 'cannot ask' } };
  const rejecting = (reason: string) => proofOf(host, { client_answer: { state: 'rejected', reason } });
  await expect(rejecting('error: unable to read certificate-authority /x')).rejects.toMatchObject({
    code: 'administrator-unusable',
    message: 'the API cannot be asked with admin.conf: error: unable to read certificate-authority /x',
    remedy: expect.stringContaining('mv /etc/kubernetes/admin.conf /root/'),
  });
  await expect(rejecting('Unable to connect to the server: EOF')).rejects.toThrow(
    'the API to accept the client certificates: admin.conf: Unable to connect to the server: EOF',
  );
});
