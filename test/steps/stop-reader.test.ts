import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ShellScript } from '../../src/core/shell.ts';
import type { WriteContext } from '../../src/core/step.ts';
import type { StaticPod } from '../../src/kubeadm/host/model.ts';
import type { NamedProcess } from '../../src/kubeadm/restarts/reader-process.ts';
import { endProcesses, forgetEnded, stopAndPark, stopReader } from '../../src/steps/control-plane/stop-reader.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { describeInShells } from '../facts/support/shells.ts';
import { Tree } from '../facts/support/trees.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';
import { hasProc, startTicks } from '../support/processes-of-linux.ts';

const MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml';

/** A process of this machine, that ends when it is asked to, or only when it is made to. */
async function child(script = 'exec sleep 1000'): Promise<ChildProcess> {
  const started = spawn('/bin/sh', ['-c', `echo up; ${script}`], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void started.kill('SIGKILL'));
  await new Promise((resolve) => started.stdout?.once('data', resolve));
  return started;
}

function seen({ pid = 0 }: ChildProcess, laterBy = 0): NamedProcess {
  return {
    component: 'etcd',
    pid,
    startTicks: startTicks(pid) + laterBy,
    startedAt: 0,
    within: 0,
    age: 0,
    identity: 'planned',
  };
}

describeInShells('in $name, ending processes', (shell) => {
  async function run(script: ShellScript, path = shell.path): Promise<void> {
    const [program, ...parameters] = shell.command;
    const input = `${prelude('')}(\n${script.reveal()}\n)\n`;
    // Its own: a shell that waits for what it has ended would leave it behind.
    await new Promise<void>((resolve, reject) => {
      const running = spawn(program, parameters, { env: { PATH: path }, stdio: ['pipe', 'ignore', 'inherit'] });
      running.once('error', reject).once('close', () => resolve());
      running.stdin.end(input);
    });
  }

  async function end(processes: readonly NamedProcess[]): Promise<void> {
    await endProcesses({ run } as unknown as WriteContext, processes);
  }

  /** What crictl was asked to remove. `containers` are ended ones that are called etcd, with the ids of their pods. */
  async function forgotten(containers: Readonly<Record<string, string>>, pod: Partial<StaticPod>): Promise<string[]> {
    const uids = Object.entries(containers).map(
      ([id, uid]) => `${id}) echo '    "io.kubernetes.pod.uid": "${uid}"' ;;`,
    );
    const { root } = Tree.forTest().program(
      'crictl',
      `echo "$*" >>"\${0%/*}/asked"
case "$*" in *'--state exited --label io.kubernetes.pod.namespace=kube-system --name ^etcd$') echo ${Object.keys(containers).join(' ')} ;; esac
[ "$1" != inspect ] || case $2 in
${uids.join('\n')}
esac`,
    );
    const bin = join(root, 'usr/bin');
    const context = { run: (script: ShellScript) => run(script, `${bin}:${shell.path}`) } as unknown as WriteContext;
    await forgetEnded(context, { container: 'etcd', ...pod } as StaticPod);
    const asked = readFileSync(join(bin, 'asked'), 'utf8').trim().split('\n');
    return asked.filter((words) => words.startsWith('rm '));
  }

  test('the runtime forgets what has ended of a static pod, and nothing else', async () => {
    const digest = '0123456789abcdef0123456789abcdef';
    const [own, other] = ['4a1d7e60-25cb-4bd9-a1f0-6fd4b3b9a0c1', '7c1d7e60-25cb-4bd9-a1f0-6fd4b3b9a0c1'];
    expect(await forgotten({ old: digest, older: digest, theirs: other, unknown: '' }, {})).toEqual(['rm old older']);
    expect(await forgotten({ theirs: other, unknown: '' }, {})).toEqual([]);
    expect(await forgotten({ old: own, theirs: other, before: digest }, { uid: own })).toEqual(['rm old']);
  });

  test.each(['keepAside', 'stopReader'])(
    'a manifest that cannot be moved away is a failure of %s at once, and not taken for a pod that has ended',
    { timeout: 20_000 },
    async (name) => {
      const host = describedHost({});
      // Its directory is missing there.
      const { root } = Tree.forTest();
      let status: number | null = 0;
      const context = {
        whenLost: async () => undefined,
        run: async (script: ShellScript) => {
          const [program, ...parameters] = shell.command;
          const input = `${prelude(root)}(\n${script.reveal()}\n)\n`;
          status = spawnSync(program, parameters, { input, env: { PATH: shell.path } }).status;
        },
      } as unknown as WriteContext;
      const act = name === 'keepAside' ? stopAndPark : stopReader;
      await act(context, host, { component: 'kube-apiserver', running: undefined });
      expect(status).not.toBe(0);
    },
  );

  /** Moves a manifest away and back. @param meanwhile what happens while it is away */
  async function movedAway(meanwhile: string): Promise<{ readonly tree: Tree; readonly said: unknown }> {
    const tree = Tree.forTest().write(MANIFEST, 'the pod');
    let said: unknown;
    const context = {
      run: async (script: ShellScript) => {
        const [program, ...parameters] = shell.command;
        const input = `${prelude(tree.root)}exec 2>&3\nsleep() { ${meanwhile}; }\n(\n${script.reveal()}\n)\n`;
        const { status, stderr } = spawnSync(program, parameters, {
          input,
          encoding: 'utf8',
          env: { PATH: shell.path },
        });
        said = { status, stderr };
      },
    } as unknown as WriteContext;
    await stopReader(context, describedHost({}), { component: 'kube-apiserver', running: undefined });
    return { tree, said };
  }

  test('a manifest that was moved away is back afterwards, and no empty directory is left', async () => {
    const { tree, said } = await movedAway(':');
    expect(said).toEqual({ status: 0, stderr: '' });
    expect(readdirSync(join(tree.root, 'etc/kubernetes'))).toEqual(['manifests']);
    expect(readFileSync(join(tree.root, MANIFEST), 'utf8')).toBe('the pod');
  });

  test('a manifest that cannot be moved back is a failure', async () => {
    const { said } = await movedAway('rm -r "$R"/etc/kubernetes/manifests');
    expect(said).toEqual({ status: 1, stderr: expect.stringMatching(/kube-apiserver\.yaml/) });
  });

  /** What is done with a pod that is kept aside, when it ends and when it does not. */
  async function kept(ending: 'true' | 'false'): Promise<string> {
    let told = '';
    const { staticPods, ...host } = describedHost({});
    const pod = staticPods.find(({ component }) => component === 'kube-apiserver');
    const context = {
      whenLost: async () => undefined,
      run: async (script: ShellScript) => {
        const acts = `park() { echo park; }; back() { echo back; }; ask() { echo ask; ${ending}; }; unseen() { echo unseen; ${ending}; }`;
        const text = `${acts}; reachable() { [ "$1" = seen ]; }\n${script.reveal().slice(script.reveal().indexOf('\nif reachable'))}`;
        for (const where of ['seen', 'hidden']) {
          const [program, ...parameters] = shell.command;
          const { stdout } = spawnSync(program, parameters, {
            input: text.replace('if reachable', `if reachable ${where}`),
            encoding: 'utf8',
          });
          told += `${where}: ${stdout.trim().split('\n').join(' ')}; `;
        }
      },
    } as unknown as WriteContext;
    await stopAndPark(
      context,
      { ...host, staticPods: pod ? [pod] : [] },
      { component: 'kube-apiserver', running: undefined },
    );
    return told;
  }

  test('a pod that is kept aside has ended before kubelet loses sight of it: asked twice, an API server exits at once', async () => {
    expect(await kept('true')).toBe('seen: ask park; hidden: park unseen; ');
    expect(await kept('false')).toBe('seen: ask; hidden: park unseen back; ');
  });

  test.runIf(hasProc)('ends them, those that do not want to as well', { timeout: 60_000 }, async () => {
    const [willing, unwilling] = [await child(), await child("trap '' TERM; while :; do sleep 1; done")];
    await end([seen(willing), seen(unwilling)]);
    expect([willing.signalCode, unwilling.signalCode]).toEqual(['SIGTERM', 'SIGKILL']);
  });

  test.runIf(hasProc)('gives them their time where sleep knows whole seconds only', { timeout: 60_000 }, async () => {
    const { root } = Tree.forTest().program(
      'sleep',
      `case $1 in *.*) echo "sleep: invalid number '$1'" >&2; exit 1 ;; esac
PATH=/usr/bin:/bin exec sleep "$1"`,
    );
    const slow = await child("trap 'sleep 0.7; exit 7' TERM; while :; do sleep 0.05; done");
    await endProcesses(
      {
        run: (script: ShellScript) => run(script, `${join(root, 'usr/bin')}:${shell.path}`),
      } as unknown as WriteContext,
      [seen(slow)],
    );
    expect([slow.exitCode, slow.signalCode]).toEqual([7, null]);
  });

  test.runIf(hasProc)('spares what has got the pid of one that has ended meanwhile, whatever its name', async () => {
    const stranger = await child();
    await end([seen(stranger, 1)]);
    expect(stranger.signalCode).toBe(null);
    expect(process.kill(stranger.pid ?? 0, 0)).toBe(true);
  });
});
