import { openSync } from 'node:fs';
import { processEnvironment } from '../../../src/cli/environment.ts';
import { runCommand } from '../../../src/cli/hooks/command.ts';

/** A program that runs a hook when it may open no more files, and prints the code of its failure. */
async function main(): Promise<void> {
  const environment = processEnvironment();
  useUp();
  try {
    await runCommand({ argv: ['true'] }, environment, new AbortController().signal);
  } catch (error) {
    process.stdout.write(`${(error as NodeJS.ErrnoException).code}\n`);
  }
}

function useUp(): void {
  try {
    for (;;) openSync('/dev/null', 'r');
  } catch {
    // The limit is reached.
  }
}

await main();
