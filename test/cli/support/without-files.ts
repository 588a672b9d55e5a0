import { openSync } from 'node:fs';
import { processEnvironment } from '../../../src/cli/environment.ts';
import { RunSignals } from '../../../src/cli/fleet/run-signals.ts';
import { runCommand } from '../../../src/cli/hooks/command.ts';
import { LocalLink } from '../../../src/transport/local-link.ts';

/** A program that may open no more files, runs a hook, dials a port and reads its signals, and prints how each fails. */
async function main(): Promise<void> {
  const environment = processEnvironment();
  const link = new LocalLink({});
  const signals = new RunSignals(
    '/',
    () => [],
    (event) => event.type === 'warning' && process.stdout.write(`${event.message}; ${event.remedy}\n`),
  );
  useUp();
  await report(() => runCommand({ argv: ['true'] }, environment, new AbortController().signal));
  await report(() => link.checkTcpPort('127.0.0.1', 1, new AbortController().signal));
  signals.read();
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
