import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnreachableError } from '../../src/core/session.ts';
import { userScript } from '../../src/core/shell.ts';
import { processes } from '../../src/facts/processes/processes.ts';
import { startFleet } from '../../src/simulation/fleet.ts';
import { snapshotDifference } from '../../src/simulation/snapshot.ts';
import { Bench } from './support/bench.ts';
import { ask, runOn, withSession } from './support/sessions.ts';
import { until } from './support/until.ts';

let bench: Bench;
beforeAll(async () => {
  bench = new Bench();
});
afterAll(() => bench.close());

describe('a connection that is cut', () => {
  it.each([
    { when: 'before', hasRun: false },
    { when: 'after', hasRun: true },
  ] as const)('$when the second script: it has run, or not', async ({ when, hasRun }) => {
    const fleet = await bench.fleet();
    const [host] = fleet.hosts;
    const marks = (name: string): boolean => existsSync(join(host?.root ?? '', 'tmp', name));
    await withSession(fleet, host, async (session) => {
      host?.connections.cutAt({ when, script: 2 });
      expect(await session.run(userScript('touch "$R"/tmp/first'))).toMatchObject({ exitCode: 0 });
      const second = session.run(userScript('sleep 0.2; touch "$R"/tmp/second'));
      await expect(second).rejects.toBeInstanceOf(UnreachableError);
    });
    if (hasRun) await until(() => marks('second'));
    expect([marks('first'), marks('second')]).toEqual([true, hasRun]);
    expect(await runOn(fleet, 'echo back')).toMatchObject({ stdout: 'back\n' });
  });

  it('in the script that holds a word', async () => {
    const fleet = await bench.fleet();
    const [host] = fleet.hosts;
    await withSession(fleet, host, async (session) => {
      host?.connections.cutAt({ when: 'after', script: 1, holding: 'dangerous' });
      expect(await session.run(userScript('echo harmless'))).toMatchObject({ stdout: 'harmless\n' });
      await expect(session.run(userScript('sleep 1 # dangerous'))).rejects.toBeInstanceOf(UnreachableError);
    });
  });
});

describe('a host without power', () => {
  it('is gone, with its files as they were', async () => {
    const fleet = await bench.fleet();
    const [host] = fleet.hosts;
    const before = host?.snapshot() ?? new Map();
    await host?.powerOff();
    await expect(runOn(fleet, 'true')).rejects.toBeInstanceOf(UnreachableError);
    expect(host?.localPort('127.0.0.1', 6443)).toBeUndefined();
    expect(snapshotDifference(before, host?.snapshot() ?? new Map())).toEqual(new Map());
  });
});

describe('a pod that is held down', () => {
  it('does not come back', async () => {
    const fleet = await bench.fleet();
    fleet.hosts[0]?.kubelet.block('kube-scheduler');
    const manifest = '"$R"/etc/kubernetes/manifests/kube-scheduler.yaml';
    await runOn(
      fleet,
      `mv ${manifest} "$R"/tmp/m; while grep -q scheduler "$R"/proc/*/comm; do sleep 0.1; done; mv "$R"/tmp/m ${manifest}`,
    );
    await runOn(fleet, '"$(tool systemctl)" restart kubelet; sleep 1');
    expect((await ask(fleet, processes)).processes.map(({ component }) => component)).not.toContain('kube-scheduler');
  });
});

describe('a snapshot', () => {
  it('notices content, mode, time, links and what comes and goes', async () => {
    const fleet = await bench.fleet();
    const [host] = fleet.hosts;
    const before = host?.snapshot() ?? new Map();
    await runOn(
      fleet,
      `cd "$R"
printf x >>etc/hostname
chmod 600 etc/passwd
touch -d '2020-01-01 00:00:00' var/lib/kubelet/config.yaml
ln -s /nowhere tmp/link
rm root/.kube/config`,
    );
    expect(Object.fromEntries(snapshotDifference(before, host?.snapshot() ?? new Map()))).toEqual({
      '/etc/hostname': ['content', 'time'],
      '/etc/passwd': ['mode'],
      '/var/lib/kubelet/config.yaml': ['time'],
      '/tmp': ['time'],
      '/tmp/link': ['created'],
      '/root/.kube': ['time'],
      '/root/.kube/config': ['removed'],
    });
  });
});

describe('a fleet', () => {
  it('leaves nothing behind', async () => {
    const fleet = await startFleet({ masters: 3, runtime: bench.runtime });
    expect(fleet.inventory).toMatch(/^# SIMULATION: /);
    await fleet.close();
    expect(existsSync(fleet.directory)).toBe(false);
  });
});
