import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hereDocument, quoteWord, type ShellScript, sh } from '../../src/core/shell.ts';
import { backupPlace } from '../../src/facts/backups/backup-place.ts';
import { copyPlace } from '../../src/facts/files/copy-place.ts';
import { system } from '../../src/facts/host/system.ts';
import { placeFunctions } from '../../src/steps/placing/place-functions.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { ask, describeInShells, ORDINARY, type TestShell } from '../facts/support/shells.ts';
import { Tree } from '../facts/support/trees.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';
import { canFixFiles, canMount, canUnshare, succeeds } from '../support/abilities.ts';
import { needing } from '../support/programs.ts';

const PKI = '/etc/kubernetes/pki';
const CERTIFICATE = `${PKI}/apiserver.crt`;

function run(script: ShellScript, rootfs: string, { command: [program, ...parameters], path }: TestShell) {
  const input = `${prelude(rootfs)}(eval ${quoteWord(script.reveal())}) 2>&3\n`;
  return spawnSync(program, parameters, { input, encoding: 'utf8', env: { PATH: path } });
}

const place = (staged: string): ShellScript => sh`set -eu
${placeFunctions(describedHost().untouchable)}
place ${staged} ${CERTIFICATE} 0600 0 0 -
`;

describeInShells('in $name', (shell) => {
  test.skipIf(!canFixFiles).each([CERTIFICATE, PKI])(
    'nothing is replaced, and nothing left, where %s is immutable (needs chattr)',
    (path) => {
      const tree = Tree.forTest().write(CERTIFICATE, 'old').write('/new', 'new');
      succeeds('chattr', '+i', join(tree.root, path));
      const { status, stderr } = run(place(join(tree.root, '/new')), tree.root, shell);
      const seen = ask(copyPlace(CERTIFICATE), tree.root, shell).unwritable;
      succeeds('chattr', '-i', join(tree.root, path));
      expect(seen).toMatchObject({ path, isRoot: true });
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(/Operation not permitted[\s\S]*\/etc\/kubernetes\/pki/),
      ]);
      expect(readdirSync(join(tree.root, PKI))).toEqual(['apiserver.crt']);
      expect(readFileSync(join(tree.root, CERTIFICATE), 'utf8')).toBe('old');
    },
  );

  test.skipIf(!canMount)('nothing is replaced, and nothing left, where there is no room (needs mount)', () => {
    const tree = new Tree();
    succeeds('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', tree.root);
    const staged = new Tree().write('/new', 'x'.repeat(60_000));
    onTestFinished(() => {
      succeeds('umount', tree.root);
      tree.remove();
      staged.remove();
    });
    mkdirSync(join(tree.root, PKI), { recursive: true });
    writeFileSync(join(tree.root, CERTIFICATE), 'old');
    writeFileSync(join(tree.root, 'fill'), 'x'.repeat(30_000));
    const { status, stderr } = run(place(join(staged.root, '/new')), tree.root, shell);
    expect([status, stderr]).toEqual([1, expect.stringContaining('No space left on device')]);
    expect(readdirSync(join(tree.root, PKI))).toEqual(['apiserver.crt']);
    expect(readFileSync(join(tree.root, CERTIFICATE), 'utf8')).toBe('old');
  });

  test.skipIf(!canMount).each(['/etc/kubernetes', CERTIFICATE])(
    'what is to be copied there is refused in the plan where %s is mounted read-only (needs mount)',
    (place) => {
      const tree = Tree.forTest().write(CERTIFICATE, 'old').write('/other/file', '');
      symlinkSync(join(tree.root, PKI), join(tree.root, 'led'));
      const at = join(tree.root, place);
      succeeds('mount', '--bind', at, at);
      onTestFinished(() => void succeeds('umount', at));
      expect(ask(copyPlace(CERTIFICATE), tree.root, shell).unwritable).toBeUndefined();
      succeeds('mount', '-o', 'remount,bind,ro', at);
      expect(ask(copyPlace(CERTIFICATE), tree.root, shell).unwritable).toMatchObject({ isRoot: true });
      expect(ask(copyPlace('/led/apiserver.crt'), tree.root, shell).unwritable).toMatchObject({ isRoot: true });
      expect(ask(copyPlace('/other/file'), tree.root, shell).unwritable).toBeUndefined();
    },
  );

  // busybox asks nobody what root may write.
  test.skipIf(!canMount || shell.name === 'busybox')(
    'what a run needs besides its certificates is seen where it is mounted read-only (needs mount)',
    () => {
      const own = ['/run', '/var/lib/kplay', '/etc/systemd/system/multi-user.target.wants'];
      const tree = Tree.forTest().write('/var/backups/kplay/a/manifest', '').write('/run/systemd/system/x', '');
      for (const path of own) tree.write(`${path}/file`, '');
      const look = () => [
        ...ask(system, tree.root, shell).closed,
        ask(backupPlace('/var/backups/kplay'), tree.root, shell),
        ask(backupPlace('/var/backups/others'), tree.root, shell),
      ];
      expect(look()).toEqual(['private', 'absent']);
      for (const path of [...own, '/var/backups']) {
        const at = join(tree.root, path);
        succeeds('mount', '--bind', at, at);
        onTestFinished(() => void succeeds('umount', at));
        succeeds('mount', '-o', 'remount,bind,ro', at);
      }
      expect(look()).toEqual([...own, 'closed', 'closed']);
    },
  );

  test('nothing that is run leaves an image of its memory on the disk', () => {
    const { stdout } = run(sh`ulimit -c; sh -c 'ulimit -c'`, '/', shell);
    expect(stdout).toBe('0\n0\n');
  });
});

/** As its releases before 5.1 were: they keep here-documents in files. */
const OLD_BASH: TestShell = {
  name: 'bash as it was before 5.1',
  command: ['env', 'BASH_COMPAT=4.2', 'bash', '--posix'],
  path: ORDINARY.path,
};

// A suite that is told not to be skipped would overrule its own tests that are.
for (const [{ name, command }, needs] of [
  [ORDINARY, needing()],
  [OLD_BASH, needing('bash')],
] as const)
  describe(`where sh is ${name}`, needs.skip ? needs : {}, () => {
    test.skipIf(!canUnshare).each(['ro', 'noexec', 'ro,noexec', 'size=4k'])(
      'a host whose /tmp is mounted with %s is written to as any other (needs unshare)',
      (options) => {
        const root = mkdtempSync('/var/tmp/kplay-tree-');
        onTestFinished(() => rmSync(root, { recursive: true, force: true }));
        mkdirSync(join(root, PKI), { recursive: true });
        const script = sh`set -eu
[ ${options} != size=4k ] || ! dd if=/dev/zero of=/tmp/fill bs=1k 2>/dev/null
${placeFunctions(describedHost().untouchable)}
${hereDocument(sh`cat >"$R"/new`, 'x'.repeat(3_000))}
place "$R"/new ${CERTIFICATE} 0600 0 0 -
`;
        const mounted = `mount -t tmpfs -o ${options} tmpfs /tmp && exec "$@"`;
        const { status, stderr } = run(script, root, {
          ...ORDINARY,
          command: ['unshare', '-m', 'sh', '-c', mounted, 'sh', ...command],
        });
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        expect(readFileSync(join(root, CERTIFICATE), 'utf8')).toHaveLength(3_001);
      },
    );
  });
