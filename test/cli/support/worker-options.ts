import type { Environment } from '../../../src/cli/environment.ts';
import { commandOf } from '../../../src/cli/options/command-words.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import type { WorkerCommandOptions } from '../../../src/cli/temporal/worker.ts';

/** What `kplay worker` reads from the words after its name, without doing it; the server that it names is never asked. */
export function workerOptions(words: readonly string[], environment: Environment): WorkerCommandOptions {
  const program = buildProgram(environment, () => undefined);
  const { command } = commandOf(program, ['worker']);
  command.action(() => undefined);
  program.parse(['worker', ...words, '--engine', 'temporal://127.0.0.1:1'], { from: 'user' });
  return command.opts();
}
