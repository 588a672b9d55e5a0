import { describeSystemError } from '../../core/system-error.ts';
import { processEnvironment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { sourceStack } from '../output/source-stack.ts';
import { surviveOutputErrors } from '../output/surviving-output.ts';
import { runCommandLine } from '../program.ts';
import { surviveLostTerminal } from './lost-terminal.ts';

/**
 * Runs a command line with the streams of this process. If anything ends the process before this returns, that is a bug, and the exit code
 * says so: after an uncaught exception Node.js itself exits with 1, which would mean that no host was contacted.
 * @returns the exit code; nothing is thrown.
 */
export async function runProcess(argv: readonly string[]): Promise<number> {
  const endedEarly = () => {
    process.exitCode = EXIT.bug;
  };
  process.once('exit', endedEarly);
  process.on('uncaughtExceptionMonitor', (error) => {
    error.stack = sourceStack(error);
  });
  surviveLostTerminal();
  const failureOfOutput = surviveOutputErrors(process.stdout);
  surviveOutputErrors(process.stderr);
  const environment = processEnvironment();
  const exitCode = await runCommandLine(argv, environment);
  await Promise.all([process.stdout, process.stderr].map(untilWritten));
  const lost = failureOfOutput();
  if (lost) {
    process.stderr.write(
      `cannot write to standard output: ${describeSystemError(lost)}. The output is incomplete; ` +
        `exit code ${exitCode} is valid all the same.\n`,
    );
    await untilWritten(process.stderr);
  }
  process.off('exit', endedEarly);
  return exitCode;
}

/** Waits until all output has been handed to the system or has failed: a stream reports a failed write later. */
async function untilWritten(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => stream.write('', () => setImmediate(resolve)));
}
