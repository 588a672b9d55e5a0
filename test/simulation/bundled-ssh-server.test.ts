import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import ssh2 from 'ssh2';
import { expect, it } from 'vitest';
import type { SshServer } from '../../src/simulation/ssh-server.ts';

/** The server as in a build, where classes have other names. */
async function bundled(directory: string): Promise<typeof SshServer> {
  const outfile = join(directory, 'server.cjs');
  await build({
    entryPoints: ['src/simulation/ssh-server.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minifyIdentifiers: true,
    external: ['cpu-features', '*.node'],
    logLevel: 'error',
  });
  const { default: module } = (await import(pathToFileURL(outfile).href)) as {
    default: { SshServer: typeof SshServer };
  };
  return module.SshServer;
}

it('a bundled server outlives a client that vanishes before it runs anything', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-bundled-'));
  try {
    const server = await (await bundled(directory)).start({ users: { admin: { password: 'x' } } });
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
    client.connect({ host: '127.0.0.1', port: server.port, username: 'admin', password: 'x' });
    await closed;
    await expect(server.close()).resolves.toBeUndefined();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
