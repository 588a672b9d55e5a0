import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { sh } from '../../../src/core/shell.ts';
import { DUMP_FUNCTIONS, parseDump } from '../../../src/facts/certificates/file-dump.ts';
import { type ReadKubeconfig, readKubeconfig } from '../../../src/kubeadm/host/kubeconfig.ts';
import { DAY, NOW, newAuthority, newKey, newLeaf } from '../../kubeadm/support/keys.ts';
import { fc } from '../../support/random-cases.ts';
import { privateLines } from '../support/private-material.ts';
import { describeInShells, type TestShell } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

const authority = newAuthority('ca', NOW.getTime() + 3_000 * DAY);
let leaf: string;
let key: string;
beforeAll(async () => {
  const made = await newKey('RSA-2048');
  key = made.text;
  leaf = newLeaf(authority, {
    subject: { commonName: 'kubernetes-admin' },
    notAfter: NOW.getTime() + DAY,
    publicKey: made.publicKey,
  });
});

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** @param user the fields of the user, below `user:` or behind it */
const kubeconfig = (user: string) => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(authority.pem)}
    server: https://10.0.0.1:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: admin
  name: admin@kubernetes
current-context: admin@kubernetes
kind: Config
users:
- name: admin
  user:${user}
`;

/** What is printed of a kubeconfig, and how it is then understood. */
function dumped(
  text: string,
  shell: TestShell,
): { readonly output: string; readonly read: ReadKubeconfig | { readonly unreadable: string } } {
  const tree = Tree.forTest().write('/x.conf', text);
  const { stdout, stderr } = spawnSync(shell.command[0], [...shell.command.slice(1)], {
    input: sh`${DUMP_FUNCTIONS}
states ${`${tree.root}/x.conf`}
contents kind=kubeconfig ${`${tree.root}/x.conf`}
`.reveal(),
    encoding: 'utf8',
    env: { PATH: shell.path },
  });
  expect(stderr).toBe('');
  return { output: stdout, read: readKubeconfig(parseDump(stdout.split('\n'), tree.root).get('/x.conf')?.text ?? '') };
}

/** Lines of the key that stand in an output, or in base64 in it, wherever that begins. */
function leaked(output: string): readonly string[] {
  const runs = output.match(/[A-Za-z0-9+/=]{8,}/g) ?? [];
  const readable = [output, ...runs.flatMap((run) => [0, 1, 2, 3].map((skip) => decoded(run.slice(skip))))];
  return privateLines(key).filter((line) => readable.some((text) => text.includes(line)));
}

function decoded(run: string): string {
  return Buffer.from(run, 'base64').toString('latin1');
}

describeInShells('an embedded certificate in $name', (shell) => {
  test.each<[what: string, state: 'present' | 'unreadable', change: (pem: string, key: string) => string]>([
    ['alone', 'present', (pem) => pem],
    ['alone, without a line break at its end', 'present', (pem) => pem.trimEnd()],
    ['with another one behind it', 'present', (pem) => pem + authority.pem],
    ['with its key behind it, as kubelet keeps them in a file', 'present', (pem, own) => pem + own],
    ['with its key before it', 'present', (pem, own) => own + pem],
    ['between its key and another certificate', 'present', (pem, own) => own + pem + authority.pem],
    ['with its key, in lines that end in CR LF', 'present', (pem, own) => (pem + own).replaceAll('\n', '\r\n')],
    ['with its key, after text that is not ASCII', 'present', (pem, own) => `Schlüssel: ${own}${pem}`],
    ['with its key on the line of its end', 'unreadable', (pem, own) => `${pem.trimEnd()}${own}`],
    ['whose end is missing', 'unreadable', (pem, own) => pem.replace(/-----END.*\n/, own)],
    ['of which there is only the key', 'unreadable', (_, own) => own],
    ['that is something else', 'unreadable', () => 'certificate'],
  ])('%s: is %s, and nothing of a key leaves the host', (_, state, change) => {
    const data = base64(change(leaf, key));
    const below = dumped(
      kubeconfig(`\n    client-certificate-data: ${data}\n    client-key-data: ${base64(key)}`),
      shell,
    );
    const inFlow = dumped(kubeconfig(` { client-certificate-data: '${data}' }`), shell);
    for (const { output, read } of [below, inFlow]) {
      expect(leaked(output)).toEqual([]);
      expect(read).toMatchObject({ holding: { state } });
      if (state === 'present')
        expect(decoded(/client-certificate-data: '?([^'\n]+)/.exec(output)?.[1] ?? '')).toContain(leaf.trimEnd());
    }
    // It can still be replaced on its line.
    expect(below.read).toMatchObject({ shape: { lines: { certificate: 17, key: 18 } } });
  });

  test('is not quoted where it is written in another way than as plain base64', () => {
    const data = base64(leaf + key);
    for (const value of [
      `!!binary ${data}`,
      `&a ${data}`,
      `"\\u004c${data.slice(1)}"`,
      `${data.slice(0, 40)} ${data.slice(40)}`,
    ])
      for (const user of [`\n    client-certificate-data: ${value}`, ` { client-certificate-data: ${value} }`])
        expect(leaked(dumped(kubeconfig(user), shell).output), value.slice(0, 60)).toEqual([]);
    const comment = dumped(kubeconfig(`\n    client-certificate-data: ${base64(leaf)} # ${base64(key)}`), shell);
    expect(leaked(comment.output)).toEqual([]);
    expect(comment.read).toMatchObject({ holding: { state: 'present' } });
  });

  test('leaves the words of a list to the host', () => {
    const { output } = dumped(
      kubeconfig('\n    exec:\n      args:\n      - bob:hunter2\n      - https://bob:hunter2@x'),
      shell,
    );
    expect(output).not.toContain('hunter2');
  });

  test('leaves as it is, whatever stands around its blocks', () => {
    const around = fc.string({
      unit: fc.constantFrom('-', '\n', 'a', 'é', '=', ' ', '-----', '-----BEGIN CERTIFICATE-----\n'),
    });
    fc.assert(
      fc.property(fc.array(around, { minLength: 2, maxLength: 4 }), (texts) => {
        const pem = texts.map((text) => `${text}\n`).join(leaf);
        const { output } = dumped(kubeconfig(`\n    client-certificate-data: ${base64(pem + key)}`), shell);
        expect(leaked(output)).toEqual([]);
        const sent = decoded(/client-certificate-data: (.+)/.exec(output)?.[1] ?? '');
        expect(sent.split(leaf).length).toBe(texts.length);
      }),
      { numRuns: 20 },
    );
  });
});
