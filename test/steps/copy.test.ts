import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { quoteWord, type ShellScript } from '../../src/core/shell.ts';
import { copy } from '../../src/steps/general/copy.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { ask, describeInShells, type TestShell, withBlanksInNames } from '../facts/support/shells.ts';
import { Tree } from '../facts/support/trees.ts';
import { afterTask, begin, observed, type Planning, planOf } from './support/planning.ts';

/** A host of which nothing has been asked yet: its files are those of the tree. */
function hostOf({ root }: Tree, shell: TestShell): Planning {
  const start = begin({});
  const isReal = (name: string): boolean => ['remote_file', 'copy_place', 'existing_paths'].includes(name);
  return { ...start, answers: (ref) => (isReal(ref.name) ? ask(ref, root, shell) : start.answers(ref)) };
}

function copyTask(params: JsonObject) {
  return { step: 'copy', params: { follow: false, ...params } };
}

/** Plans a copy for what is in the tree, and carries it out there; or plans it behind a command, of which nothing is known. */
async function copyInto(tree: Tree, params: JsonObject, shell: TestShell, isBehindCommand = false) {
  const { root } = tree;
  const task = copyTask(params);
  const start = hostOf(tree, shell);
  const planning = observed(task, {
    ...start,
    ...(isBehindCommand && { context: { ...start.context, isBehindCommand: true } }),
  });
  const plan = planOf(task, planning);
  if (plan.action !== 'change') return { plan, status: undefined, stderr: '' };
  let result = { status: null as number | null, stdout: '', stderr: '' };
  const run = (script: ShellScript) => {
    const [program, ...parameters] = shell.command;
    const input = `${prelude(root)}(eval ${quoteWord(script.reveal())}) 2>&3\n`;
    result = spawnSync(program, parameters, { input, encoding: 'utf8', env: { PATH: shell.path } });
    return Promise.resolve({ exitCode: result.status, stdout: result.stdout });
  };
  const planned = { changes: plan.changes, plan, world: planning.world, planContext: planning.context };
  const outcome = await copy.apply?.({ run } as never, task.params, planned);
  return { plan, status: result.status, stderr: result.stderr, registered: outcome?.result };
}

describeInShells('in $name, a file', (shell) => {
  test('is written with its mode, and nothing is left beside it', async () => {
    const tree = Tree.forTest().write('/etc/-rf', 'old', '0600');
    const done = await copyInto(tree, { dest: '/etc/-rf', content: 'new' }, shell);
    expect(done).toMatchObject({ status: 0, stderr: '' });
    const place = join(tree.root, '/etc/-rf');
    expect([readFileSync(place, 'utf8'), (statSync(place).mode & 0o7777).toString(8)]).toEqual(['new\n', '600']);
    expect(readdirSync(join(tree.root, '/etc'))).toEqual(['-rf']);
    const { uid, gid } = statSync(place);
    expect(done.registered).toMatchObject({ dest: '/etc/-rf', mode: '0600', size: 4, uid, gid, state: 'file' });
  });

  test('keeps its mode, and is not taken for a new one, where the name of its group has a blank', async () => {
    const tree = Tree.forTest().write('/etc/settings', 'old', '0600');
    const done = await copyInto(tree, { dest: '/etc/settings', content: 'new' }, withBlanksInNames(shell));
    expect(done.plan).toMatchObject({ changes: [{ kind: 'update', summary: 'content' }] });
    expect((statSync(join(tree.root, '/etc/settings')).mode & 0o7777).toString(8)).toBe('600');
    const gid = process.getgid?.();
    expect(done.registered).toMatchObject({ mode: '0600', owner: 'svc app', group: 'domain users', gid });
  });

  test('keeps the bits of its mode that a change of owner takes away', async () => {
    const tree = Tree.forTest().write('/usr/x', '');
    const owner = String(process.getuid?.());
    expect(await copyInto(tree, { dest: '/usr/x', content: 'x', mode: '4755', owner }, shell)).toMatchObject({
      status: 0,
    });
    expect((statSync(join(tree.root, '/usr/x')).mode & 0o7777).toString(8)).toBe('4755');
  });

  test.each([
    ['an owner', { owner: 'nobody-of-that-name' }, 'the user nobody-of-that-name does not exist'],
    ['a group', { group: 'no-group-of-that-name' }, 'the group no-group-of-that-name does not exist'],
  ])('for %s that does not exist is not written, and nothing is left beside it', async (_what, params, said) => {
    const tree = Tree.forTest().write('/etc/motd', 'old');
    const wanted = { dest: '/etc/motd', content: 'new', ...params };
    expect((await copyInto(tree, wanted, shell)).plan).toMatchObject({ action: 'refuse', reason: said });
    const done = await copyInto(tree, wanted, shell, true);
    const message = `${said}: unless an earlier task changes that, this one fails`;
    expect(done.plan).toMatchObject({ action: 'change', warnings: [{ message }] });
    expect(done.status).toBe(1);
    expect(done.stderr).toContain('-of-that-name');
    expect(readFileSync(join(tree.root, '/etc/motd'), 'utf8')).toBe('old');
    expect(readdirSync(join(tree.root, '/etc'))).toEqual(['motd']);
  });

  test('is not put in the place of a directory, nor where there is none', async () => {
    const tree = Tree.forTest();
    mkdirSync(join(tree.root, '/etc/motd'), { recursive: true });
    expect((await copyInto(tree, { dest: '/etc/motd', content: 'x' }, shell)).plan.action).toBe('refuse');
    const nowhere = { dest: '/srv/none/x', content: 'x' };
    const reason = 'the directory /srv/none does not exist';
    expect((await copyInto(tree, nowhere, shell)).plan).toMatchObject({ action: 'refuse', reason });
    const lost = await copyInto(tree, nowhere, shell, true);
    expect(lost).toMatchObject({ status: 1, stderr: 'the directory /srv/none does not exist\n' });
    expect(existsSync(join(tree.root, '/srv'))).toBe(false);
  });

  test('takes the place of a link, whose file stays as it is', async () => {
    const tree = Tree.forTest().write('/run/motd', 'old').link('/etc/motd', '/run/motd');
    expect(await copyInto(tree, { dest: '/etc/motd', content: 'new' }, shell)).toMatchObject({ status: 0 });
    expect(lstatSync(join(tree.root, '/etc/motd')).isFile()).toBe(true);
    expect(readFileSync(join(tree.root, '/run/motd'), 'utf8')).toBe('old');
  });

  test('in place of a link to the same content is registered as one that was written', async () => {
    const tree = Tree.forTest().write('/run/motd', 'same\n').link('/etc/motd', '/run/motd');
    const done = await copyInto(tree, { dest: '/etc/motd', content: 'same' }, shell);
    expect(done.registered).toHaveProperty('md5sum');
    expect(done.registered).not.toHaveProperty('path');
    expect(done.plan).toMatchObject({ inCheckMode: { result: {} } });
  });

  test.each([false, true])('does not take the place of a link to a directory (follow: %s)', async (follow) => {
    const tree = Tree.forTest().write('/opt/app/x', 'old').link('/etc/app', '/opt/app');
    const wanted = { dest: '/etc/app', content: 'new', follow };
    const target = join(tree.root, '/opt/app');
    const reason = `/etc/app is a link to ${target}, a directory`;
    expect((await copyInto(tree, wanted, shell)).plan).toMatchObject({ action: 'refuse', isFailure: true, reason });
    expect((await copyInto(tree, wanted, shell, true)).status).toBe(1);
    expect(readlinkSync(join(tree.root, '/etc/app'))).toBe(target);
    expect(readdirSync(target)).toEqual(['x']);
  });

  test('is the one that links lead to, with follow', async () => {
    const tree = Tree.forTest()
      .write('/run/motd', 'old', '0640')
      .link('/run/link', '/run/motd')
      .link('/etc/motd', '/run/link');
    const done = await copyInto(tree, { dest: '/etc/motd', content: 'new', follow: true }, shell);
    expect(done).toMatchObject({ status: 0, stderr: '' });
    expect(readlinkSync(join(tree.root, '/etc/motd'))).toBe(join(tree.root, '/run/link'));
    expect(readFileSync(join(tree.root, '/run/motd'), 'utf8')).toBe('new\n');
    expect((statSync(join(tree.root, '/run/motd')).mode & 0o777).toString(8)).toBe('640');
  });

  test('behind a link that leads through a place of others is not written, with follow', async () => {
    const tree = Tree.forTest()
      .write('/run/motd', 'old')
      .link('/home/link', '/run/motd')
      .link('/etc/motd', '/home/link');
    chmodSync(join(tree.root, '/home'), 0o777);
    const done = await copyInto(tree, { dest: '/etc/motd', content: 'new', follow: true }, shell);
    expect(done.status).toBe(1);
    expect(done.stderr).toContain('/home/link is a link in a place that users other than root can write to');
    expect(readFileSync(join(tree.root, '/run/motd'), 'utf8')).toBe('old');
  });
});

/** What a plan says, without the world behind it. */
function shown(planning: Planning, task: ReturnType<typeof copyTask>) {
  const plan = planOf(task, observed(task, planning));
  if (plan.action === 'change') return plan.changes.map(({ kind, target, summary }) => `${kind} ${target}: ${summary}`);
  return plan.action === 'none' ? plan.result : plan.action;
}

describeInShells('in $name, a file that another task has written before', (shell) => {
  const made = { dest: '/etc/motd', content: 'x', mode: '0600' };
  const tree = () =>
    Tree.forTest()
      .write('/etc/old', 'old', '0640')
      .write('/etc/other', 'old')
      .link('/alias', '/etc')
      .link('/etc/to-old', '/etc/old')
      .link('/etc/to-motd', '/etc/motd');
  const self = { owner: String(process.getuid?.()), group: String(process.getgid?.()) };

  test.each<[what: string, first: JsonObject, second: JsonObject, open?: 'open']>([
    ['is as it was made', made, { dest: '/etc/motd', content: 'x' }],
    ['is that of its user and group, by number', made, { ...made, ...self }],
    ['was given to these', { ...made, ...self }, { ...made, ...self, mode: '0644' }],
    ['has its name in a directory that a link leads to', made, { dest: '/alias/motd', content: 'x' }],
    ['has its name behind a link, with slashes and dots', made, { dest: '//alias/../etc//./motd', content: 'y' }],
    ['is in place of a link', { ...made, dest: '/etc/to-old' }, { dest: '/alias/to-old', content: 'x', follow: true }],
    ['is none that a link still leads to', { ...made, dest: '/etc/to-old' }, { dest: '/etc/old', content: 'x' }],
    ['is behind a link', made, { dest: '/etc/to-motd', content: 'x', follow: true }, 'open'],
    ['has a link to it', { ...made, dest: '/etc/old' }, { dest: '/etc/to-old', content: 'x', follow: true }, 'open'],
    [
      'was written behind a link',
      { ...made, dest: '/etc/to-old', follow: true },
      { dest: '/etc/old', content: 'x' },
      'open',
    ],
    ['was made behind a link', { ...made, dest: '/etc/to-motd', follow: true }, made, 'open'],
    ['is another', made, { dest: '/etc/other', content: 'x' }],
  ])('%s: its plan is the same before as behind that task', async (_what, first, second, open) => {
    const host = tree();
    const [one, other] = [copyTask(first), copyTask(second)];
    const before = shown(afterTask(one, observed(other, observed(one, hostOf(host, shell)))), other);
    expect(await copyInto(host, first, shell)).toMatchObject({ status: 0 });
    const behind = shown(hostOf(host, shell), other);
    expect(before).toEqual(open ? 'unknown' : behind);
  });

  test('is there for whoever looks for it by the name of its directory', () => {
    const host = hostOf(tree(), shell);
    const looked = { step: 'command', params: { cmd: 'true', creates: '//etc/./motd' } };
    const one = copyTask({ ...made, dest: '/alias/motd' });
    const before = afterTask(one, observed(looked, observed(one, host)));
    expect(planOf(looked, before)).toMatchObject({ action: 'none', reason: '//etc/./motd exists' });
  });
});
