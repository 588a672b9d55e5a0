import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { quoteWord, type ShellScript } from '../../src/core/shell.ts';
import type { WriteContext } from '../../src/core/step.ts';
import { asidePath } from '../../src/kubeadm/host/raw-files.ts';
import { putKubeletBack } from '../../src/steps/kubelet/token-kubelet.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { describeInShells } from '../facts/support/shells.ts';
import { Tree } from '../facts/support/trees.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const BOOTSTRAP_CONF = '/etc/kubernetes/bootstrap-kubelet.conf';
const MINE = 'mine';

/** The script that puts kubelet's files back, with a backup that has an earlier bootstrap-kubelet.conf, or not. */
async function putBackScript(isSaved: boolean): Promise<ShellScript> {
  const host = describedHost();
  const old = host.credentials.find(({ name }) => name === 'kubelet-client');
  if (!old) throw new Error('there is no kubelet');
  const sha256 = createHash('sha256').update(MINE).digest('hex');
  const file = { path: BOOTSTRAP_CONF, sha256, mode: '0600', uid: 0, gid: 0 };
  const files = isSaved ? [file] : [];
  const backup = { id: 'a', host: 'w1', createdAt: '', directory: '/backup', files, damaged: [] };
  const scripts: ShellScript[] = [];
  const run = (script: ShellScript) => {
    scripts.push(script);
    return Promise.resolve({});
  };
  const context = { runId: 'a', run, whenLost: () => Promise.resolve() } as unknown as WriteContext;
  await putKubeletBack(context, { host, old, backups: [backup] });
  const [script] = scripts;
  if (!script) throw new Error('nothing is put back');
  return script;
}

describeInShells('in $name, an earlier bootstrap-kubelet.conf', ({ command: [program, ...parameters], path }) => {
  const run = async (tree: Tree, isSaved: boolean) => {
    const script = await putBackScript(isSaved);
    const input = `${prelude(tree.root)}(eval ${quoteWord(script.reveal())}) 2>&3\n`;
    const { status } = spawnSync(program, parameters, { input, encoding: 'utf8', env: { PATH: path } });
    const file = join(tree.root, BOOTSTRAP_CONF);
    return { status, now: existsSync(file) ? readFileSync(file, 'utf8') : undefined };
  };

  test('that was not touched yet needs no copy, for which there may be no room', async () => {
    const tree = Tree.forTest().write(BOOTSTRAP_CONF, MINE, '0600');
    expect(await run(tree, true)).toEqual({ status: 0, now: MINE });
  });

  test('comes back from aside over the one with the token', async () => {
    const tree = Tree.forTest().write(BOOTSTRAP_CONF, 'token').write(asidePath(BOOTSTRAP_CONF), MINE, '0600');
    expect(await run(tree, true)).toEqual({ status: 0, now: MINE });
  });

  test('comes back from the backup', async () => {
    const tree = Tree.forTest().write(BOOTSTRAP_CONF, 'token').write(`/backup/files${BOOTSTRAP_CONF}`, MINE, '0600');
    expect(await run(tree, true)).toEqual({ status: 0, now: MINE });
  });

  test('that did not exist leaves none with a token', async () => {
    const tree = Tree.forTest().write(BOOTSTRAP_CONF, 'token');
    expect(await run(tree, false)).toEqual({ status: 0, now: undefined });
  });
});
