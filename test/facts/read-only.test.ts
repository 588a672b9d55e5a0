import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DUMP_FUNCTIONS } from '../../src/facts/certificates/file-dump.ts';
import { GUARD_FUNCTIONS } from '../../src/facts/files/guarded-path.ts';
import { ONE_LINE } from '../../src/facts/one-line.ts';
import { FIND_POD, FIND_ROOTS, PRINT_CONTAINERS } from '../../src/facts/processes/kubelet-pods.ts';
import { CLOCKS, SEEN } from '../../src/facts/processes/process-clocks.ts';
import { ALL_FACTS, SHARED_FILES } from './support/all-facts.ts';
import { describeInShells, probe } from './support/shells.ts';
import { Tree } from './support/trees.ts';
import { writesOf } from './support/writes.ts';

const DIRECTORY = join(import.meta.dirname, '../../src/facts');

test('every file of src/facts is visited here', () => {
  const files = readdirSync(DIRECTORY, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  expect(files.map((path) => basename(path)).sort()).toEqual([...Object.keys(ALL_FACTS), ...SHARED_FILES].sort());
});

describe('a dry run cannot write: the script of no fact holds a command that writes', () => {
  test.each(Object.entries(ALL_FACTS))('%s', (_file, refs) => {
    for (const ref of refs) {
      const { script, dials } = ref.probe();
      expect(script ?? dials).toBeDefined();
      expect(writesOf(script?.reveal() ?? '')).toEqual([]);
    }
  });

  test('nor do the functions that they share', () => {
    for (const functions of [
      DUMP_FUNCTIONS,
      GUARD_FUNCTIONS,
      ONE_LINE,
      CLOCKS,
      SEEN,
      FIND_ROOTS,
      FIND_POD,
      PRINT_CONTAINERS,
    ])
      expect(writesOf(functions.reveal())).toEqual([]);
  });

  test.each([
    ['echo x >/etc/passwd', '>/etc/passwd'],
    ['echo x >> "$R"/a', '>> "$R"/a'],
    ['awk 1 a >|b', '>|b'],
    ['x 2>/tmp/errors', '2>/tmp/errors'],
    ['f() { rm -rf "$1"; }', 'rm'],
    ['a | xargs rm', 'rm'],
    ['[ -f x ] && mv x y', 'mv'],
    ['x=$(mktemp)', 'mktemp'],
    ['sed -i s/a/b/ f', 'sed -i'],
    ['find . -delete', '-delete'],
    ['find . -exec chmod 600 {} +', 'chmod'],
    ['"$s" restart kubelet', 'restart'],
    ['kill -TERM 1', 'kill'],
    ['"$kubectl" get nodes', '"$kubectl" get nodes'],
    ['awk \'{ print > "/etc/x" }\' f', '> "/etc/x"'],
    ['awk \'{ system("x") }\' f', 'system('],
    ['awk \'{ print | "sh" }\' f', '| "sh"'],
  ])('and such a command would be found: %s', (script, found) => {
    expect(writesOf(script).join(' ')).toContain(found);
  });

  test.each([
    'x 2>/dev/null',
    'x >/dev/null 2>&1',
    'x <f >&2',
    '[ "$a" -gt 1 ]',
    "awk 'NR > 1 { print $1 }' f",
    'echo "a > b"',
    "sed 's/>/x/' f",
  ])('and nothing else: %s', (script) => {
    expect(writesOf(script)).toEqual([]);
  });
});

describeInShells('in $name, asking everything', (shell) => {
  test('changes nothing on the host', () => {
    const tree = Tree.forTest()
      .write('/etc/passwd', 'root:x:0:0::/root:/bin/sh\n')
      .write('/root/.kube/config', 'x')
      .write('/etc/kubernetes/pki/ca.crt', 'x');
    tree
      .write('/etc/kubernetes/manifests/etcd.yaml', 'x')
      .write('/var/backups/kplay/a/manifest', 'x')
      .write('/proc/1/comm', 'etcd\n');
    const before = tree.state();
    for (const ref of Object.values(ALL_FACTS).flat()) if (ref.probe().script) probe(ref, tree.root, shell);
    expect(tree.state()).toEqual(before);
  });
});
