import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { FactError } from '../../../src/core/fact.ts';
import { sh } from '../../../src/core/shell.ts';
import { DUMP_FUNCTIONS, parseDump } from '../../../src/facts/certificates/file-dump.ts';
import { holdingOf } from '../../../src/kubeadm/host/kubeconfig.ts';
import { DAY, NOW, newAuthority, newKey, newLeaf } from '../../kubeadm/support/keys.ts';
import { needing } from '../../support/programs.ts';
import { fc } from '../../support/random-cases.ts';
import { leakedPieces, privatePieces } from '../support/private-material.ts';
import { describeInShells } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

const TIME = '1700000000 2023-11-14 22:13:20.250000000 +0000';
const STATE = `=F 640 0 0 12 ${TIME} /r/etc/a`;
const DIGEST = `=S ${'a'.repeat(64)}  /r/etc/a`;

describe('what was dumped', () => {
  test('is put together by path, without the root in front', () => {
    const lines = [
      STATE,
      DIGEST,
      '=Z system_u:object_r:cert_t:s0 /r/etc/a',
      '=L /r/etc/a\t/r/etc/b',
      '=M 1700000100 2023-11-14 22:15:00.500000000 +0000 /r/etc/a',
      '=C /r/etc/a',
      '|one',
      '|two',
      '=K /r/etc/a\tec-sec1 4 AAAA',
      '=T /r/etc/a',
      '|text',
      '|more',
    ];
    expect([...parseDump(lines, '/r')]).toEqual([
      [
        '/etc/a',
        {
          state: {
            path: '/etc/a',
            mode: '0640',
            uid: 0,
            gid: 0,
            size: 12,
            modifiedAt: 1_700_000_000.25,
            sha256: 'a'.repeat(64),
            label: 'system_u:object_r:cert_t:s0',
            link: '/etc/b',
            linkedAt: 1_700_000_100.5,
          },
          certificates: 'one\ntwo',
          publicHalves: ['ec-sec1 4 AAAA'],
          text: 'text\nmore\n',
        },
      ],
    ]);
  });

  test.each<[what: string, lines: readonly string[], files: number]>([
    ['a file without a state is none', [DIGEST, '=C /r/etc/a', '|x'], 0],
    ['content before any record belongs to nothing', ['|x', STATE], 1],
    ['lines that are no record are passed over', ['x', '', '=', '=f x', '==F', STATE], 1],
    ['a digest that is torn is none', [STATE, '=S aa  /r/etc/a'], 1],
  ])('%s', (_what, lines, files) => {
    expect(parseDump(lines, '/r').size).toBe(files);
  });

  test('times may be before 1970', () => {
    const told = [
      '=F 640 0 0 12 -7 1969-12-31 23:59:53.250000000 +0000 /r/etc/a',
      '=L /r/etc/a\t/r/etc/b',
      '=M -8 1969-12-31 23:59:52.000000000 +0000 /r/etc/a',
    ];
    expect(parseDump(told, '/r').get('/etc/a')?.state).toMatchObject({ modifiedAt: -6.75, linkedAt: -8 });
  });

  test('a state that is not understood is refused: the file would seem not to exist', () => {
    for (const state of ['=F 640 0 0 12', '=F 640 0 0 12 soon /r/etc/a'])
      expect(() => parseDump([STATE, state], '/r')).toThrow(FactError);
  });

  test('times may be told without a zone, as by an older busybox', () => {
    const told = [STATE, '=L /r/etc/a\t/r/etc/b', '=M 1700000100 2023-11-14 22:15:00.000000000 +0000 /r/etc/a'];
    const stateIn = (lines: readonly string[]) => parseDump(lines, '/r').get('/etc/a')?.state;
    expect(stateIn(told)).toMatchObject({ modifiedAt: 1_700_000_000.25, linkedAt: 1_700_000_100 });
    expect(stateIn(told.map((line) => line.replace(' +0000 ', ' ')))).toEqual(stateIn(told));
  });

  test('a label that the host cannot tell is none', () => {
    expect(parseDump([STATE, '=Z ? /r/etc/a'], '/r').get('/etc/a')?.state).not.toHaveProperty('label');
  });

  test('paths outside the root stay as they are', () => {
    expect([...parseDump([`=F 640 0 0 12 ${TIME} /rx/a`, `=F 640 0 0 12 ${TIME} /r`], '/r').keys()]).toEqual([
      '/rx/a',
      '/r',
    ]);
    expect([...parseDump([`=F 640 0 0 12 ${TIME} /etc/a`], '').keys()]).toEqual(['/etc/a']);
  });

  test('is read from any lines without a crash', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(STATE, DIGEST, '=C /r/etc/a', '=T /r/etc/a', '=K /r/etc/a\tx', '=L /r/etc/a\t', '=Z  ', '|x'),
    );
    fc.assert(fc.property(fc.array(line), (lines) => void parseDump(lines, '/r')));
  });
});

const certificateOf = (body: Buffer) =>
  Buffer.concat([
    Buffer.from('-----BEGIN CERTIFICATE-----\n'),
    body,
    Buffer.from('\n-----END CERTIFICATE-----\n'),
  ]).toString('base64');
const ENCODED = certificateOf(Buffer.from('QUJD'));
const WITH_WORDS = certificateOf(Buffer.concat([Buffer.from('AB'), Buffer.from('tokensecretx', 'base64')]));

describeInShells('a kubeconfig in $name', (shell) => {
  /** What leaves the host of a line; the line itself when nothing is said. */
  const LINES: readonly (readonly [line: string, left?: string])[] = [
    ['apiVersion: v1'],
    ['- cluster:'],
    [`    certificate-authority-data: ${ENCODED}`],
    ['    server: https://10.0.0.1:6443'],
    ['  name: kubernetes'],
    ['current-context: a@b'],
    [`    client-certificate-data: ${ENCODED}`],
    [`    client-certificate-data: ${ENCODED} # c2VjcmV0`, `    client-certificate-data: ${ENCODED} #`],
    // Any letters may stand side by side in base64.
    [`    client-certificate-data: ${WITH_WORDS}`],
    [`    certificate-authority-data: "${WITH_WORDS}"`],
    ['    client-certificate-data: c2VjcmV0', '    client-certificate-data: Pw=='],
    ['    certificate-authority-data: c2VjcmV', '    certificate-authority-data: KPLAY_HIDDEN'],
    ['    client-certificate: /var/lib/x.pem'],
    ['    client-key-data: c2VjcmV0', '    client-key-data: KPLAY_HIDDEN'],
    ['    client-key: /var/lib/x.pem', '    client-key: /var/lib/x.pem'],
    ['    client-key: "/var/lib/x"', '    client-key: "/var/lib/x"'],
    ['    client-key: pki/x.key', '    client-key: pki/x.key'],
    ['    client-key: c2VjcmV0/c2VjcmV0', '    client-key: KPLAY_HIDDEN'],
    ['    client-key: /x c2VjcmV0', '    client-key: KPLAY_HIDDEN'],
    ['    token: c2VjcmV0', '    token: KPLAY_HIDDEN'],
    ['    tokenFile: /x', '    tokenFile: KPLAY_HIDDEN'],
    ['    password: c2VjcmV0', '    password: KPLAY_HIDDEN'],
    ['    username: root', '    username: KPLAY_HIDDEN'],
    ['      value: c2VjcmV0', '#'],
    ['    value: c2VjcmV0', '    value: KPLAY_HIDDEN'],
    ['    exec:'],
    ['      - --token=c2VjcmV0', '#'],
    ['# token: c2VjcmV0', '#'],
    ['      c2VjcmV0', '#'],
    ['    "client-key-data": c2VjcmV0', '#'],
    ['    client-key-data: ""'],
    ["    client-key-data: ''", '    client-key-data: ""'],
    ['    client-key-data: null', '    client-key-data: ""'],
    ['    client-key-data: "" # c2VjcmV0', '    client-key-data: ""'],
    ['    client-key: ""'],
    ['  - client-key: ~\r', '  - client-key: ""'],
    ['    client-key-data: nullc2VjcmV0', '    client-key-data: KPLAY_HIDDEN'],
    ['    client-key-data:', '    client-key-data: KPLAY_HIDDEN #'],
    ['      c2VjcmV0', '#'],
    ['    client-key-data: |-', '    client-key-data: KPLAY_HIDDEN #'],
    ['      c2VjcmV0', '#'],
    ['    client-key-data : c2VjcmV0', '#'],
    ['  user: {client-key-data: c2VjcmV0}', '  user: KPLAY_HIDDEN'],
    ['  user: {password: c2VjcmV0}', '  user: KPLAY_HIDDEN'],
    ['{"kind": "Config", "token": "c2VjcmV0"}', '#'],
    ['    client-key-data: c2VjcmV0\r', '    client-key-data: KPLAY_HIDDEN'],
  ];

  test('leaves without its secrets, line for line', () => {
    const tree = Tree.forTest().write('/x.conf', `${LINES.map(([line]) => line).join('\n')}\n`);
    const { stdout } = spawnSync(shell.command[0], [...shell.command.slice(1)], {
      input: sh`${DUMP_FUNCTIONS}
states ${`${tree.root}/x.conf`}
contents kind=kubeconfig ${`${tree.root}/x.conf`}
`.reveal(),
      encoding: 'utf8',
      env: { PATH: shell.path },
    });
    const text = parseDump(stdout.split('\n'), tree.root).get('/x.conf')?.text;
    expect(text?.trimEnd().split('\n')).toEqual(LINES.map(([line, left = line]) => left));
    expect(stdout).not.toContain('c2VjcmV0');
  });
});

describeInShells(
  'a certificate with its key in one file, in $name,',
  (shell) => {
    test.each<[what: string, change: (text: string) => string]>([
      ['as kubelet keeps it', (text) => text],
      ['with lines that end in CR LF', (text) => text.replaceAll('\n', '\r\n')],
      ['with blanks behind its lines', (text) => text.replaceAll('\n', ' \t\n')],
      ['behind a text', (text) => `Bag Attributes\n    friendlyName: x\n${text}`],
      ['on a single line', (text) => text.replaceAll('\n', ' ')],
      ['with lines that begin with a blank', (text) => ` ${text.replaceAll('\n', '\n ')}`],
      [
        'without a line break between the two',
        (text) => text.replace('END CERTIFICATE-----\n', 'END CERTIFICATE-----'),
      ],
      ['with a damaged end', (text) => text.replace('END CERTIFICATE-----', 'END CERTIFICATE----')],
      [
        'with the middle missing, ends and beginnings included',
        (text) => text.replace(/(.*\n)-----END C[\s\S]*?KEY-----\n/, ''),
      ],
      ['with a certificate that is cut off', (text) => text.replace(/(.*\n){3}-----END C.*\n/, '')],
    ])('%s: is read if openssl can read it, and nothing of the key leaves the host', async (_, change) => {
      const key = await newKey('RSA-2048');
      const authority = newAuthority('ca', NOW.getTime() + 3_000 * DAY);
      const leaf = newLeaf(authority, {
        subject: { commonName: 'system:node:m1' },
        notAfter: NOW.getTime() + DAY,
        publicKey: key.publicKey,
      });
      const tree = Tree.forTest().write('/x.pem', change(`${leaf}${key.text}`));
      const { stdout, stderr } = spawnSync(shell.command[0], [...shell.command.slice(1)], {
        input: sh`${DUMP_FUNCTIONS}
states ${`${tree.root}/x.pem`}
contents kind=certificate ${`${tree.root}/x.pem`}
`.reveal(),
        encoding: 'utf8',
        env: { PATH: shell.path },
      });
      const read = holdingOf(parseDump(stdout.split('\n'), tree.root).get('/x.pem')?.certificates ?? '');
      const judged = spawnSync('openssl', ['x509', '-noout', '-in', `${tree.root}/x.pem`]);
      expect(read.state).toBe(judged.status === 0 ? 'present' : 'unreadable');
      expect(leakedPieces(stdout + stderr, privatePieces(key.text))).toEqual([]);
    });
  },
  !needing('openssl').skip,
);
