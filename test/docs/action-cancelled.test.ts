import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { needing } from '../support/programs.ts';
import { actionScript } from './support/ci-examples.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kplay-action-'));
  mkdirSync(join(directory, 'dist'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A kplay that ends at a signal, after the time that a step may take. */
const KPLAY = `
process.on('SIGTERM', () => setTimeout(() => { console.log('stopped'); process.exit(130); }, 200));
setTimeout(() => process.exit(1), 20_000);
console.log('runs');
`;

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a job that is cancelled (%s) lets kplay finish its step, and keeps its code',
  needing('bash'),
  async (signal) => {
    writeFileSync(join(directory, 'dist', 'kplay.js'), KPLAY);
    const output = join(directory, 'output');
    const env = {
      PATH: process.env['PATH'],
      HOME: directory,
      ACTION: directory,
      COMMAND: 'run',
      PLAYBOOK: 'renew-certs.yml',
      PRIVATE_KEY: 'a key',
      GITHUB_OUTPUT: output,
    };
    // As the runner starts it, which sends its signals to this process only.
    const job = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', actionScript()], { env });
    let said = '';
    job.stdout.on('data', (text: Buffer) => {
      said += text.toString();
      if (text.toString().includes('runs')) job.kill(signal);
    });
    const [code] = await once(job, 'close');
    expect(said).toBe('runs\nstopped\n');
    expect(code).toBe(130);
    expect(readFileSync(output, 'utf8')).toBe('exit-code=130\n');
  },
);
