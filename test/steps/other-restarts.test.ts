import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ShellScript } from '../../src/core/shell.ts';
import { type Look, type PlannedChanges, StepFailure, type WriteContext } from '../../src/core/step.ts';
import { World } from '../../src/core/world.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { type System, system } from '../../src/facts/host/system.ts';
import { processes } from '../../src/facts/processes/processes.ts';
import { staticPodProcesses } from '../../src/facts/processes/static-pod-processes.ts';
import type { PodProcess } from '../../src/kubeadm/restarts/other-readers.ts';
import { settleTimes } from '../../src/steps/control-plane/await-provable.ts';
import { controlPlaneRestart } from '../../src/steps/control-plane/control-plane-restart.ts';
import {
  otherContainers,
  otherRestartsIn,
  proveOther,
  restartOther,
} from '../../src/steps/control-plane/other-restarts.ts';
import { restartChange } from '../../src/steps/control-plane/restart-state.ts';
import { prelude } from '../../src/transport/shell/prelude.ts';
import { Tree } from '../facts/support/trees.ts';
import { NOW } from '../kubeadm/support/keys.ts';
import { describedHost } from '../kubeadm/support/raw-files.ts';
import { hasProc, startTicks } from '../support/processes-of-linux.ts';

const SECONDS = NOW.getTime() / 1000;
const POD = 'kube-system/kube-vip';
const HOST = describedHost({
  written: { 'admin.conf': '1h' },
  files: {
    '/etc/kubernetes/manifests/vip.yaml': `
kind: Pod
metadata: { name: kube-vip, namespace: kube-system }
spec:
  containers: [{ name: vip, volumeMounts: [{ name: conf, mountPath: /etc/kubernetes/admin.conf }] }, { name: log }]
  volumes: [{ name: conf, hostPath: { path: /etc/kubernetes/admin.conf } }]
`,
  },
});

function process(name: string, secondsAgo: number, id: string, pid = 0): PodProcess {
  const container = { id: id.repeat(64), pod: 'a'.repeat(32), names: [name] };
  const ticks = pid === 0 ? 0 : startTicks(pid);
  return { pid, startTicks: ticks, startedAt: SECONDS - secondsAgo, within: 0, age: secondsAgo, container, logs: [] };
}

/** A host that looks so at one look after the other. */
function host(looks: readonly (readonly PodProcess[])[], bin = '', root = ''): WriteContext {
  let look = 0;
  const base = World.empty.set(kubernetesFiles, HOST).set(system, { clock: SECONDS } as System);
  return {
    report: () => undefined,
    observe: async () => {
      const seen = looks[Math.min(look, looks.length - 1)] ?? [];
      look += 1;
      return base.set(staticPodProcesses, { visible: true, processes: seen });
    },
    run: async (script: ShellScript) => {
      const shell = spawn('/bin/sh', { env: { PATH: `${bin}:/usr/bin:/bin` }, stdio: ['pipe', 'ignore', 'pipe'] });
      shell.stdin.end(`${prelude(root)}(\n${script.reveal()}\n) 2>&3\n`);
      let output = '';
      shell.stderr.on('data', (chunk) => (output += chunk));
      // Not waited for in one go: this process has to bury its children, or they seem to be there still.
      const status = await new Promise((resolve) => shell.once('close', resolve));
      if (status !== 0)
        throw new StepFailure('script-failed', `ended with ${status}`, { details: [['output', output.trim()]] });
    },
    waitFor: async (what: string, _timeoutMs: number, ask: () => Promise<Look<unknown>>) => {
      let state = '';
      for (const _ of looks) {
        const answer = await ask();
        if (answer.done) return answer.value;
        state = answer.state;
      }
      throw new StepFailure('not-in-time', `${what} did not come`, { details: [['last seen', state]] });
    },
  } as unknown as WriteContext;
}

async function child(): Promise<ChildProcess> {
  const started = spawn('/bin/sh', ['-c', 'echo up; exec sleep 1000'], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void started.kill('SIGKILL'));
  await new Promise((resolve) => started.stdout?.once('data', resolve));
  return started;
}

test.runIf(hasProc)('of a static pod what is older than its file is ended, and the runtime forgets it', async () => {
  const [old, young] = [await child(), await child()];
  const ended = new Promise((resolve) => old.once('exit', (_code, signal) => resolve(signal)));
  const { root } = Tree.forTest().program('crictl', 'echo "$*" >>"${0%/*}/asked"');
  const bin = join(root, 'usr/bin');
  const seen = [process('vip', 7_200, 'b', old.pid), process('log', 60, 'c', young.pid)];
  await restartOther(host([seen], bin), POD);
  expect(await ended).toBe('SIGTERM');
  expect([young.exitCode, young.signalCode]).toEqual([null, null]);
  expect(readFileSync(join(bin, 'asked'), 'utf8')).toBe(`rm ${'b'.repeat(64)}\n`);
});

test.runIf(hasProc)('a process that even SIGKILL does not end is a warning, and no failure', async () => {
  // Nobody buries the child of a program that knows of none.
  const parent = spawn('/bin/sh', ['-c', 'sleep 1000 & echo $!; exec sleep 1000'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (data) => resolve(Number(data))));
  const { root } = Tree.forTest().program('sleep', ':').program('crictl', 'echo "$*" >>"${0%/*}/asked"');
  const bin = join(root, 'usr/bin');
  const [warning, ...others] = await restartOther(host([[process('vip', 7_200, 'b', pid)]], bin), POD);
  expect(warning?.message).toBe(`${POD}: ended with 1: still there after SIGKILL: process ${pid}`);
  expect(others).toEqual([]);
});

test('a pod that is still as it was leaves nothing for its host to fail of', () => {
  const seen = [process('vip', 7_200, 'b')];
  const world = World.empty.set(kubernetesFiles, HOST).set(staticPodProcesses, { visible: true, processes: seen });
  const [left] = otherRestartsIn(world);
  expect(left && controlPlaneRestart.isBestEffort?.(left)).toBe(true);
  expect(controlPlaneRestart.isBestEffort?.(restartChange('etcd', 'is not running', 'etcd'))).toBe(false);
});

test('a container of the pod that is younger than the file is not among those that end', () => {
  const seen = [process('vip', 7_200, 'b'), process('log', 60, 'c')];
  const world = World.empty.set(kubernetesFiles, HOST).set(staticPodProcesses, { visible: true, processes: seen });
  expect(otherContainers(world, otherRestartsIn(world))).toEqual(new Set(['b'.repeat(64)]));
});

test('nothing is ended that has come back by itself meanwhile', async () => {
  const context = { ...host([[process('vip', 60, 'b')]]), run: () => Promise.reject(new Error('it was ended')) };
  await restartOther(context, POD);
});

test('what it has loaded gets a time before its start when the clock is set back after that', async () => {
  const tree = Tree.forTest().write('/etc/kubernetes/admin.conf', '');
  const before = World.empty
    .set(kubernetesFiles, HOST)
    .set(staticPodProcesses, { visible: true, processes: [process('vip', 7_200, 'b')] });
  const young = process('vip', 86_460, 'c');
  const after = before
    .set(system, { clock: SECONDS - 86_400 } as System)
    .set(processes, { visible: true, processes: [] })
    .set(staticPodProcesses, { visible: true, processes: [young] });
  const context = { ...host([], '', tree.root), observe: async () => after } as WriteContext;
  const planned = { plan: { changes: otherRestartsIn(before) }, world: before };
  await settleTimes(context, planned as unknown as PlannedChanges);
  const { mtimeMs } = statSync(join(tree.root, 'etc/kubernetes/admin.conf'));
  expect(mtimeMs / 1_000).toBeLessThan(young.startedAt);
});

test('and no time before the start of one that has not ended, which would seem to have loaded it', async () => {
  const tree = Tree.forTest().write('/etc/kubernetes/admin.conf', '');
  const before = World.empty
    .set(kubernetesFiles, HOST)
    .set(staticPodProcesses, { visible: true, processes: [process('vip', 7_200, 'b')] });
  const [old, young] = [process('vip', 86_400 + 7_200, 'b'), process('log', 86_460, 'c')];
  const after = before
    .set(system, { clock: SECONDS - 86_400 } as System)
    .set(processes, { visible: true, processes: [] })
    .set(staticPodProcesses, { visible: true, processes: [old, young] });
  const context = { ...host([], '', tree.root), observe: async () => after } as WriteContext;
  await settleTimes(context, {
    plan: { changes: otherRestartsIn(before) },
    world: before,
  } as unknown as PlannedChanges);
  const { mtimeMs } = statSync(join(tree.root, 'etc/kubernetes/admin.conf'));
  expect(mtimeMs / 1_000).toBeGreaterThan(old.startedAt);
  expect(mtimeMs / 1_000).toBeLessThan(young.startedAt);
});

/** The host when the restart was planned. */
const before = (seen: readonly PodProcess[] = []): World =>
  World.empty.set(staticPodProcesses, { visible: true, processes: seen });

test('a static pod is proven by a new process', async () => {
  const [old, young] = [process('vip', 7_200, 'b'), process('vip', 0, 'c')];
  expect(await proveOther(host([[], [young]]), POD, 1_000, before([old]))).toEqual([]);
});

test('one that starts with old files meanwhile is waited for', async () => {
  const [old, next, young] = [process('vip', 7_200, 'b'), process('vip', 7_100, 'c'), process('vip', 0, 'd')];
  expect(await proveOther(host([[next], [], [young]]), POD, 1_000, before([old]))).toEqual([]);
});

test('nobody waits for one that could not be ended: that is told already', async () => {
  const old = process('vip', 7_200, 'b');
  expect(await proveOther(host([[old], [old]]), POD, 1_000, before([old]))).toEqual([]);
});

test('a static pod is restarted once more when the clock was set back after its restart', async () => {
  const past = SECONDS - 86_400;
  const scripts: string[] = [];
  const looks = [process('vip', 86_401, 'b'), process('vip', 86_401, 'b'), process('vip', 0, 'c')];
  const seen = looks.map((one) =>
    World.empty
      .set(kubernetesFiles, HOST)
      .set(system, { clock: past } as System)
      .set(staticPodProcesses, { visible: true, processes: [one] }),
  );
  const context = {
    ...host(looks.map((one) => [one])),
    observe: async () => seen.shift() ?? World.empty,
    run: async (script: ShellScript) => void scripts.push(script.reveal()),
  } as unknown as WriteContext;
  expect(await proveOther(context, POD, 1_000, before())).toEqual([]);
  expect(scripts[0]).toContain('touch -c -h');
  expect(scripts.at(-1)).toContain('b'.repeat(64));
});

test('one that does not come back is a warning and no failure, which would put old certificates back', async () => {
  const [warning] = await proveOther(host([[process('vip', 7_200, 'b')], []]), POD, 1_000, before());
  expect(warning?.message).toBe(`${POD} did not come: ${POD} is not running`);
});
