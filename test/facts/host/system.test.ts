import { accessSync, constants, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { system } from '../../../src/facts/host/system.ts';
import { ask, describeInShells } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

/** A directory on another file system than that of temporary files, if this machine has one. */
const ELSEWHERE = ['/dev/shm', '/var/tmp'].find((path) => {
  try {
    accessSync(path, constants.W_OK);
    return statSync(path).dev !== statSync(tmpdir()).dev;
  } catch {
    return false;
  }
});

describeInShells('in $name', (shell) => {
  describe('the system', () => {
    test('is told with its clock and its room', () => {
      const tree = Tree.forTest().write('/etc/kubernetes/x', '').write('/var/x', '');
      const told = ask(system, tree.root, shell);
      expect(told).toMatchObject({ uid: process.getuid?.(), kubernetesWritable: true });
      expect(Math.abs(told.clock - Date.now() / 1000)).toBeLessThan(60);
      expect(told.space.map(({ path }) => path)).toEqual(['/etc', '/var']);
      for (const { freeKilobytes, freeInodes } of told.space) {
        expect(freeKilobytes).toBeGreaterThan(0);
        if (freeInodes !== undefined) expect(freeInodes).toBeGreaterThan(0);
      }
    });

    test.skipIf(!ELSEWHERE)(
      'is told with the room of directories of Kubernetes that have file systems of their own',
      () => {
        const apart = mkdtempSync(join(ELSEWHERE ?? '', 'kplay-apart-'));
        onTestFinished(() => rmSync(apart, { recursive: true }));
        const tree = Tree.forTest().write('/etc/x', '').write('/var/lib/kubelet/x', '');
        symlinkSync(apart, join(tree.root, 'etc/kubernetes'));
        expect(ask(system, tree.root, shell).space.map(({ path }) => path)).toEqual([
          '/etc',
          '/var',
          '/etc/kubernetes',
        ]);
      },
    );

    test('has the name that its programs are told, and none where a container would tell its own', () => {
      expect(ask(system, '', shell).hostname).toBe(hostname());
      expect(ask(system, Tree.forTest().write('/etc/hostname', 'master-1\n').root, shell).hostname).toBeUndefined();
    });

    test('of a host without Kubernetes cannot say whether it could be written', () => {
      expect(ask(system, Tree.forTest().write('/etc/x', '').root, shell).kubernetesWritable).toBeUndefined();
    });
  });
});

describe('the room of a host', () => {
  const BLOCKS = 'Filesystem 1024-blocks Used Available Capacity Mounted on\n';
  const INODES = 'Filesystem Inodes IUsed IFree IUse% Mounted on\n';
  const DISK = '/dev/vda1 100 20 80 20% /\n';
  test.each<[what: string, told: string, etc: readonly unknown[], other: readonly unknown[]]>([
    [
      'where inodes are counted',
      `${BLOCKS}${DISK}tmpfs 50 0 50 0% /var\n${INODES}/dev/vda1 9 2 7 22% /\ntmpfs 5 1 4 20% /var\n`,
      [80, 7],
      [50, 4],
    ],
    [
      'where they are not',
      `${BLOCKS}${DISK}${DISK}${INODES}/dev/vda1 0 0 0 - /\n/dev/vda1 - - - - /\n`,
      [80, undefined],
      [80, undefined],
    ],
    ['where nobody can ask for them', `${BLOCKS}${DISK}${DISK}`, [80, undefined], [80, undefined]],
    [
      'in columns, of a disk with a space in its name',
      `${BLOCKS}my disk     100    20    80   20% /\nmy disk     100   100     0  100% /var\n`,
      [80, undefined],
      [0, undefined],
    ],
    ['that df does not tell', '', [0, undefined], [0, undefined]],
  ])('is told %s', (_what, told, etc, other) => {
    const [blocks = '', inodes = ''] = told.split(INODES);
    const stdout = `uid 0\nclock 1763000000\nhostname h\nplaces /etc /var\n${blocks}inodes\n${inodes === '' ? '' : INODES + inodes}`;
    const { space } = system.parse({ stdout, stderr: '', exitCode: 0, truncated: false, dials: [] });
    expect(space.map(({ freeKilobytes, freeInodes }) => [freeKilobytes, freeInodes])).toEqual([etc, other]);
  });
});
