import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { FactRef } from '../../src/core/fact.ts';
import { Secret } from '../../src/core/secret.ts';
import { quoteWord, type ShellScript } from '../../src/core/shell.ts';
import { StepFailure, type WriteContext } from '../../src/core/step.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import type { BackupFile } from '../../src/kubeadm/backup-manifest.ts';
import { holdingOf } from '../../src/kubeadm/host/kubeconfig.ts';
import type { Credential, KubeadmHost } from '../../src/kubeadm/host/model.ts';
import { ASIDE_DIRECTORY, asidePath } from '../../src/kubeadm/host/raw-files.ts';
import { makeSelfSigned } from '../../src/simulation/self-signed.ts';
import { beginBootstrap, proveBootstrapped, putKubeletBack } from '../../src/steps/kubelet/token-kubelet.ts';
import { putKubeletConfBack } from '../../src/steps/placing/kubelet-back.ts';
import { restoreFromBackup } from '../../src/steps/placing/restore-from-backup.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { describeInShells } from '../facts/support/shells.ts';
import { Tree } from '../facts/support/trees.ts';
import { hostFiles } from '../kubeadm/support/host-files.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';

const BOOTSTRAP_CONF = '/etc/kubernetes/bootstrap-kubelet.conf';
const CLIENT_PAIR = '/var/lib/kubelet/pki/kubelet-client-current.pem';
const MINE = 'mine';
const DAY_MS = 86_400_000;
const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';
const CONF = hostFiles().files.get(KUBELET_CONF)?.content ?? '';

/** What a bootstrap writes in its place meanwhile. */
const TOKEN_CONF = CONF.replace(/client-certificate: .*\n *client-key: .*/, 'token: old');

/** The first script of what is done with kubelet's files of a described host. */
async function firstScript(
  work: (context: WriteContext, of: { readonly host: KubeadmHost; readonly old: Credential }) => Promise<void>,
  description: Parameters<typeof describedHost>[0] = {},
): Promise<ShellScript> {
  const host = describedHost(description);
  const old = host.credentials.find(({ name }) => name === 'kubelet-client');
  if (!old) throw new Error('there is no kubelet');
  const scripts: ShellScript[] = [];
  const run = (script: ShellScript) => {
    scripts.push(script);
    return Promise.resolve({});
  };
  await work({ runId: 'a', run, whenLost: () => Promise.resolve() } as unknown as WriteContext, { host, old });
  const [script] = scripts;
  if (!script) throw new Error('nothing is done');
  return script;
}

function backupOf(files: readonly BackupFile[]) {
  return { id: 'a', host: 'w1', createdAt: '', directory: '/backup', files, damaged: [] };
}

/** The script that starts kubelet with a token. */
function beginScript(description?: Parameters<typeof describedHost>[0]): Promise<ShellScript> {
  return firstScript(
    (context, of) => beginBootstrap(context, { ...of, backups: [backupOf([])], token: new Secret('abc') }),
    description,
  );
}

/** The script that restores a backup of nothing. */
function restoreScript(): ShellScript {
  return restoreFromBackup(describedHost(), backupOf([]), []);
}

/** The script that puts kubelet's files back, with a backup that has an earlier bootstrap-kubelet.conf, or not. */
function putBackScript(isSaved: boolean): Promise<ShellScript> {
  const sha256 = createHash('sha256').update(MINE).digest('hex');
  const file = { path: BOOTSTRAP_CONF, sha256, mode: '0600', uid: 0, gid: 0 };
  return firstScript((context, of) =>
    putKubeletBack(context, { ...of, backups: [backupOf(isSaved ? [file] : [])] }, undefined),
  );
}

describeInShells('in $name, an earlier bootstrap-kubelet.conf', ({ command: [program, ...parameters], path }) => {
  const runScript = (tree: Tree, script: ShellScript) => {
    const input = `${prelude(tree.root)}(eval ${quoteWord(script.reveal())}) 2>&3\n`;
    return spawnSync(program, parameters, { input, encoding: 'utf8', env: { PATH: path } });
  };
  const run = async (tree: Tree, isSaved: boolean) => {
    const { status } = runScript(tree, await putBackScript(isSaved));
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

  test('that is a link to no file, and so is in no backup, is moved aside, comes back and stays', async () => {
    const tree = Tree.forTest().write(KUBELET_CONF, CONF).link(BOOTSTRAP_CONF, '/mnt/join.conf');
    const link = () => readlinkSync(join(tree.root, BOOTSTRAP_CONF));
    const before = link();
    runScript(tree, await beginScript());
    expect(readFileSync(join(tree.root, BOOTSTRAP_CONF), 'utf8')).toContain('token: abc');
    for (const _time of [1, 2]) {
      expect(await run(tree, false)).toEqual({ status: 0, now: undefined });
      expect(link()).toBe(before);
    }
  });

  test('that a bootstrap that was cut off has left aside, with kubelet.conf, is put back before and moved aside again', async () => {
    const tree = Tree.forTest().write(BOOTSTRAP_CONF, TOKEN_CONF).write(asidePath(BOOTSTRAP_CONF), MINE, '0600');
    tree.write(asidePath(KUBELET_CONF), CONF);
    const { status } = runScript(tree, await beginScript({ role: 'worker', aside: ['kubelet.conf'] }));
    expect(status).toBe(0);
    const read = (path: string) => readFileSync(join(tree.root, path), 'utf8');
    expect(read(BOOTSTRAP_CONF)).toContain('token: abc');
    expect(read(asidePath(BOOTSTRAP_CONF))).toBe(MINE);
    expect(read(asidePath(KUBELET_CONF))).toBe(CONF);
    expect(existsSync(join(tree.root, KUBELET_CONF))).toBe(false);
  });

  test('and kubelet.conf are put back over the kubelet.conf with which kubelet asks', () => {
    const asking = CONF.replace(/client-certificate: .*/, `client-certificate: ${CLIENT_PAIR}`);
    const host = describedHost({
      role: 'worker',
      aside: ['kubelet.conf', CLIENT_PAIR],
      files: { [KUBELET_CONF]: asking },
    });
    const tree = Tree.forTest().write(asidePath(BOOTSTRAP_CONF), MINE, '0600').write(asidePath(KUBELET_CONF), CONF);
    tree.write(KUBELET_CONF, asking).link(asidePath(CLIENT_PAIR), '/old.pem');
    tree.write(`${dirname(CLIENT_PAIR)}/kubelet.key`, '');
    expect(runScript(tree, putKubeletConfBack(host)).status).toBe(0);
    expect(readFileSync(join(tree.root, BOOTSTRAP_CONF), 'utf8')).toBe(MINE);
    expect(readFileSync(join(tree.root, KUBELET_CONF), 'utf8')).toBe(CONF);
    expect(readlinkSync(join(tree.root, CLIENT_PAIR))).toContain('/old.pem');
    expect(existsSync(join(tree.root, ASIDE_DIRECTORY))).toBe(false);
  });

  test('and kubelet.conf are put back; the link to a certificate that has a successor goes', () => {
    const tree = Tree.forTest().write(asidePath(BOOTSTRAP_CONF), MINE, '0600').write(asidePath(KUBELET_CONF), CONF);
    tree.link(CLIENT_PAIR, '/new.pem').link(asidePath(CLIENT_PAIR), '/old.pem');
    const host = describedHost({ role: 'worker', aside: ['kubelet.conf'] });
    expect(runScript(tree, putKubeletConfBack(host)).status).toBe(0);
    expect(readFileSync(join(tree.root, BOOTSTRAP_CONF), 'utf8')).toBe(MINE);
    expect(readFileSync(join(tree.root, KUBELET_CONF), 'utf8')).toBe(CONF);
    expect(readlinkSync(join(tree.root, CLIENT_PAIR))).toContain('/new.pem');
    expect(existsSync(join(tree.root, ASIDE_DIRECTORY))).toBe(false);
  });

  test('that was aside is not lost when what comes back with it cannot: it is not the one with the token', async () => {
    const tree = Tree.forTest().write(asidePath(BOOTSTRAP_CONF), MINE, '0600').write(asidePath(KUBELET_CONF), CONF);
    tree.link(asidePath(CLIENT_PAIR), '/old.pem');
    const begin = await beginScript({ role: 'worker', aside: ['kubelet.conf'] });
    expect(runScript(tree, begin).status).not.toBe(0);
    expect(runScript(tree, begin).status).not.toBe(0);
    expect(readFileSync(join(tree.root, asidePath(BOOTSTRAP_CONF)), 'utf8')).toBe(MINE);
  });

  test('with the token goes when any backup is restored while kubelet.conf is aside; a link is none, nor is the host’s own', async () => {
    const script = restoreScript();
    const begun = Tree.forTest().write(KUBELET_CONF, CONF);
    expect(runScript(begun, await beginScript()).status).toBe(0);
    expect(existsSync(join(begun.root, BOOTSTRAP_CONF))).toBe(true);
    expect(runScript(begun, script).status).toBe(0);
    expect(existsSync(join(begun.root, BOOTSTRAP_CONF))).toBe(false);
    const tree = Tree.forTest().write(BOOTSTRAP_CONF, TOKEN_CONF).write(asidePath(KUBELET_CONF), CONF);
    expect(runScript(tree, script).status).toBe(0);
    expect(existsSync(join(tree.root, BOOTSTRAP_CONF))).toBe(false);
    expect(readFileSync(join(tree.root, KUBELET_CONF), 'utf8')).toBe(CONF);
    const own = Tree.forTest()
      .write(BOOTSTRAP_CONF, MINE)
      .write(asidePath(KUBELET_CONF), CONF)
      .write(KUBELET_CONF, 'new');
    expect(runScript(own, script).status).toBe(0);
    expect(readFileSync(join(own.root, BOOTSTRAP_CONF), 'utf8')).toBe(MINE);
    const linked = Tree.forTest().link(BOOTSTRAP_CONF, '/mnt/join.conf').write(asidePath(KUBELET_CONF), CONF);
    runScript(linked, script);
    expect(readlinkSync(join(linked.root, BOOTSTRAP_CONF))).toContain('/mnt/join.conf');
  });

  test('that did not exist leaves none with a token', async () => {
    const tree = Tree.forTest().write(BOOTSTRAP_CONF, 'token');
    expect(await run(tree, false)).toEqual({ status: 0, now: undefined });
  });
});

test('what kept kubelet from its certificate is told although its old files could not be put back either', async () => {
  const host = describedHost();
  const old = host.credentials.find(({ name }) => name === 'kubelet-client') as Credential;
  const run = () => Promise.reject(new StepFailure('script-failed', 'no room', { details: [['output', 'mv: no']] }));
  const cause = new StepFailure('not-in-time', 'it has no certificate yet', { details: [['last seen', 'nothing']] });
  const context = { runId: 'a', run, whenLost: async () => undefined } as unknown as WriteContext;
  await expect(putKubeletBack(context, { host, old, backups: [backupOf([])] }, cause)).rejects.toMatchObject({
    code: 'not-in-time',
    message: 'it has no certificate yet; then the old files could not be restored: no room',
    details: [
      ['last seen', 'nothing'],
      ['output', 'mv: no'],
    ],
  });
});

test.each([
  ['armed again first, and disarmed when it is done', undefined, ['armed', 'run', 'run', 'disarmed']],
  [
    'put back all the same where it cannot be armed: a full disk',
    new StepFailure('command-failed', 'no space left on device'),
    ['not armed', 'run', 'run', 'disarmed'],
  ],
])('a host whose kubelet does not work with its new certificate is %s', async (_what, failure, expected) => {
  const host = describedHost();
  const old = host.credentials.find(({ name }) => name === 'kubelet-client');
  const done: string[] = [];
  const context = {
    runId: 'a',
    run: async () => void done.push('run'),
    observe: async () => ({ get: () => ({ processes: [] }) }),
    waitFor: async () => undefined,
    whenLost: async (script: ShellScript | undefined) => {
      done.push(script === undefined ? 'disarmed' : failure ? 'not armed' : 'armed');
      if (script !== undefined && failure) throw failure;
    },
  } as unknown as WriteContext;
  if (!old) throw new Error('there is no kubelet');
  await putKubeletBack(context, { host, old, backups: [backupOf([])] }, undefined);
  expect(done).toEqual(expected);
});

test('the certificate that kubelet has requested is a new one, even if the signer gives each the same serial number; none that has expired in its store', async () => {
  const credential = async (notBefore: number): Promise<Credential> => {
    const { certificate } = await makeSelfSigned('w1', [], { notBefore, notAfter: notBefore + DAY_MS });
    return { name: 'kubelet-client', holding: holdingOf(certificate), key: 'match' } as Credential;
  };
  const [old, ofStore, made] = [await credential(0), await credential(0), await credential(DAY_MS)];
  const proveWith = (now: Credential) => {
    const files = { credentials: [now], kubelet: { kubeconfig: {} } };
    const table = { visible: true, processes: [{ component: 'kubelet', identity: 'planned' }] };
    const world = { get: (fact: FactRef) => (fact === kubernetesFiles ? files : table) };
    const waitFor: WriteContext['waitFor'] = async (_what, _timeoutMs, look) => {
      const seen = await look();
      if (!seen.done) throw new Error(seen.state);
      return seen.value;
    };
    const context = { waitFor, observe: async () => world, now: () => new Date(1.5 * DAY_MS) };
    return proveBootstrapped(context as unknown as WriteContext, old, 1_000);
  };
  await proveWith(made);
  for (const earlier of [old, ofStore]) await expect(proveWith(earlier)).rejects.toThrow('has no certificate yet');
});
