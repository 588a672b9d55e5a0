import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HostFiles } from '../../src/simulation/host-files.ts';

it('a named pipe into which nobody writes is empty for a simulated host, whose process also has all others', async () => {
  const files = new HostFiles(mkdtempSync(join(tmpdir(), 'kplay-files-')));
  execFileSync('sh', ['-c', 'mkfifo "$0"', files.at('/pipe')]);
  // Ends the wait of a simulation that reads from it, so that this test can fail.
  const writer = spawn('sh', ['-c', 'sleep 60; echo late >"$0"', files.at('/pipe')], { detached: true });
  const ended = new Promise((resolve) => writer.once('close', resolve));
  try {
    expect(files.read('/pipe')).toBe('');
  } finally {
    if (writer.pid !== undefined) process.kill(-writer.pid, 'SIGKILL');
    await ended;
    rmSync(files.root, { recursive: true, force: true });
  }
});
