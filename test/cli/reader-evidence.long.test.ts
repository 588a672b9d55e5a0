import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let site: Site;
beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site.close());

const PLAYBOOK = `- name: Restart
  hosts: all
  become: true
  tasks:
    - name: Restart the control plane
      control_plane.restart: { timeout: 2s }
`;

it('a pod that does not come back is told of with what the host has on record of it', async () => {
  const fleet = await site.fleet({
    stateOf: () => ({ leaves: { 'scheduler.conf': { condition: 'not-loaded' } } as const }),
  });
  const [host] = fleet.hosts;
  if (!host) throw new Error('the fleet has no host');
  const logs = join(host.root, `var/log/pods/kube-system_kube-scheduler-${host.name}_0/kube-scheduler`);
  mkdirSync(logs, { recursive: true });
  writeFileSync(
    join(logs, '6.log'),
    '2026-11-26T04:55:01Z stderr F error: \u001b[2Jno such \u202eimage, token abcdef.0123456789abcdef\n',
  );
  host.kubelet.block('kube-scheduler');
  const playbook = site.controller.file('restart.yml', PLAYBOOK);
  const { exitCode, stdout, stderr } = await site.controller.run(['run', playbook, '-i', fleet.inventoryFile]);
  const shown = stdout + stderr;
  expect(exitCode).toBe(2);
  expect(shown).toContain('restarted 6 times');
  expect(shown).toContain('error: \\x1b[2Jno such \\u202eimage, token ***');
  expect(shown).not.toContain('0123456789abcdef');
});
