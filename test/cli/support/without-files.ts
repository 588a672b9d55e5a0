import { openSync } from 'node:fs';
import { processEnvironment } from '../../../src/cli/environment.ts';
import { runCommand } from '../../../src/cli/hooks/command.ts';
import { LocalLink } from '../../../src/transport/local-link.ts';

/** A program that may open no more files, runs a hook and dials a port, and prints how each fails. */
async function main(): Promise<void> {
  const environment = processEnvironment();
  const link = new LocalLink({});
  useUp();
  await report(() => runCommand({ argv: ['true'] }, environment, new AbortController().signal));
  await report(() => link.checkTcpPort('127.0.0.1', 1, new AbortController().signal));
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
