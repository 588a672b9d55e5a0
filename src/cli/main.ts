#!/usr/bin/env node
import { describeSystemError } from '../core/system-error.ts';
import { outliveOutput, processEnvironment } from './environment.ts';
import { runCommandLine } from './program.ts';
import { reportError } from './report-error.ts';

const failureOfOutput = outliveOutput(process.stdout);
outliveOutput(process.stderr);

// The one place that ends the process.
const environment = processEnvironment();
const argv = process.argv.slice(2);
try {
  process.exitCode = await runCommandLine(argv, environment);
} catch (error) {
  process.exitCode = await reportError(error, argv, environment);
}
// Written at once for files, later for pipes: what has not failed by then is not told of.
const lost = failureOfOutput();
if (lost) {
  process.stderr.write(
    `cannot write to standard output: ${describeSystemError(lost)}. The output is incomplete; ` +
      `exit code ${process.exitCode} is valid all the same.\n`,
  );
}
