import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ssh2 from 'ssh2';
import { expect, it } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Says its port, and ends when its input does. */
const PROGRAM = `
import { SshServer } from './src/simulation/ssh-server.ts';
void SshServer.start({ users: { admin: { password: 'x' } } }).then((server) => {
  process.stdin.on('end', () => void server.close()).resume();
  process.stdout.write(String(server.port));
});
`;

/** A program that serves as a build does, where classes have other names. */
async function bundle(outfile: string): Promise<void> {
  await build({
    absWorkingDir: PROJECT,
    stdin: { contents: PROGRAM, resolveDir: PROJECT, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minifyIdentifiers: true,
    external: ['cpu-features', '*.node'],
    logLevel: 'error',
  });
}

/** Logs in, and vanishes when its session is open, before it asks for anything. */
async function vanish(port: number): Promise<void> {
  const client = new ssh2.Client();
  const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
  client.on('error', () => undefined);
  client.on('ready', () => {
    const { _protocol: protocol, _sock: socket } = client as unknown as {
      readonly _protocol: { exec: () => void };
      readonly _sock: { destroy(): void };
    };
    protocol.exec = () => socket.destroy();
    client.exec('true', () => undefined);
  });
  client.connect({ host: '127.0.0.1', port, username: 'admin', password: 'x' });
  await closed;
}

it('a bundled server outlives a client that vanishes before it runs anything', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-bundled-'));
  try {
    const outfile = join(directory, 'server.cjs');
    await bundle(outfile);
    const server = spawn(process.execPath, [outfile], { stdio: ['pipe', 'pipe', 'pipe'] });
    const ended = once(server, 'close');
    let said = '';
    server.stderr.on('data', (data: Buffer) => {
      said += data.toString();
    });
    const [port] = await once(server.stdout, 'data');
    await vanish(Number(port));
    server.stdin.end();
    expect(await ended, said).toEqual([0, null]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
