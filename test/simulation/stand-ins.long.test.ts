import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubeadmBinary } from '../../src/facts/host/kubeadm-binary.ts';
import { serviceState } from '../../src/facts/processes/service-state.ts';
import { needing, program } from '../support/programs.ts';
import { Bench } from './support/bench.ts';
import { certificateAt } from './support/credentials.ts';
import { applyFleet, planFleet } from './support/engine.ts';
import { ask, runOn } from './support/sessions.ts';

let bench: Bench;
beforeAll(async () => {
  bench = new Bench();
});
afterAll(() => bench.close());

describe('kubectl', () => {
  it('says what kubectl says', async () => {
    const fleet = await bench.fleet();
    const kubectl = (words: string) => runOn(fleet, `"$(tool kubectl)" --kubeconfig "$R"/etc/kubernetes/${words}`);
    expect(await kubectl('admin.conf get nodes --no-headers')).toMatchObject({
      exitCode: 0,
      stdout: 'demo-m1   Ready   control-plane   100d   v1.33.13\n',
    });
    expect(await kubectl('kubelet.conf get nodes --no-headers demo-m1')).toMatchObject({
      stdout: expect.stringMatching(/^demo-m1 +Ready/),
    });
    expect(await kubectl('kubelet.conf get nodes')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Error from server (Forbidden): nodes is forbidden: User "system:node:demo-m1"'),
    });
    expect(await kubectl('scheduler.conf --server https://10.20.0.99:6443 get nodes')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /\nThe connection to the server 10.20.0.99:6443 was refused - did you specify the right host or port\?\n$/,
      ),
    });
    expect(await kubectl('admin.conf get --raw /readyz')).toMatchObject({ exitCode: 0, stdout: 'ok' });
  });
});

describe('systemctl', () => {
  it('knows kubelet and nothing else', async () => {
    const fleet = await bench.fleet();
    expect(await ask(fleet, serviceState('kubelet'))).toEqual({ exists: true, running: true, enabled: true });
    expect(await ask(fleet, serviceState('nginx'))).toEqual({ exists: false, running: false, enabled: false });
  });
});

describe('kubeadm', () => {
  it('is of the version of its cluster, or absent', async () => {
    const present = await bench.fleet({ kubernetesVersion: 'v1.31.2' });
    expect(await ask(present, kubeadmBinary)).toMatchObject({ version: { major: 1, minor: 31, patch: 2 } });
    const absent = await bench.fleet({ stateOf: () => ({ kubeadm: false }) });
    expect(await ask(absent, kubeadmBinary)).toMatchObject({ problem: 'there is no kubeadm on the host' });
  });

  it.each(['renew', 'phase'])('makes what kplay asks of it by %s', { timeout: 120_000 }, async (method) => {
    const extraNames = ['api.example.org'];
    const fleet = await bench.fleet({
      stateOf: () => ({ all: { condition: 'due' }, leaves: { apiserver: { condition: 'expired', extraNames } } }),
    });
    const root = fleet.hosts[0]?.root ?? '';
    const before = certificateAt(root, '/etc/kubernetes/pki/apiserver.crt');
    const { result, plan } = await applyFleet(fleet.inventoryFile, { method });
    expect(result).toMatchObject({ failed: [], refused: [] });
    const makers = plan?.hosts[0]?.tasks[3];
    expect(makers).toMatchObject({
      changes: expect.arrayContaining([
        expect.objectContaining({ after: expect.objectContaining({ made_by: method }) }),
      ]),
    });
    const after = certificateAt(root, '/etc/kubernetes/pki/apiserver.crt');
    expect(after?.serialNumber).not.toBe(before?.serialNumber);
    expect(after?.subjectAltName?.split(', ').sort()).toEqual(before?.subjectAltName?.split(', ').sort());
  });

  it('never replaces by phase what exists', async () => {
    const fleet = await bench.fleet();
    const config = [
      'apiVersion: kubeadm.k8s.io/v1beta4',
      'kind: InitConfiguration',
      'localAPIEndpoint: { advertiseAddress: 10.20.0.11 }',
      'nodeRegistration: { name: demo-m1 }',
      'certificatesDir: CERTIFICATES',
    ];
    const { stdout, exitCode } = await runOn(
      fleet,
      `before=$(cat "$R"/etc/kubernetes/pki/apiserver.crt)
printf '%s\\n' ${config.map((line) => `'${line}'`).join(' ')} | sed "s|CERTIFICATES|$R/etc/kubernetes/pki|" >"$R"/tmp/config
"$(tool kubeadm)" init phase certs apiserver --config "$R"/tmp/config
[ "$before" = "$(cat "$R"/etc/kubernetes/pki/apiserver.crt)" ]`,
    );
    expect(stdout).toBe('[certs] Using existing apiserver certificate and key on disk\n');
    expect(exitCode).toBe(0);
  });
});

describe('the sh of a host', () => {
  for (const shell of ['dash', 'bash', 'busybox'] as const)
    it(`can be ${shell}`, needing(shell), async () => {
      const programs = join(bench.runtime.directory, `bin-${shell}`);
      mkdirSync(programs);
      symlinkSync(program(shell) ?? '', join(programs, 'sh'));
      chmodSync(programs, 0o755);
      const fleet = await bench.fleet({
        path: `${programs}:${bench.runtime.path}`,
        stateOf: () => ({ all: { condition: 'due' } }),
      });
      const { plan } = await planFleet(fleet.inventoryFile, { method: 'auto' });
      expect(plan?.hosts[0]?.tasks.map(({ action }) => action)).toEqual([
        'none',
        ...Array.from({ length: 5 }, () => 'change'),
        'none',
        'change',
      ]);
    });
});
