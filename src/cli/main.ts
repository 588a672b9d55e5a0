#!/usr/bin/env node
import { outliveReaders, processEnvironment } from './environment.ts';
import { optimizeLate } from './late-optimization.ts';
import { runCommandLine } from './program.ts';
import { reportError } from './report-error.ts';

optimizeLate();
outliveReaders(process.stdout);
outliveReaders(process.stderr);

// The one place that ends the process.
const environment = processEnvironment();
const argv = process.argv.slice(2);
try {
  process.exitCode = await runCommandLine(argv, environment);
} catch (error) {
  process.exitCode = await reportError(error, argv, environment);
}
