import { once } from 'node:events';
import { openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { Client } from 'ssh2';
import { processEnvironment } from '../../../src/cli/environment.ts';
import { RunSignals } from '../../../src/cli/fleet/run-signals.ts';
import { runCommand } from '../../../src/cli/hooks/command.ts';
import { SshServer } from '../../../src/simulation/ssh-server.ts';
import { LocalLink } from '../../../src/transport/local-link.ts';

/**
 * A program that may open no more files, runs a hook, dials a port, reads its signals and runs a command on a simulated host, and
 * prints how each fails.
 */
async function main(): Promise<void> {
  const environment = processEnvironment();
  const link = new LocalLink({});
  const signals = new RunSignals(
    '/',
    () => [],
    (event) => event.type === 'warning' && process.stdout.write(`${event.message}; ${event.remedy}\n`),
  );
  const server = await SshServer.start({ users: { ops: { password: 'x' } } });
  const client = new Client().connect({ host: '127.0.0.1', port: server.port, username: 'ops', password: 'x' });
  await once(client, 'ready');
  useUp();
  await report(() => runCommand({ argv: ['true'] }, environment, new AbortController().signal));
  await report(() => link.checkTcpPort('127.0.0.1', 1, new AbortController().signal));
  signals.read();
  // What has ended in the same packet is told at once.
  const [said, [code]] = await new Promise<[string, [number]]>((resolve, reject) =>
    client.exec('true', (error, channel) =>
      error
        ? reject(error)
        : resolve(Promise.all([text(channel.stderr), once(channel.resume(), 'exit') as Promise<[number]>])),
    ),
  );
  process.stdout.write(`${code}: ${said}`);
  await once(client.end(), 'close');
  await server.close();
}

function useUp(): void {
  try {
    for (;;) openSync('/dev/null', 'r');
  } catch {
    // The limit is reached.
  }
}

async function report(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const { code, kind, message } = error as Error & { readonly code?: string; readonly kind?: string };
    process.stdout.write(`${code ?? kind}: ${message}\n`);
  }
}

await main();
