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
import { ask, describeInShells, type TestShell } from '../facts/support/shells.ts';
import { Tree } from '../facts/support/trees.ts';
import { begin, observed, planOf } from './support/planning.ts';

/** Plans a copy for what is in the tree, and carries it out there; or plans it behind a command, of which nothing is known. */
async function copyInto({ root }: Tree, params: JsonObject, shell: TestShell, isBehindCommand = false) {
  const task = { step: 'copy', params: { follow: false, ...params } };
  const start = begin({});
  const isReal = (name: string): boolean => ['remote_file', 'copy_place'].includes(name);
  const planning = observed(task, {
    ...start,
    ...(isBehindCommand && { context: { ...start.context, isBehindCommand: true } }),
    answers: (ref) => (isReal(ref.name) ? ask(ref, root, shell) : start.answers(ref)),
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
