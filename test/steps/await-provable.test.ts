import { spawnSync } from 'node:child_process';
import { lutimesSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ShellScript } from '../../src/core/shell.ts';
import type { WriteContext } from '../../src/core/step.ts';
import { World } from '../../src/core/world.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { system } from '../../src/facts/host/system.ts';
import { filesFromFuture, filesReadBy, type Reader } from '../../src/kubeadm/restarts/restart.ts';
import { awaitProvable } from '../../src/steps/control-plane/await-provable.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { ask, describeInShells } from '../facts/support/shells.ts';
import { Tree } from '../facts/support/trees.ts';
import { hostFiles } from '../kubeadm/support/host-files.ts';

const CURRENT = '/var/lib/kubelet/pki/kubelet-client-current.pem';
const DAY_SECONDS = 86_400;

describeInShells('in $name, before a restart', (shell) => {
  function run(root: string, script: ShellScript): Promise<void> {
    const [program, ...parameters] = shell.command;
    const input = `${prelude(root)}(\n${script.reveal()}\n)\n`;
    const { status, stderr } = spawnSync(program, parameters, { input, env: { PATH: shell.path }, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return Promise.resolve();
  }

  test('files from the future get the present time, links too, and no others do', async () => {
    const tree = Tree.forTest().host(hostFiles().files);
    const now = Date.now() / 1000;
    const link = `${CURRENT.replace('current', '2026-11-24')}-kplay.pem`;
    tree.write(link, readFileSync(join(tree.root, CURRENT)));
    rmSync(join(tree.root, CURRENT));
    tree.link(CURRENT, link);
    const ahead = [link, CURRENT, '/etc/kubernetes/pki/etcd/peer.key', '/etc/kubernetes/pki/ca.crt'];
    for (const path of ahead) lutimesSync(join(tree.root, path), now + DAY_SECONDS, now + DAY_SECONDS);
    const before = tree.state();
    const fromFuture = (reader: Reader): readonly string[] =>
      filesFromFuture(filesReadBy(ask(kubernetesFiles, tree.root, shell), reader), now + 60).map(({ path }) => path);
    expect((['etcd', 'kubelet'] as const).flatMap(fromFuture)).toEqual(['/etc/kubernetes/pki/etcd/peer.key', CURRENT]);
    const world = World.empty
      .set(kubernetesFiles, ask(kubernetesFiles, tree.root, shell))
      .set(system, ask(system, tree.root, shell));
    const scripts: ShellScript[] = [];
    const context = {
      report: () => undefined,
      run: (script: ShellScript) => {
        scripts.push(script);
        return script.reveal().startsWith('sleep') ? Promise.resolve() : run(tree.root, script);
      },
    } as unknown as WriteContext;
    for (const reader of ['etcd', 'kubelet', 'kube-scheduler'] as const) await awaitProvable(context, world, reader);
    expect((['etcd', 'kubelet'] as const).flatMap(fromFuture)).toEqual([]);
    expect(scripts).toHaveLength(4);
    const after = tree.state();
    const touched = [...after].filter(([path, state]) => before.get(path) !== state).map(([path]) => path);
    expect(touched.sort()).toEqual([...ahead.slice(0, 3)].sort());
  });
});
