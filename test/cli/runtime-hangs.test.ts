import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let site: Site;
let fleet: Fleet;
beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({ masters: 1 });
});
afterAll(() => site.close());

it('a container runtime that hangs after it was planned fails a renewal before anything is ended, and the files are put back', async () => {
  const [{ root = '' } = {}] = fleet.hosts;
  const list = join(root, 'proc/1/net/unix');
  mkdirSync(dirname(list), { recursive: true });
  writeFileSync(list, '0: 00000002 00000000 00010000 0001 01 20000 /run/containerd/containerd.sock\n');
  // The plan is the first to ask.
  const crictl = '[ -e "${0%/*}/asked" ] || exec touch "${0%/*}/asked"\necho "code = DeadlineExceeded" >&2\nexit 1';
  writeFileSync(join(root, 'usr/bin/crictl'), `#!/bin/sh\n${crictl}\n`, { mode: 0o755 });
  const certificate = join(root, 'etc/kubernetes/pki/apiserver.crt');
  const before = readFileSync(certificate, 'utf8');
  const words = ['run', 'renew-certs.yml', '-i', fleet.inventoryFile, '-e', 'renew_before=all', '-o', 'plain'];
  const { exitCode, stdout } = await site.controller.run(words);
  expect(exitCode).toBe(2);
  expect(stdout).toMatch(/^\S+ failed: Restart the control plane › kubelet › demo-m1 +its container runtime hangs/m);
  expect(stdout).not.toContain('changed before');
  // Nothing has ended, and what runs has loaded what is there again, so nothing has to be restarted.
  expect(stdout).toMatch(/^\S+ demo-m1 restored: what runs has read the certificates that are on disk/m);
  expect(stdout).toMatch(/^State: demo-m1 restored\.$/m);
  expect(readFileSync(certificate, 'utf8')).toBe(before);
});
