#!/usr/bin/env node
import { VERSION } from './version.ts';

// The one place that ends the process. Scripts ask for the version often: it is told before anything else is loaded.
const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  // A reader that goes wants no more.
  process.stdout.on('error', () => undefined).write(`${VERSION}\n`);
} else {
  import('./run/run-process.ts')
    .then(({ runProcess }) => runProcess(argv))
    .then((exitCode) => {
      process.exitCode = exitCode;
      // Of a worker that its server has refused something stays in the native part of the SDK that nobody can end.
      if (argv.includes('worker')) process.exit();
    });
}
