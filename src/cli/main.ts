#!/usr/bin/env node
import { VERSION } from './version.ts';

// The only place that ends the process. `--version` is answered before anything else is loaded, because scripts ask for it often.
const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  // The reader has exited.
  process.stdout.on('error', () => undefined).write(`${VERSION}\n`);
} else {
  import('./run/run-process.ts')
    .then(({ runProcess }) => runProcess(argv))
    // Without this Node.js first frees all memory, piece by piece. And after a server has rejected a worker, the native part of Temporal's SDK
    // keeps running and cannot be stopped.
    .then((exitCode) => process.exit(exitCode));
}
