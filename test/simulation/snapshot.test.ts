import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { snapshotOf } from '../../src/simulation/snapshot.ts';

it('a snapshot is of a host that lives on: what goes meanwhile is not there', async () => {
  const root = mkdtempSync(join(tmpdir(), 'kplay-snapshot-'));
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/hosts'), '');
  const turmoil = 'echo begun; while :; do mkdir a a/b; echo x >a/c; rm -r a; done';
  const busy = spawn('sh', ['-c', turmoil], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => busy.once('close', resolve));
  try {
    await new Promise((resolve) => busy.stdout.once('data', resolve));
    for (let time = 0; time < 20_000; time += 1) expect(snapshotOf(root).has('/etc/hosts')).toBe(true);
  } finally {
    busy.kill('SIGKILL');
    await ended;
    rmSync(root, { recursive: true, force: true });
  }
});
