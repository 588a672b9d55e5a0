import { describeSystemError } from '../core/system-error.ts';
import { outliveOutput, processEnvironment } from './environment.ts';
import { runCommandLine } from './program.ts';
import { reportError } from './report-error.ts';

/** Runs a command line with the streams of this process. @returns the exit code; nothing is thrown. */
export async function runProcess(argv: readonly string[]): Promise<number> {
  const failureOfOutput = outliveOutput(process.stdout);
  outliveOutput(process.stderr);
  const environment = processEnvironment();
  const exitCode = await runCommandLine(argv, environment).catch((error) => reportError(error, argv, environment));
  // Written at once for files, later for pipes: what has not failed by then is not told of.
  const lost = failureOfOutput();
  if (lost) {
    process.stderr.write(
      `cannot write to standard output: ${describeSystemError(lost)}. The output is incomplete; ` +
        `exit code ${exitCode} is valid all the same.\n`,
    );
  }
  return exitCode;
}
