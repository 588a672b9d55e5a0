import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { sh } from '../../src/core/shell.ts';
import { connectorFor, host } from './support/sessions.ts';

const directory = mkdtempSync(join(tmpdir(), 'kplay-beat-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('a session that writes beats between its scripts, and no more once it is closed', async () => {
  const file = join(directory, 'beats');
  const beats = (): number => readFileSync(file, 'utf8').length;
  const here = host('here', { ansible_connection: 'local' });
  const beat = { script: sh`echo >>${file}`, everyMs: 20 };
  const session = await (await connectorFor([here])).openForWriting(here, { beat });
  await session.run(sh`echo >${file}`);
  await vi.waitFor(() => expect(beats()).toBeGreaterThan(3), 10_000);
  const { stdout } = await session.run(
    sh`a=$(cat ${file} | wc -l); sleep 0.2; b=$(cat ${file} | wc -l); echo $((b - a))`,
  );
  expect(stdout).toBe('0\n');
  await session.close();
  const last = beats();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(beats()).toBe(last);
});
