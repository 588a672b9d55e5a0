import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { quoteWord, type ShellScript, sh } from '../../src/core/shell.ts';
import { type Step, StepFailure, type WriteContext } from '../../src/core/step.ts';
import { unfinishedBackups } from '../../src/facts/backups/unfinished-backups.ts';
import { formatManifest } from '../../src/kubeadm/backup-manifest.ts';
import { placeFunctions } from '../../src/steps/placing/place-functions.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { ask, describeInShells, type TestShell, withProgram } from '../facts/support/shells.ts';
import { Tree } from '../facts/support/trees.ts';
import { hostFiles } from '../kubeadm/support/host-files.ts';
import { NOW } from '../kubeadm/support/keys.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';
import { canMount, succeeds } from '../support/abilities.ts';
import { begin, observed, planOf, stepNamed, type Task } from './support/planning.ts';

vi.setConfig({ testTimeout: 240_000 });

const PKI = '/etc/kubernetes/pki';
/** Of the host itself; of all else the described host is asked. */
const REAL = [
  'kubernetes_files',
  'backups',
  'backup_place',
  'unfinished_backups',
  'home_kubeconfigs',
  'file_states',
  'backup_leaves',
];

/** A master on a disk of its own, of whose files some are links. */
function master(): Tree {
  const tree = new Tree();
  succeeds('mount', '-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', tree.root);
  onTestFinished(() => {
    succeeds('umount', tree.root);
    tree.remove();
  });
  tree.host(hostFiles({ leaves: { '*': '5d' } }).files);
  for (const path of ['', '/etc', '/var']) chmodSync(join(tree.root, path), 0o755);
  mkdirSync(join(tree.root, PKI, 'private'), { mode: 0o700 });
  renameSync(join(tree.root, PKI, 'apiserver.key'), join(tree.root, PKI, 'private/apiserver.key'));
  symlinkSync('private/apiserver.key', join(tree.root, PKI, 'apiserver.key'));
  mkdirSync(join(tree.root, 'var/backups'), { recursive: true });
  return tree;
}

/** What is in every file below /etc/kubernetes; links are read through. */
function contents(tree: Tree): Readonly<Record<string, string>> {
  const entries = readdirSync(join(tree.root, 'etc/kubernetes'), { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(tree.root.length), readFileSync(path, 'utf8')]),
  );
}

/** Leaves so much room on the disk. */
function fill(tree: Tree, kilobytes: number): void {
  const rest = join(tree.root, 'rest');
  for (const path of [rest, join(tree.root, 'fill')]) rmSync(path, { force: true });
  writeFileSync(rest, Buffer.alloc(kilobytes * 1024));
  spawnSync('dd', ['if=/dev/zero', `of=${join(tree.root, 'fill')}`, 'bs=1k'], { stdio: 'ignore' });
  rmSync(rest, { force: true });
}

type StepOutcome = Awaited<ReturnType<NonNullable<Step['apply']>>> | undefined;

/** Plans a task for what is in the tree, and carries it out there. @param meanwhile what happens in between */
async function carryOut(tree: Tree, task: Task, shell: TestShell, meanwhile = () => {}): Promise<StepOutcome> {
  const start = begin({});
  const planning = observed(task, {
    ...start,
    answers: (ref) => (REAL.includes(ref.name) ? ask(ref, tree.root, shell) : start.answers(ref)),
  });
  const plan = planOf(task, planning);
  if (plan.action === 'none') return undefined;
  if (plan.action !== 'change') throw new Error(`${task.step}: ${JSON.stringify(plan)}`);
  meanwhile();
  const run = async (script: ShellScript, { mayFail = false } = {}) => {
    const { status, stdout, stderr } = runIn(tree, script, shell);
    if (status !== 0 && !mayFail) throw new StepFailure('script-failed', stderr);
    return { stdout, stderr, exitCode: status };
  };
  const context = {
    host: 'master-1',
    runId: planning.context.runId,
    run,
    now: () => NOW,
    whenLost: async () => undefined,
  } as unknown as WriteContext;
  const step: Step = stepNamed(task.step);
  const completed = { ...DEFAULTS[task.step], ...task.params };
  return step.apply?.(context, completed, {
    changes: plan.changes,
    plan,
    world: planning.world,
    planContext: planning.context,
  } as never);
}

const COMMON = { renew_before: '30d', extra_sans: [], users: ['root'] };
/** What the schema gives. */
const DEFAULTS: Readonly<Record<string, object>> = {
  'certs.backup': { ...COMMON, to: '/var/backups/kplay', keep: 5 },
  'certs.delete': { ...COMMON, backup_to: '/var/backups/kplay' },
  'certs.restore': { backup: 'latest', backup_to: '/var/backups/kplay', even_expired: true },
};

function runIn(tree: Tree, script: ShellScript, { command: [program, ...parameters], path }: TestShell) {
  const input = `${prelude(tree.root)}(eval ${quoteWord(script.reveal())}) 2>&3\n`;
  return spawnSync(program, parameters, { input, encoding: 'utf8', env: { PATH: path } });
}

describeInShells('in $name, on a disk that is full', (shell) => {
  test.skipIf(!canMount).each([0, 4, 16, 40])(
    'with %s kB left, no backup is half made (needs mount)',
    async (kilobytes) => {
      const tree = master();
      const before = contents(tree);
      fill(tree, kilobytes);
      await expect(carryOut(tree, { step: 'certs.backup' }, shell)).rejects.toMatchObject({
        message: expect.stringContaining('No space left on device'),
        hasChangedNothing: true,
      });
      expect(contents(tree)).toEqual(before);
      expect(readdirSync(join(tree.root, 'var/backups'), { recursive: true })).toEqual([]);
    },
  );

  test.skipIf(!canMount)(
    'with room for the copies, and for no more, no backup is half made (needs mount)',
    async () => {
      const tree = master();
      const backup = (kilobytes: number): Promise<unknown> => {
        fill(tree, kilobytes);
        return carryOut(tree, { step: 'certs.backup' }, shell).then(
          () => undefined,
          (error: unknown) => error,
        );
      };
      const failures: unknown[] = [];
      for (let kilobytes = 88, failure = await backup(88); failure !== undefined; failure = await backup(kilobytes)) {
        expect(failure).toMatchObject({ hasChangedNothing: true });
        expect(readdirSync(join(tree.root, 'var/backups'))).toEqual([]);
        failures.push(failure);
        kilobytes += 4;
      }
      // It was the manifest, which is written last.
      expect(failures.at(-1)).toMatchObject({ message: expect.stringMatching(/^cat: write error/) });
    },
  );

  test.skipIf(!canMount).each([0, 4, 16])(
    'with %s kB left, everything comes back from where it was moved to, links too (needs mount)',
    async (kilobytes) => {
      const tree = master();
      const before = contents(tree);
      await carryOut(tree, { step: 'certs.backup' }, shell);
      fill(tree, kilobytes);
      const deleted = await carryOut(tree, { step: 'certs.delete' }, shell).then(
        () => true,
        () => false,
      );
      const big = new Tree().write('/new', 'x'.repeat(60_000));
      onTestFinished(() => big.remove());
      const placed = runIn(
        tree,
        sh`set -eu
${placeFunctions(describedHost().untouchable)}
place ${join(big.root, 'new')} ${`${PKI}/apiserver.crt`} 0644 0 0 -
`,
        shell,
      );
      expect([placed.status, placed.stderr]).toEqual([1, expect.stringContaining('No space left on device')]);
      await carryOut(tree, { step: 'certs.restore', params: { even_expired: true } }, shell);
      expect([deleted, contents(tree)]).toEqual([deleted, before]);
    },
  );
});

describeInShells('in $name, a file that changes while it is copied', (shell) => {
  // Red Hat's systems have no /var/backups.
  test.each(['var', 'var/backups'])('leaves no backup, nor the directories for it, below /%s', async (above) => {
    const tree = Tree.forTest().host(hostFiles({ leaves: { '*': '5d' } }).files);
    mkdirSync(join(tree.root, above), { recursive: true });
    const before = readdirSync(join(tree.root, above));
    const change = () => writeFileSync(join(tree.root, PKI, 'apiserver.crt'), 'another');
    await expect(carryOut(tree, { step: 'certs.backup' }, shell, change)).rejects.toMatchObject({
      code: 'backup-differs',
      hasChangedNothing: true,
    });
    expect(readdirSync(join(tree.root, above))).toEqual(before);
  });
});

describeInShells('in $name, a directory for backups that cannot be made', (shell) => {
  test('leaves none of those above it', async () => {
    const tree = Tree.forTest().host(hostFiles({ leaves: { '*': '5d' } }).files);
    const mkdir = shell.name === 'busybox' ? `${quoteWord(shell.command[0])} mkdir` : '/bin/mkdir';
    const full = withProgram('mkdir', `[ "$*" != ./kplay ] || exit 1\nexec ${mkdir} "$@"`, shell);
    await expect(carryOut(tree, { step: 'certs.backup' }, full)).rejects.toMatchObject({ hasChangedNothing: true });
    expect(existsSync(join(tree.root, 'var/backups'))).toBe(false);
  });
});

describeInShells('in $name, an old backup that cannot be removed', (shell) => {
  test.skipIf(!canMount)('nor renamed, stays as it is (needs mount)', async () => {
    const tree = Tree.forTest().host(hostFiles({ leaves: { '*': '5d' } }).files);
    const id = '20261101T000000Z-0001';
    const old = join(tree.root, 'var/backups/kplay', id);
    mkdirSync(old, { recursive: true });
    succeeds('mount', '-t', 'tmpfs', '-o', 'mode=700', 'tmpfs', old);
    onTestFinished(() => void succeeds('umount', old));
    const createdAt = '2026-11-01T00:00:00.000Z';
    tree.write(`/var/backups/kplay/${id}/manifest`, formatManifest({ id, host: 'm', createdAt, files: [] }));
    mkdirSync(join(old, 'files'));
    const outcome = await carryOut(tree, { step: 'certs.backup', params: { keep: 1 } }, shell);
    expect(outcome).toMatchObject({ warnings: [{ message: expect.stringContaining('could not be removed') }] });
    expect(readdirSync(old).sort()).toEqual(['files', 'manifest']);
  });

  test.skipIf(!canMount)('is a warning, and what is left of it goes with the next one (needs mount)', async () => {
    const tree = Tree.forTest().host(hostFiles({ leaves: { '*': '5d' } }).files);
    const to = join(tree.root, 'var/backups/kplay');
    const old = '20261101T000000Z-0001';
    const createdAt = '2026-11-01T00:00:00.000Z';
    tree.write(`/var/backups/kplay/${old}/manifest`, formatManifest({ id: old, host: 'm', createdAt, files: [] }));
    const busy = join(to, old, 'files');
    mkdirSync(busy);
    succeeds('mount', '-t', 'tmpfs', 'tmpfs', busy);
    const mounted = join(to, `${old}.partial/files`);
    onTestFinished(() => void succeeds('umount', mounted));
    const outcome = await carryOut(tree, { step: 'certs.backup', params: { keep: 1 } }, shell);
    expect(outcome).toMatchObject({ warnings: [{ message: expect.stringContaining('could not be removed') }] });
    expect(readdirSync(to).sort()).toEqual([`${old}.partial`, expect.stringMatching(/-0001$/)]);
    expect(ask(unfinishedBackups('/var/backups/kplay'), tree.root, shell)).toEqual([
      `/var/backups/kplay/${old}.partial`,
    ]);
    succeeds('umount', mounted);
    writeFileSync(join(tree.root, PKI, 'apiserver-kubelet-client.key'), 'another');
    await carryOut(tree, { step: 'certs.backup', params: { keep: 1 } }, shell);
    expect(readdirSync(to).filter((name) => !name.startsWith('20261124'))).toEqual([]);
  });
});
