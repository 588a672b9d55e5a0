import { describe, expect, test } from 'vitest';
import { flowCharacters, maskLines } from '../../../src/report/secrets/mask.ts';
import { overgrowth } from '../../support/growth.ts';
import { fc } from '../../support/random-cases.ts';

const mask = (text: string) =>
  maskLines(text.split('\n'))
    .map((line) => line.text)
    .join('\n');

describe('a value of a password-like name', () => {
  test.each([
    ['password: hunter2', 'password: ***'],
    ['ansible_become_pass: a b c # why', 'ansible_become_pass: *** # why'],
    ['  "ansible_password": "a\\"b", "port": 22', '  "ansible_password": ***, "port": 22'],
    ["vault_secret: 'it''s'", 'vault_secret: ***'],
    ['{ user: root, password: x, port: 22 }', '{ user: root, password: ***, port: 22 }'],
    [
      'm1 ansible_host=10.0.0.1 ansible_ssh_pass=x ansible_port=22',
      'm1 ansible_host=10.0.0.1 ansible_ssh_pass=*** ansible_port=22',
    ],
    ['m1 ansible_password="a b" x=1', 'm1 ansible_password=*** x=1'],
    ['    client-key-data: LS0tLS1CRUdJTg==', '    client-key-data: ***'],
    ['api_key=1 apikey: 2', 'api_key=*** apikey: ***'],
    ['token:', 'token:'],
    ['{ a: 1, passwords: [x, "]", { y: [z] }], port: 22 }', '{ a: 1, passwords: ***, port: 22 }'],
    ['{ a: 1, password: { x: y, z: "w', '{ a: 1, password: ***'],
    ['- { secret: "unclosed', '- { secret: ***'],
    ['password:hunter2', 'password:***'],
    ['password: "a"hunter2', 'password: ***'],
    ['ansible_pasword: x', 'ansible_pasword: ***'],
    ['content: "password=x", mode: 1', 'content: "password=***", mode: 1'],
    ['when: db_password == "x" and', 'when: db_password == *** and'],
    ['cmd: mysql --password x --host y', 'cmd: mysql --password *** --host y'],
    ['cmd: kplay --become-password-file x', 'cmd: kplay --become-password-file x'],
    ['ProxyCommand="sshpass -p x ssh -W %h:%p j"', 'ProxyCommand="sshpass -p *** ssh -W %h:%p j"'],
    ["sshpass -v -p'x y' ssh j", 'sshpass -v -p*** ssh j'],
    ['env SSHPASS=x sshpass -e ssh j', 'env SSHPASS=*** sshpass -e ssh j'],
    ['mysql -u root -px -h j', 'mysql -u root -p*** -h j'],
    ['MYSQL_PWD=x mysql', 'MYSQL_PWD=*** mysql'],
    ['curl -s -u admin:x https://j', 'curl -s -u admin:*** https://j'],
    ['curl --user="admin:x" https://j', 'curl --user="admin:***" https://j'],
    ['db_password hunter2 x', 'db_password ***'],
    ['{ Authorization: "Bearer x", a: b }', '{ Authorization: ***, a: b }'],
    ['see https://a:b@c.example and ssh://a@c', 'see https://***@c.example and ssh://a@c'],
    ['dsn: postgres://a:b@c/d', 'dsn: postgres://a:***@c/d'],
    ['login a:b@sha256:1', 'login a:***@sha256:1'],
    ['certificateKey: 0a1b', 'certificateKey: ***'],
    ['kubeadm join j --certificate-key 0a1b --v 5', 'kubeadm join j --certificate-key *** --v 5'],
    ['<b><password enc="x">a b</password></b>', '<b><password enc="x">***</password></b>'],
    ['<token>a b', '<token>***'],
    ['<password> <![CDATA[a<b]]></password>', '<password> <![CDATA[***]]></password>'],
    [
      '- name: DB_PASSWORD\n  value: "x"\n- name: y\n  value: z',
      '- name: DB_PASSWORD\n  value: ***\n- name: y\n  value: z',
    ],
    ['- name: DB_PASSWORD # y\n  value: |\n    x\n- z', '- name: DB_PASSWORD # y\n  value: ***\n    ***\n- z'],
    ['"name": "API_TOKEN",\n"value": "x"', '"name": "API_TOKEN",\n"value": ***'],
    [
      '[{"name":"A_TOKEN","value":"x"},{"name":"y","value":"z"}]',
      '[{"name":"A_TOKEN","value":***},{"name":"y","value":"z"}]',
    ],
    ['{ name: API_TOKEN, value: x, y: z }', '{ name: API_TOKEN, value: ***, y: z }'],
    [`a:b@registry:5000/x@sha256:${'0a'.repeat(32)}`, `a:***@registry:5000/x@sha256:${'0a'.repeat(32)}`],
  ])('%s is hidden', (line, shown) => {
    expect(mask(line)).toBe(shown);
  });

  test.each([
    'hosts: masters',
    `image: registry:5000/kube-proxy@sha256:${'0a'.repeat(32)}`,
    `nginx:1.25@sha256:${'0a'.repeat(32)} oci://registry:1.25@sha512:${'0a'.repeat(64)}`,
    'ssh -p 22 sshpass',
    'sshpass -f /root/p ssh -p 22 j; cp -p a b',
    'mkdir -p /srv/mysql; cp -pr a b',
    'pwd: /srv',
    'bypass: true',
    'passive: yes',
    'keep: 5',
    'compass: north',
    'name: the password of root',
    'ssl_certificate_key /etc/nginx/tls.key;',
    'SSLCertificateKeyFile /etc/apache2/tls.key',
    'tlsPrivateKeyFile: /var/lib/kubelet/pki/kubelet.key',
    '<token><!-- none --></token>',
    '<passwordPolicy><min>5</min></passwordPolicy>',
    '- name: regcred-secret\n  mountPath: /x',
    '- name: DB_PASSWORD\n  valueFrom:\n    configMapKeyRef: { name: x, key: y }',
  ])('other lines are shown: %s', (line) => {
    expect(mask(line)).toBe(line);
  });

  test.each([' ', '-p ', 'curl -u a:b ', 'secret', 'secret_file', '<token x>', 'name: token, '])(
    'is looked for once in a line, however long: %j',
    (part) => {
      expect(overgrowth(200_000, (length) => mask(`${part.repeat(length / part.length)}x`))).toBe(undefined);
    },
  );

  test('is looked for once in blanks behind a name, however many', () => {
    expect(overgrowth(50_000, (length) => mask(`name: token${' '.repeat(length)}x\nvalue: y`))).toBe(undefined);
  });

  test.each([
    ['{"a":[', '{"name":"u","password":"x"},'],
    ['{', 'token: { a: b }, '],
    ['host ', 'token=x '],
    ['', 'token: "x" '],
  ])('is hidden in a time that grows with the line, where it has many: %j %j', (head, part) => {
    expect(overgrowth(100_000, (length) => mask(`${head}${part.repeat(length / part.length)}`))).toBe(undefined);
  });

  test('takes more words behind pairs alone', () => {
    // What a pattern says of the whole beginning of a line.
    const pairs = /^\s*(?:[^\s=:]+\s+)?(?:[\w.-]+\s?=\S*\s+)*$/;
    const piece = fc.constantFrom(
      ' ',
      '  ',
      '\t',
      'h1',
      'a=1 ',
      'a =1 ',
      'a= ',
      'a = 1',
      'é ',
      '=',
      'x.y-z=1 ',
      'w ',
      '/',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const head = `${pieces.join('')} `;
        expect(mask(`${head}my_token=a b`)).toBe(`${head}my_token=***${pairs.test(head) ? '' : ' b'}`);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is hidden in the lines below, where the first mapping of its line is still open', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', ' "}" ', ' "{', ', ', 'a: b', ' ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const line = `x ${pieces.join('')}, token: y`;
        const begin = line.slice(0, line.indexOf(', token')).search(/[{[]/);
        const all = begin < 0 ? [] : [...flowCharacters(line, begin)];
        const isOpen = begin >= 0 && !all.some(({ depth }) => depth === 0);
        const shown = mask(`${line}\n below`).split('\n');
        if (isOpen) expect(shown[1]).toBe(' ***');
      }),
      { numRuns: 2_000 },
    );
  });

  test('is hidden where it goes on over lines, and what follows is shown', () => {
    expect(mask('vars:\n  password: |\n    one\n\n    two\n  user: root')).toBe(
      'vars:\n  password: ***\n    ***\n\n    ***\n  user: root',
    );
    expect(mask('- secret: >-\n    one\n  user: root')).toBe('- secret: ***\n    ***\n  user: root');
  });

  test('is hidden where a mapping in flow style goes on in the lines below', () => {
    expect(mask('- { a: 1, passwords: [x,\n    y, z],\n  b: 2 }\n- { password: x, a: 1 }\n  b')).toBe(
      '- { a: 1, passwords: ***\n    ***\n  b: 2 }\n- { password: ***, a: 1 }\n  b',
    );
  });

  test.each([
    [
      'passwords:\n- one\n-\n  two\n- a: b\n  c: d\nuser: root\n- x',
      'passwords:\n***\n***\n  ***\n***\n  ***\nuser: root\n- x',
    ],
    ['- secrets:\n  - one\n  -two\n- three', '- secrets:\n  ***\n  -two\n- three'],
    ['- - "tokens":\n    - one\n  - two', '- - "tokens":\n    ***\n  - two'],
  ])('is hidden where it is a list at the column of its name: %j', (text, shown) => {
    expect(mask(text)).toBe(shown);
  });
});

describe('a private key', () => {
  test('is hidden to its end', () => {
    expect(
      mask('key: |\n  -----BEGIN RSA PRIVATE KEY-----\n  MIIE\n\n  -----END RSA PRIVATE KEY-----\nuser: root'),
    ).toBe('key: |\n  ***\n  ***\n***\n  ***\nuser: root');
  });

  test('is hidden when it never ends', () => {
    expect(mask('a\n-----BEGIN PRIVATE KEY-----\nMIIE\nb')).toBe('a\n***\n***\n***');
  });

  test('is hidden in one line', () => {
    expect(mask('x: "-----BEGIN EC PRIVATE KEY-----\\nMHc\\n-----END EC PRIVATE KEY-----", y: 1')).toBe(
      'x: "***", y: 1',
    );
  });

  const key = (text: string, end = '\\n') => `-----BEGIN PRIVATE KEY-----${end}${text}${end}-----END PRIVATE KEY-----`;

  test.each([
    ['another key', `{"a":"${key('AAA')}","b":"${key('BBB')}"}`, '{"a":"***","b":"***"}'],
    ['a password', `{"tls":"${key('AAA')}","password":"hunter2"}`, '{"tls":"***","password":***}'],
    ['a key that goes on in the next line', `${key('AAA')} -----BEGIN PRIVATE KEY-----\nBBB\nCCC`, '*** ***\n***\n***'],
    ['the beginning of another key', `${key('AAA', '\n')}${key('BBB', '\n')}\nx`, '***\n***\n***\n***\n***\nx'],
  ])('is hidden, and so is %s behind it in its line', (_what, text, shown) => {
    expect(mask(text)).toBe(shown);
  });

  test('is hidden to its end where it begins in the value of a secret', () => {
    expect(mask('password:\n  -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nx')).toBe(
      'password:\n  ***\n***\n***\nx',
    );
  });
});

test('columns are found again beside what is hidden', () => {
  const [line] = maskLines(['{ password: hunter2, hosst: 1 }']);
  expect(line?.text).toBe('{ password: ***, hosst: 1 }');
  expect([2, 12, 15, 21].map((column) => line?.column(column))).toEqual([2, 12, 12, 17]);
});
