import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backupAccess } from '../../../src/facts/backups/backup-access.ts';
import { backupPlace } from '../../../src/facts/backups/backup-place.ts';
import { backups } from '../../../src/facts/backups/backups.ts';
import { unfinishedBackups } from '../../../src/facts/backups/unfinished-backups.ts';
import { type BackupFile, formatManifest } from '../../../src/kubeadm/backup-manifest.ts';
import { ask, describeInShells, ORDINARY_USER, probe } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

const TO = '/var/backups/kplay';
const FILES: Readonly<Record<string, string>> = {
  '/etc/kubernetes/pki/apiserver.crt': 'certificate',
  '/etc/kubernetes/pki/apiserver.key': 'key',
  '/home/odd name/.kube/config': 'config',
};

function manifest(id: string): string {
  const files = Object.entries(FILES).map(
    ([path, content]): BackupFile => ({ path, sha256: digest(content), mode: '0600', uid: 0, gid: 0 }),
  );
  return formatManifest({ id, host: 'master-1', createdAt: '2026-11-24T12:00:00.000Z', files });
}

/** A backup as the step leaves it. */
function backup(tree: Tree, id: string, directory = id): Tree {
  tree.write(`${TO}/${directory}/manifest`, manifest(id));
  for (const [path, content] of Object.entries(FILES)) tree.write(`${TO}/${directory}/files${path}`, content);
  return tree;
}

describeInShells('in $name', (shell) => {
  const found = (tree: Tree) => ask(backups(TO), tree.root, shell);

  test('whole backups are found, newest first, each read back', () => {
    const tree = backup(
      backup(backup(Tree.forTest(), '20261101T000000Z-aaaa'), '20261124T120000Z-bbbb'),
      '20261120T000000Z-cccc',
    );
    const before = tree.state();
    expect(
      found(tree).map(({ id, directory, damaged, host, createdAt, files }) => [
        id,
        directory,
        damaged,
        host,
        createdAt,
        files.length,
      ]),
    ).toEqual([
      ['20261124T120000Z-bbbb', `${TO}/20261124T120000Z-bbbb`, [], 'master-1', '2026-11-24T12:00:00.000Z', 3],
      ['20261120T000000Z-cccc', `${TO}/20261120T000000Z-cccc`, [], 'master-1', '2026-11-24T12:00:00.000Z', 3],
      ['20261101T000000Z-aaaa', `${TO}/20261101T000000Z-aaaa`, [], 'master-1', '2026-11-24T12:00:00.000Z', 3],
    ]);
    expect(tree.state()).toEqual(before);
  });

  test('the newest is what was made last: a run that is resumed gives its backup the name of long ago', () => {
    const tree = backup(Tree.forTest(), '20261120T000000Z-old');
    const late = manifest('20261101T000000Z-older').replace('2026-11-24T12:00', '2026-11-25T12:00');
    backup(tree, '20261101T000000Z-older').write(`${TO}/20261101T000000Z-older/manifest`, late);
    expect(found(tree).map(({ id }) => id)).toEqual(['20261101T000000Z-older', '20261120T000000Z-old']);
  });

  test('what killed runs have left unfinished is found, and nothing else', () => {
    const tree = backup(Tree.forTest(), '20261101T000000Z-aaaa')
      .write(`${TO}/20261102T000000Z-bbbb.partial/files/etc/x`, 'x')
      .write(`${TO}/20261103T000000Z-cccc.2-2.partial/files/etc/x`, 'x')
      .write(`${TO}/mine.partial/x`, 'x')
      .write(`${TO}/20261104T000000Z-dddd.partial`, 'x')
      .write('/elsewhere/x', 'x')
      .link(`${TO}/20261105T000000Z-eeee.partial`, '/elsewhere');
    expect(ask(unfinishedBackups(TO), tree.root, shell)).toEqual([
      `${TO}/20261102T000000Z-bbbb.partial`,
      `${TO}/20261103T000000Z-cccc.2-2.partial`,
    ]);
    expect(ask(unfinishedBackups('/nowhere'), tree.root, shell)).toEqual([]);
  });

  test('what is missing or changed in one is told', () => {
    const tree = backup(Tree.forTest(), 'a').write(`${TO}/a/files/etc/kubernetes/pki/apiserver.key`, 'another');
    tree.write(`${TO}/b/manifest`, manifest('b'));
    expect(found(tree).map(({ id, damaged }) => [id, damaged])).toEqual([
      ['b', Object.keys(FILES)],
      ['a', ['/etc/kubernetes/pki/apiserver.key']],
    ]);
  });

  test('any number of them can be read: of the older ones only the heads', () => {
    const tree = Tree.forTest();
    const home = 'x'.repeat(2_000);
    const files = Array.from({ length: 10 }, (_, index) => ({
      path: `/home/${home}${index}`,
      sha256: digest('x'),
      mode: '0600',
      uid: 0,
      gid: 0,
    }));
    const total = 60;
    for (let number = 1; number <= total; number += 1) {
      const id = `2026-${String(number).padStart(3, '0')}`;
      // Their names say nothing about their age.
      const createdAt = `2026-11-24T12:${String(total - number).padStart(2, '0')}:00.000Z`;
      const text = formatManifest({ id, host: 'master-1', createdAt, files, replacedBy: 'another' });
      tree.write(`${TO}/${id}/manifest`, text);
    }
    expect(probe(backups(TO), tree.root, shell).stdout.length).toBeLessThan(1_000_000);
    const all = found(tree);
    expect(all.map(({ id }) => id)).toEqual(
      Array.from({ length: total }, (_, index) => `2026-${String(index + 1).padStart(3, '0')}`),
    );
    const read = all.findIndex(({ unread }) => unread);
    expect(read).toBeGreaterThan(10);
    expect(all.slice(0, read).map((one) => one.files.length)).toEqual(Array.from({ length: read }, () => 10));
    for (const one of all.slice(read))
      expect(one).toMatchObject({ host: 'master-1', replacedBy: 'another', unread: true, files: [], damaged: [] });
  });

  test('a torn manifest hides no other backup', () => {
    const tree = backup(backup(Tree.forTest(), 'b').write(`${TO}/b/manifest`, manifest('b').slice(0, -9)), 'a');
    expect(found(tree).map(({ id }) => id)).toEqual(['a']);
  });

  test('what more stands in one does not matter', () => {
    expect(
      found(backup(Tree.forTest(), 'a').write(`${TO}/a/files/etc/more`, 'x').write(`${TO}/a/x`, 'y')),
    ).toMatchObject([{ id: 'a', damaged: [] }]);
  });

  test.each<[what: string, make: (tree: Tree) => Tree]>([
    ['one that was interrupted', (tree) => tree.write(`${TO}/a.partial/files/etc/x`, 'x')],
    ['one whose manifest is torn', (tree) => backup(tree, 'a').write(`${TO}/a/manifest`, manifest('a').slice(0, -9))],
    ['one whose manifest is empty', (tree) => backup(tree, 'a').write(`${TO}/a/manifest`, '')],
    ['one under another name than its own', (tree) => backup(tree, 'a', 'b')],
    ['one that is only half renamed', (tree) => backup(tree, 'a', 'a.partial')],
    ['files that are none', (tree) => tree.write(`${TO}/README`, 'x').write(`${TO}/x/y`, '=B a\n|kplay-backup 1\n')],
    ['a manifest that is a directory', (tree) => tree.write(`${TO}/a/manifest/x`, 'x')],
  ])('no backup: %s', (_what, make) => {
    expect(found(make(Tree.forTest()))).toEqual([]);
  });

  test('one that others can write, or whose directory they can, is told as that', () => {
    const exposed = (path: string, mode: number) => {
      const tree = backup(backup(Tree.forTest(), 'a'), 'b');
      chmodSync(join(tree.root, path), mode);
      return found(tree).map((one) => one.exposed ?? false);
    };
    expect(exposed(TO, 0o755)).toEqual([false, false]);
    expect(exposed(`${TO}/b`, 0o770)).toEqual([true, false]);
    expect(exposed(TO, 0o1777)).toEqual([false, false]);
    expect(exposed(TO, 0o777)).toEqual([true, true]);
    expect(exposed('/var', 0o775)).toEqual([true, true]);
  });

  test.each(['\n', '\r', '\u2028'])('what one is called, or says, is not told of another: %j', (end) => {
    const forged = [
      'x',
      '=B forged',
      ...manifest('forged')
        .split('\n')
        .map((line) => `|${line}`),
      '=B y',
    ].join(end);
    const tree = backup(Tree.forTest(), 'a').write(`${TO}/a/manifest`, manifest('a') + forged);
    const named = ['x', '=B forged', '|kplay-backup 1', '|id forged', '|end 2', '=B y'].join(end);
    tree.write(`${TO}/${named}/manifest`, 'x');
    expect(found(tree).map(({ id }) => id)).toEqual([]);
  });

  test('what others can write is no place for them', () => {
    const tree = backup(Tree.forTest(), 'a').link('/srv/kplay', TO);
    const place = (path: string) => ask(backupPlace(path), tree.root, shell);
    expect([place(TO), place('/srv/kplay'), place('/var/none')]).toEqual(['private', 'private', 'absent']);
    mkdirSync(join(tree.root, 'srv/open'));
    chmodSync(join(tree.root, 'srv/open'), 0o777);
    expect([place('/srv/open/kplay'), place('/srv/open/some/kplay')]).toEqual(['exposed', 'exposed']);
    chmodSync(join(tree.root, 'srv/open'), 0o1777);
    expect(place('/srv/open/kplay')).toBe('absent');
    chmodSync(join(tree.root, TO), 0o1777);
    expect([place(TO), place(`${TO}/a/manifest`)]).toEqual(['exposed', 'no directory']);
    symlinkSync('/nowhere', join(tree.root, 'var/dangling'));
    expect(place('/var/dangling')).toBe('no directory');
  });

  test('that a session may not see are not taken for none', () => {
    const tree = backup(Tree.forTest(), 'a');
    const hidden = (directory = TO) => {
      const seen = ask(backupAccess(directory), tree.root, shell, ORDINARY_USER);
      return seen.state === 'hidden' && seen.user !== '' ? seen.path : seen.state;
    };
    for (const path of ['', '/var', TO, `${TO}/a`]) chmodSync(join(tree.root, path), 0o755);
    expect([hidden(), hidden('/srv/none'), hidden('/var/none/below')]).toEqual(['open', 'open', 'open']);
    // Whoever runs this test owns what is hidden, and may see it unless nobody may.
    const paths = [`${TO}/a`, TO, '/var'];
    for (const path of paths) {
      chmodSync(join(tree.root, path), 0);
      expect(hidden()).toBe(path);
    }
    for (const path of paths.toReversed()) chmodSync(join(tree.root, path), 0o755);
  }, 30_000);

  test('no backups where there is not a directory', () => {
    expect(found(Tree.forTest())).toEqual([]);
  });

  test('in a directory whose name needs quotes', () => {
    const directory = "/srv/it's $(here)";
    const tree = Tree.forTest().write(
      `${directory}/a/manifest`,
      formatManifest({ id: 'a', host: 'h', createdAt: 'c', files: [] }),
    );
    expect(ask(backups(directory), tree.root, shell)).toMatchObject([
      { id: 'a', directory: `${directory}/a`, files: [], damaged: [] },
    ]);
  });
});

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
