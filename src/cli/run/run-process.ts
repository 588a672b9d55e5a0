import { describeSystemError } from '../../core/system-error.ts';
import { outliveOutput, processEnvironment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { runCommandLine } from '../program.ts';

/**
 * Runs a command line with the streams of this process. What ends the process before this is done is a bug, and its exit code says so:
 * Node.js itself ends with 1 after an exception that nobody caught, which would mean that no host was contacted.
 * @returns the exit code; nothing is thrown.
 */
export async function runProcess(argv: readonly string[]): Promise<number> {
  const endedEarly = () => {
    process.exitCode = EXIT.bug;
  };
  process.once('exit', endedEarly);
  const failureOfOutput = outliveOutput(process.stdout);
  outliveOutput(process.stderr);
  const environment = processEnvironment();
  const exitCode = await runCommandLine(argv, environment);
  await Promise.all([process.stdout, process.stderr].map(untilWritten));
  const lost = failureOfOutput();
  if (lost) {
    process.stderr.write(
      `cannot write to standard output: ${describeSystemError(lost)}. The output is incomplete; ` +
        `exit code ${exitCode} is valid all the same.\n`,
    );
  }
  process.off('exit', endedEarly);
  return exitCode;
}

/** What has been said is with the system, or has failed: a stream tells of a failure after whoever wrote has gone on. */
async function untilWritten(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => stream.write('', () => setImmediate(resolve)));
}
