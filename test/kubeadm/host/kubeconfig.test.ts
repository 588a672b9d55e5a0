import { beforeAll, describe, expect, test } from 'vitest';
import { holdingOf, type ReadKubeconfig, readKubeconfig } from '../../../src/kubeadm/host/kubeconfig.ts';
import { fc } from '../../support/random-cases.ts';
import { DAY, first, NOW, newAuthority, newLeaf, RSA_KEY, type TestAuthority } from '../support/keys.ts';
import { base64, HIDDEN, kubeconfigText } from '../support/kubeconfig-text.ts';

let ca: TestAuthority;
let other: TestAuthority;
let admin: string;
let colleague: string;

beforeAll(() => {
  ca = newAuthority('ca', NOW.getTime() + 3_000 * DAY);
  other = newAuthority('stranger', NOW.getTime() + 3_000 * DAY);
  admin = leaf(ca, 'kubernetes-admin');
  colleague = leaf(other, 'colleague');
});

describe('a kubeconfig as kubeadm writes it', () => {
  test('says who is who', () => {
    const { shape, holding, users } = read(
      kubeconfigText({
        server: 'https://10.0.0.1:6443',
        authority: ca.pem,
        users: [{ name: 'kubernetes-admin', certificate: admin }],
      }),
    );
    expect(shape).toEqual({
      user: 'kubernetes-admin',
      cluster: 'kubernetes',
      server: 'https://10.0.0.1:6443',
      serverName: '10.0.0.1',
      method: 'embedded',
      contexts: ['kubernetes-admin@kubernetes'],
      lines: { certificate: 18, key: 19 },
    });
    expect(holding).toMatchObject({
      state: 'present',
      certificate: { fingerprint: first(admin).fingerprint },
      chain: [],
    });
    expect(users).toEqual([
      {
        name: 'kubernetes-admin',
        holding,
        authorities: [ca.certificate],
        lines: { certificate: 18, key: 19 },
      },
    ]);
  });

  test.each([
    ['https://[FD00:0::1]:6443', '', 'fd00::1'],
    ['https://api.example.com:6443', '', 'api.example.com'],
    ['https://10.0.0.1:6443', 'tls-server-name: api.example.com', 'api.example.com'],
    ['https://10.0.0.1:6443', 'insecure-skip-tls-verify: true', undefined],
    ['of no use', '', undefined],
  ])('at %s %s asks for the certificate of %s', (server, more, serverName) => {
    const text = `apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts:\n- { name: c, context: { cluster: k, user: u } }\nclusters:\n- name: k\n  cluster:\n    server: ${server}\n    ${more}\n`;
    expect(read(text).shape).toMatchObject({ server, ...(serverName !== undefined && { serverName }) });
    expect(read(text).shape.isProxied).toBeUndefined();
    expect(read(text.replace('    server:', `    proxy-url: ${HIDDEN}\n$&`)).shape).toMatchObject({
      server,
      isProxied: true,
    });
    expect(read(text).shape.serverName).toBe(serverName);
  });

  test('may hold a chain', () => {
    const { holding } = read(
      config(userBlock('u', `client-certificate-data: ${base64(admin + ca.pem)}`, `client-key-data: ${HIDDEN}`)),
    );
    expect(holding).toMatchObject({ state: 'present', chain: [{ fingerprint: ca.certificate.fingerprint }] });
  });
});

describe('the CAs of a kubeconfig are those that client-go loads', () => {
  const damaged = () => ca.pem.replace(/\n.{30}/, '\n');
  const of = (data: string) => {
    const users = [{ name: 'kubernetes-admin', certificate: admin }];
    const text = kubeconfigText({ server: 'https://10.0.0.1:6443', authority: ca.pem, users });
    const { clusters, shape } = read(text.replace(/(certificate-authority-data:).*/, `$1 ${data}`));
    const [authorities] = clusters.map((cluster) => cluster.authorities);
    return [
      authorities?.state === 'present' ? 1 + authorities.chain.length : authorities?.state,
      ...(shape.isWithoutAuthority ? ['none'] : []),
    ];
  };

  // As kubectl 1.33 says of each.
  test.each<[what: string, data: () => string, expected: readonly unknown[]]>([
    ['one', () => base64(ca.pem), [1]],
    ['two', () => base64(ca.pem + other.pem), [2]],
    ['one behind another that is damaged', () => base64(damaged() + ca.pem), [1]],
    ['one before another that is damaged', () => base64(ca.pem + damaged()), [1]],
    ['one behind another that is cut off', () => base64(`${ca.pem.slice(0, 400)}\n${ca.pem}`), [1]],
    ['one before another that is cut off', () => base64(ca.pem + ca.pem.slice(0, 400)), [1]],
    ['a damaged one alone', () => base64(damaged()), ['unreadable']],
    ['one that is cut off', () => base64(ca.pem.slice(0, -40)), ['unreadable']],
    ['another kind of block', () => base64(ca.pem.replaceAll('CERTIFICATE', 'PUBLIC KEY')), ['unreadable']],
    ['no base64', () => base64(ca.pem).slice(0, 401), ['unreadable']],
    ['no data', () => '', ['absent', 'none']],
    ['data that have stayed on the host', () => HIDDEN, ['absent']],
  ])('%s', (_what, data, expected) => {
    expect(of(data())).toEqual(expected);
  });
});

describe('a kubeconfig of several users and clusters', () => {
  const text = () => `apiVersion: v1
kind: Config
current-context: second
clusters:
- name: one
  cluster: {server: https://one:6443, certificate-authority-data: ${base64(ca.pem)}}
- name: two
  cluster:
    certificate-authority-data: ${base64(other.pem)}
    server: https://two:6443
- name: three
  cluster: {server: https://three:6443, insecure-skip-tls-verify: true}
contexts:
- name: first
  context: {cluster: one, user: kubernetes-admin}
- name: second
  context: {cluster: two, user: colleague}
- name: third
  context: {cluster: three, user: kubernetes-admin}
users:
- user:
    client-key-data: ${HIDDEN}
    client-certificate-data: ${base64(admin)}
  name: kubernetes-admin
- name: colleague
  user:
    client-certificate-data: ${base64(colleague)}
    client-key-data: ${HIDDEN}
- name: robot
  user:
    token: ${HIDDEN}
`;

  test('is about the user of its current context', () => {
    const { shape, holding } = read(text());
    expect(shape).toMatchObject({
      user: 'colleague',
      cluster: 'two',
      server: 'https://two:6443',
      contexts: ['first', 'second', 'third'],
      lines: { certificate: 27, key: 28 },
    });
    expect(holding).toMatchObject({ certificate: { subject: { commonName: 'colleague' } } });
  });

  test('is about the first context when the current one is not among them', () => {
    expect(read(text().replace('current-context: second', 'current-context: gone')).shape.user).toBe(
      'kubernetes-admin',
    );
    expect(read(text().replace('current-context: second\n', '')).shape.user).toBe('kubernetes-admin');
  });

  test('names every user with a certificate, the CAs of its clusters, and its lines in whatever order', () => {
    expect(read(text()).users.map(({ name, authorities, lines }) => ({ name, authorities, lines }))).toEqual([
      {
        name: 'kubernetes-admin',
        authorities: [ca.certificate],
        lines: { certificate: 23, key: 22 },
      },
      {
        name: 'colleague',
        authorities: [other.certificate],
        lines: { certificate: 27, key: 28 },
      },
    ]);
  });
});

describe('how the user proves who it is', () => {
  test.each<[what: string, user: readonly string[], shape: object]>([
    [
      'files',
      ['client-certificate: /var/lib/kubelet/pki/current.pem', 'client-key: /var/lib/kubelet/pki/current.pem'],
      { method: 'files', certificateFile: '/var/lib/kubelet/pki/current.pem', lines: { certificate: 7, key: 8 } },
    ],
    ['a token', [`token: ${HIDDEN}`], { method: 'other' }],
    ['a command', ['exec:', '  command: aws', '  args: [eks]'], { method: 'other' }],
    ['a name and a password', ['username: x', `password: ${HIDDEN}`], { method: 'other' }],
    ['nothing', ['{}'], { method: 'other' }],
  ])('%s', (_what, user, shape) => {
    const found = read(config(userBlock('u', ...user)));
    expect(found.shape).toMatchObject({ user: 'u', ...shape });
    expect(found.holding).toEqual({ state: 'absent' });
    expect(found.users).toEqual([]);
  });

  test('embedded data win over files, as in client-go', () => {
    const found = read(
      config(
        userBlock(
          'u',
          `client-certificate-data: ${base64(admin)}`,
          'client-certificate: /x.crt',
          `client-key-data: ${HIDDEN}`,
        ),
      ),
    );
    expect(found.shape.method).toBe('embedded');
    expect(found.shape).not.toHaveProperty('certificateFile');
  });

  test.each<[where: string, isAbove: boolean, lines: object]>([
    ['above', true, { certificate: 8, key: 10 }],
    ['below', false, { certificate: 7, key: 9 }],
  ])('and their lines are those that are replaced, also with files %s them', (_where, isAbove, lines) => {
    const both = (file: string, data: string) => (isAbove ? [file, data] : [data, file]);
    const { shape, users } = read(
      config(
        userBlock(
          'u',
          ...both('client-certificate: /old.crt', `client-certificate-data: ${base64(admin)}`),
          ...both('client-key: /old.key', `client-key-data: ${HIDDEN}`),
        ),
      ),
    );
    expect(shape.lines).toEqual(lines);
    expect(users[0]?.lines).toEqual(lines);
    expect(shape).not.toHaveProperty('keyFile');
  });
});

describe('certificate and key can be replaced where they stand', () => {
  test.each<[what: string, user: (certificate: string) => readonly string[], replaceable: boolean]>([
    ['on lines of their own', (data) => [`client-certificate-data: ${data}`, `client-key-data: ${HIDDEN}`], true],
    ['in quotes', (data) => [`client-certificate-data: "${data}"`, `client-key-data: ${HIDDEN}`], true],
    ['on one line', (data) => [`{client-certificate-data: ${data}, client-key-data: ${HIDDEN}}`], false],
    [
      'folded over several lines',
      (data) => ['client-certificate-data: >-', `  ${data}`, `client-key-data: ${HIDDEN}`],
      false,
    ],
    ['without a key', (data) => [`client-certificate-data: ${data}`], false],
    [
      'with a comment behind',
      (data) => [`client-certificate-data: ${data} # mine`, `client-key-data: ${HIDDEN}`],
      false,
    ],
  ])('%s: %s', (_what, user, replaceable) => {
    const { shape, users } = read(config(userBlock('u', ...user(base64(admin)))));
    expect(shape.method).toBe('embedded');
    expect(shape.lines).toEqual(replaceable ? { certificate: 7, key: 8 } : undefined);
    expect(users[0]?.lines).toEqual(shape.lines);
  });

  test('also where the list begins', () => {
    const text = `contexts: [{name: c, context: {user: u}}]\nusers:\n- user:\n    client-certificate-data: ${base64(admin)}\n    client-key-data: ${HIDDEN}\n  name: u\n`;
    expect(read(text).shape.lines).toEqual({ certificate: 4, key: 5 });
  });

  test('not in JSON', () => {
    const json = JSON.stringify({
      contexts: [{ name: 'c', context: { user: 'u' } }],
      users: [{ name: 'u', user: { 'client-certificate-data': base64(admin), 'client-key-data': HIDDEN } }],
    });
    const { shape } = read(json);
    expect(shape.method).toBe('embedded');
    expect(shape.lines).toBeUndefined();
  });
});

describe('what is damaged', () => {
  test.each(['', 'word', '[]', 'a: 1\na: 2\n', '{', '\t', 'null'])('%j is no kubeconfig', (text) => {
    expect(readKubeconfig(text)).toEqual({ unreadable: 'it is no kubeconfig in the form that kubeadm writes' });
  });

  test.each<[what: string, data: string]>([
    ['no base64', '%%%'],
    ['no PEM', base64('x')],
    ['no certificate', base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')],
  ])('%s is a certificate that cannot be read', (_what, data) => {
    const { holding, shape } = read(
      config(userBlock('u', `client-certificate-data: "${data}"`, `client-key-data: ${HIDDEN}`)),
    );
    expect(holding).toMatchObject({ state: 'unreadable', reason: expect.any(String) });
    expect(shape.method).toBe('embedded');
  });

  test.each<[what: string, damaged: (data: string) => string]>([
    ['without its end', (data) => data.slice(0, -3)],
    ['with another character in it', (data) => `${data.slice(0, 40)}!${data.slice(40)}`],
    ['with a space in it', (data) => `${data.slice(0, 40)} ${data.slice(40)}`],
    ['with too much behind it', (data) => `${data}=`],
  ])('data %s are no base64 for client-go, though the certificate is there', (_what, damaged) => {
    const text = config(
      userBlock('u', `client-certificate-data: "${damaged(base64(admin))}"`, `client-key-data: ${HIDDEN}`),
    );
    const cluster = `cluster: {certificate-authority-data: "${damaged(base64(ca.pem))}"}`;
    const { holding, clusters } = read(text.replace('cluster: {}', cluster));
    const fault = { state: 'unreadable', reason: 'its data are not base64: nothing can load the file' };
    expect([holding, clusters[0]?.authorities]).toEqual([fault, fault]);
  });

  test('data on several lines are as good as on one', () => {
    const data = base64(admin).replace(/.{60}/g, '$&\\n');
    const text = config(userBlock('u', `client-certificate-data: "${data}"`, `client-key-data: ${HIDDEN}`));
    expect(read(text).holding.state).toBe('present');
  });

  test('a CA that cannot be read is none', () => {
    const text = config(userBlock('u', `client-certificate-data: "${base64(admin)}"`, `client-key-data: ${HIDDEN}`));
    expect(
      read(text.replace('cluster: {}', 'cluster: {certificate-authority-data: AAAA}')).users.map(
        (user) => user.authorities,
      ),
    ).toEqual([[]]);
  });

  test.each([
    'users: 1',
    'users: [1, null, {}]',
    'users: [{name: 1}]',
    'contexts: {a: 1}',
    'clusters: x',
    'current-context: [a]',
  ])('%s says nothing', (text) => {
    expect(read(`${text}\n`)).toMatchObject({ holding: { state: 'absent' }, users: [] });
  });

  test('any text is read without a crash', () => {
    const piece = fc.constantFrom(
      'users:\n',
      '- name: u\n',
      '  user:\n',
      '    client-certificate-data: ',
      base64('x'),
      'contexts:\n',
      '- context:\n',
      '    user: u\n',
      'current-context: ',
      '{',
      '}',
      '[',
      ': ',
      '\n',
      '  ',
      'u',
      '&a ',
      '*a',
      '"',
    );
    fc.assert(fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => void readKubeconfig(pieces.join(''))));
  });
});

describe('the current context', () => {
  const whole = () =>
    kubeconfigText({ server: 'https://m1:6443', authority: ca.pem, users: [{ name: 'me', certificate: admin }] });
  const without = (line: string) => whole().replace(line, '');

  test.each<[change: string, text: () => string, fault: string | undefined]>([
    ['nothing', whole, undefined],
    ['the current context left out', () => without('current-context: me@kubernetes\n'), 'it has no current-context'],
    [
      'an empty one',
      () => whole().replace('current-context: me@kubernetes', 'current-context: ""'),
      'it has no current-context',
    ],
    [
      'another one',
      () => whole().replace('current-context: me@kubernetes', 'current-context: you'),
      'its current-context is you, which is not among its contexts',
    ],
    ['no user', () => without('    user: me\n'), 'its current-context, me@kubernetes, names no user'],
    [
      'another user',
      () => whole().replace('    user: me\n', '    user: you\n'),
      'its current-context, me@kubernetes, has the user you, which is not in the file',
    ],
    [
      'another cluster',
      () => whole().replace('    cluster: kubernetes\n', '    cluster: other\n'),
      'its current-context, me@kubernetes, has the cluster other, which is not in the file',
    ],
    [
      'a certificate in a file besides the one in it',
      () => whole().replace(`client-key-data: ${HIDDEN}`, '$&\n    client-certificate: /var/lib/kubelet/pki/x.pem'),
      'its user me has both client-certificate-data and client-certificate',
    ],
    [
      'a key in a file besides the one in it',
      () => whole().replace(`client-key-data: ${HIDDEN}`, '$&\n    client-key: /var/lib/kubelet/pki/x.pem'),
      'its user me has both client-key-data and client-key',
    ],
    [
      'a key in a file, and an empty one in it',
      () => whole().replace(`client-key-data: ${HIDDEN}`, 'client-key-data: ""\n    client-key: /x.pem'),
      undefined,
    ],
    [
      'a key in it, and the name of a file that is empty',
      () => whole().replace(`client-key-data: ${HIDDEN}`, '$&\n    client-key: ""'),
      undefined,
    ],
    [
      'a key in a file besides one that may be on the next line',
      () => whole().replace(`client-key-data: ${HIDDEN}`, '$& #\n    client-key: /x.pem'),
      undefined,
    ],
    [
      'a CA in a file besides the one in it',
      () => whole().replace('    server:', '    certificate-authority: /etc/kubernetes/pki/ca.crt\n    server:'),
      'its cluster kubernetes has both certificate-authority-data and certificate-authority',
    ],
    [
      'a CA, and the order not to verify anything with it',
      () => whole().replace('    server:', '    insecure-skip-tls-verify: true\n    server:'),
      'its cluster kubernetes has both certificate-authority-data and insecure-skip-tls-verify',
    ],
    [
      'the order alone',
      () => whole().replace(/certificate-authority-data: .*/, 'insecure-skip-tls-verify: true'),
      undefined,
    ],
    ['no server', () => without('    server: https://m1:6443\n'), 'its cluster kubernetes has no server'],
    [
      'a server that stays on the host',
      () => whole().replace('server: https://m1:6443', `server: ${HIDDEN}`),
      undefined,
    ],
    ['names that stay on the host', () => whole().replace('- name: me\n', `- name: ${HIDDEN}\n`), undefined],
    ['a line that stays on the host', () => `${whole().replace('    user: me\n', '    user: you\n')}#\n`, undefined],
  ])('with %s', (_change, text, fault) => {
    expect(read(text()).shape.contextFault).toBe(fault);
  });
});

test('a key in a file is that of the user unless there is one in the kubeconfig itself', () => {
  const of = (data: string) =>
    read(config(userBlock('u', 'client-certificate: /a.crt', `client-key-data: ${data}`, 'client-key: /a.key'))).shape;
  expect(of(HIDDEN)).not.toHaveProperty('keyFile');
  expect(of('""')).toMatchObject({ certificateFile: '/a.crt', keyFile: '/a.key' });
});

test('a place for a certificate holds one, several, none, or something else', () => {
  expect(holdingOf(admin)).toEqual({ state: 'present', certificate: first(admin), chain: [] });
  expect(holdingOf(`${admin}${ca.pem}`)).toMatchObject({ chain: [{ fingerprint: ca.certificate.fingerprint }] });
  expect(holdingOf('')).toEqual({ state: 'unreadable', reason: 'it is empty' });
  expect(holdingOf('x')).toEqual({ state: 'unreadable', reason: 'there is no PEM certificate in it' });
});

function leaf(authority: TestAuthority, commonName: string): string {
  return newLeaf(authority, {
    subject: { commonName },
    extendedKeyUsages: ['clientAuth'],
    notAfter: NOW.getTime() + 300 * DAY,
    publicKey: RSA_KEY.publicKey,
  });
}

function read(text: string): ReadKubeconfig {
  const found = readKubeconfig(text);
  if ('unreadable' in found) throw new Error(`${found.unreadable}: ${text}`);
  return found;
}

/** A kubeconfig whose user's fields begin on line 7. */
function config(users: string): string {
  return `contexts: [{name: c, context: {cluster: k, user: u}}]\ncurrent-context: c\nclusters: [{name: k, cluster: {}}]\n${users}`;
}

function userBlock(name: string, ...lines: readonly string[]): string {
  return `users:\n- name: ${name}\n  user:\n${lines.map((line) => `    ${line}\n`).join('')}`;
}
