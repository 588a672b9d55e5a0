import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostFiles } from '../kubeadm/support/host-files.ts';
import { ALL_FACTS } from './support/all-facts.ts';
import { ORDINARY, probe } from './support/shells.ts';
import { Tree } from './support/trees.ts';

const OTHERS = [
  '/etc/kubernetes/other.conf',
  '/etc/kubernetes/.kplay-aside/etc/kubernetes/admin.conf',
  '/etc/kubernetes/.kplay-csr/apiserver.csr',
  '/etc/kubernetes/.kplay-csr/apiserver.key',
  '/root/.kube/config',
  '/var/backups/kplay/backup/manifest',
];

let tree: Tree;
beforeAll(() => {
  const { files } = hostFiles({ superAdmin: true });
  tree = new Tree().host(files).program('kubectl', 'exit 0');
  const places = [...files.keys(), ...OTHERS].map((path) => join(tree.root, path));
  for (const place of places) {
    rmSync(place, { force: true });
    mkdirSync(dirname(place), { recursive: true });
  }
  expect(spawnSync('sh', ['-c', 'mkfifo "$@"', 'sh', ...places]).status).toBe(0);
});
afterAll(() => tree.remove());

describe('nothing is waited for where a named pipe is in the place of a file', () => {
  test.each(Object.entries(ALL_FACTS))('%s', (_file, refs) => {
    for (const ref of refs) if (ref.probe().script) expect(probe(ref, tree.root, ORDINARY).exitCode).not.toBe(-1);
  });
});
