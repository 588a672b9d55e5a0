import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { quoteWord, type ShellScript } from '../../src/core/shell.ts';
import { type PlanContext, type Step, StepFailure, type WriteContext } from '../../src/core/step.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { ask, describeInShells, type TestShell } from '../facts/support/shells.ts';
import { Tree } from '../facts/support/trees.ts';
import { hostFiles } from '../kubeadm/support/host-files.ts';
import { NOW } from '../kubeadm/support/keys.ts';
import { begin, observed, planOf, stepNamed } from './support/planning.ts';

const PKI = '/etc/kubernetes/pki';
const BACKUPS = '/var/backups/kplay';
/** Of the host itself; of all else the described host is asked. */
const REAL = ['kubernetes_files', 'backups', 'backup_place', 'home_kubeconfigs', 'file_states', 'backup_leaves'];
const COMMON = { renew_before: 'all', extra_sans: [], users: ['root'] };

type Outcome = Pick<ReturnType<typeof spawnSync>, 'status'> & { readonly stdout: string; readonly stderr: string };

interface Carrying {
  readonly run: (script: ShellScript) => Outcome;
  readonly more?: Partial<PlanContext>;
  readonly whenLost?: WriteContext['whenLost'];
}

/** What the host is to do at last. */
function last(told: readonly (ShellScript | undefined)[]): ShellScript {
  const script = told.at(-1);
  if (!script) throw new Error('the host was told nothing');
  return script;
}

const done = (): Outcome => ({ stdout: '', stderr: '', status: 0 });

/** What is in the files below /etc/kubernetes. */
function contents(tree: Tree): Readonly<Record<string, string>> {
  const entries = readdirSync(join(tree.root, 'etc/kubernetes'), { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.sort().map((path) => [path.slice(tree.root.length), readFileSync(path, 'utf8')]));
}

describeInShells('in $name, a host that is cut off while a backup is restored', (shell: TestShell) => {
  const runIn = (tree: Tree, script: ShellScript) => {
    const input = `${prelude(tree.root)}(eval ${quoteWord(script.reveal())}) 2>&3\n`;
    const [program, ...parameters] = shell.command;
    return spawnSync(program, parameters, { input, encoding: 'utf8', env: { PATH: shell.path } });
  };

  /** Carries out a task of a run, or of an undo. @returns what the host was told to do if the run is lost, in order */
  async function carryOut(
    tree: Tree,
    [step, params]: readonly [string, object],
    { run, more = {}, ...other }: Carrying,
  ): Promise<readonly (ShellScript | undefined)[]> {
    const start = begin({});
    const task = { step, params: params as never };
    const planning = observed(task, {
      ...start,
      context: { ...start.context, ...more },
      answers: (ref) => (REAL.includes(ref.name) ? ask(ref, tree.root, shell) : start.answers(ref)),
    });
    const plan = planOf(task, planning);
    if (plan.action !== 'change') throw new Error(`${step}: ${JSON.stringify(plan)}`);
    const told: (ShellScript | undefined)[] = [];
    const context = {
      host: 'master-1',
      runId: planning.context.runId,
      run: async (script: ShellScript) => {
        const { stdout, stderr, status } = run(script);
        return { stdout, stderr, exitCode: status };
      },
      now: () => NOW,
      whenLost: other.whenLost ?? (async (script: ShellScript | undefined) => void told.push(script)),
    } as unknown as WriteContext;
    const applied: Step = stepNamed(step);
    const planned = { changes: plan.changes, plan, world: planning.world, planContext: planning.context } as never;
    await applied.apply?.(context, params as never, planned).catch((error: Error) => {
      if (error.message !== 'cut off') throw error;
    });
    return told;
  }

  /** A host that was renewed since its backup `old` was made. */
  async function renewed(): Promise<Tree> {
    const tree = Tree.forTest().host(hostFiles({ leaves: { '*': '5d' } }).files);
    mkdirSync(join(tree.root, 'var/backups'), { recursive: true });
    const backup = { ...COMMON, to: BACKUPS, keep: 5 };
    const really = { run: (script: ShellScript) => runIn(tree, script) };
    await carryOut(tree, ['certs.backup', backup], { ...really, more: { runId: 'old' } });
    for (const end of ['crt', 'key']) tree.write(`${PKI}/apiserver.${end}`, `new ${end}`);
    await carryOut(tree, ['certs.backup', { ...backup, restoring: 'old' }], really);
    return tree;
  }

  /** Cuts the host off when the first file has been restored. */
  const cutIn = (tree: Tree) => () => {
    cpSync(join(tree.root, BACKUPS, `old/files${PKI}/apiserver.crt`), join(tree.root, `${PKI}/apiserver.crt`));
    throw new Error('cut off');
  };

  const RESTORE = ['certs.restore', { backup: 'old', backup_to: BACKUPS, even_expired: true }] as const;

  test('does not keep a certificate beside the key of another: it takes back what was restored', async () => {
    const tree = await renewed();
    const before = contents(tree);
    const told = await carryOut(tree, RESTORE, { run: cutIn(tree) });
    expect(contents(tree)).not.toEqual(before);
    expect(runIn(tree, last(told))).toMatchObject({ stderr: '', status: 0 });
    expect(contents(tree)).toEqual(before);
  });

  test('finishes what an undo has begun', async () => {
    const tree = await renewed();
    const old = readFileSync(join(tree.root, BACKUPS, `old/files${PKI}/apiserver.key`), 'utf8');
    const beforeUndone = begin({}).world;
    const told = await carryOut(tree, RESTORE, { run: cutIn(tree), more: { beforeUndone } });
    expect(readFileSync(join(tree.root, `${PKI}/apiserver.key`), 'utf8')).toBe('new key');
    expect(runIn(tree, last(told))).toMatchObject({ stderr: '', status: 0 });
    expect(readFileSync(join(tree.root, `${PKI}/apiserver.key`), 'utf8')).toBe(old);
  });

  test('is told nothing any more once everything is restored', async () => {
    const tree = await renewed();
    const told = await carryOut(tree, RESTORE, { run: done });
    expect(told).toEqual([expect.anything(), undefined]);
    const undone = await carryOut(tree, RESTORE, { run: done, more: { beforeUndone: begin({}).world } });
    expect(undone).toEqual([expect.anything(), undefined]);
  });

  test('cannot be told anything on a full disk: a rollback restores nothing then, an undo does', async () => {
    const scripts: ShellScript[] = [];
    const run = (script: ShellScript) => {
      scripts.push(script);
      return done();
    };
    const whenLost = async () => {
      throw new StepFailure('restore-not-armed', 'cannot prepare the host to restore itself');
    };
    const tree = await renewed();
    await expect(carryOut(tree, RESTORE, { run, whenLost })).rejects.toMatchObject({ code: 'restore-not-armed' });
    expect(scripts).toEqual([]);
    await carryOut(tree, RESTORE, { run, whenLost, more: { beforeUndone: begin({}).world } });
    expect(scripts).toHaveLength(1);
  });
});
