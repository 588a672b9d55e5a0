import { count } from '../../core/count.ts';
import { type Diagnostic, inReadingOrder, Problems } from '../../core/diagnostic.ts';
import type { JsonObject } from '../../core/json.ts';
import { SecretMask } from '../../core/secret.ts';
import { tasksOf } from '../../engine/program/play-tasks.ts';
import { withoutSecrets } from '../../report/secrets/source-mask.ts';
import { documentText, isDocument } from '../../report/text/document-text.ts';
import { hang } from '../../report/text/width.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { inputError } from '../inputs/input-error.ts';
import { type Inputs, readInputs } from '../inputs/inputs.ts';
import { playbookPath } from '../inputs/playbook-files.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { OutputOptions, PlaybookOptions, RolloutOptions, StateOptions } from '../options/options.ts';
import { screenWidth, showDiagnostics } from '../output/output.ts';
import { diagnosticsJson } from '../output/report-error.ts';
import { prepareConnector } from '../run/connections.ts';
import { playbookInputs } from '../run/playbook-inputs.ts';

/** Options that matter without a connection. */
type ValidateOptions = Omit<HostOptions, 'forks'> &
  PlaybookOptions &
  StateOptions &
  RolloutOptions &
  Pick<OutputOptions, 'color' | 'output'>;

/** `kplay validate`: all checks that need no connection. docs/exit-codes.md describes its documents. */
export async function validate(playbook: string, options: ValidateOptions, environment: Environment): Promise<number> {
  const { inputs, warnings } = await checkedInputs(playbookPath(playbook, environment), options, environment, {
    knowsRollout: true,
  });
  showDiagnostics(warnings, options, environment);
  const { stdout } = environment;
  if (isDocument(options.output)) {
    stdout.write(await documentText(options.output, validJson(playbook, inputs, warnings)));
    return EXIT.good;
  }
  const tasks = inputs.plays.reduce((sum, play) => sum + tasksOf(play).length, 0);
  const counts = [count(inputs.plays.length, 'play'), count(tasks, 'task'), count(inputs.hosts.length, 'host')];
  const verdict = warnings.length === 0 ? 'No problems.' : 'No errors.';
  const summary = `${counts.join(', ')}. ${verdict} No host was contacted.`;
  stdout.write(`${hang(`${playbook}: `, summary, screenWidth(stdout)).join('\n')}\n`);
  return EXIT.good;
}

function validJson(playbook: string, { plays, hosts }: Inputs, warnings: readonly Diagnostic[]): JsonObject {
  return {
    version: 1,
    type: 'valid',
    exitCode: EXIT.good,
    playbook,
    plays: plays.map((play) => ({
      name: play.name,
      hosts: play.hosts.map(({ host }) => host.name),
      tasks: tasksOf(play).length,
    })),
    hosts: hosts.map(({ name }) => name),
    problems: diagnosticsJson(withoutSecrets(inReadingOrder(warnings))),
  };
}

interface CheckedInputs {
  readonly inputs: Inputs;
  readonly warnings: readonly Diagnostic[];
}

/**
 * Reads a playbook with its inventory and checks everything that needs no connection.
 * @param path as `playbookPath` returns it
 * @throws {InputError} with all errors.
 */
export async function checkedInputs(
  path: string,
  options: Omit<ValidateOptions, 'color' | 'output'>,
  environment: Environment,
  { knowsRollout }: { readonly knowsRollout: boolean },
): Promise<CheckedInputs> {
  const problems = new Problems();
  const inputs = await readInputs({ options, environment, ...playbookInputs(path, options), knowsRollout }, problems);
  const mask = new SecretMask();
  if (inputs) await prepareConnector(inputs, options, environment, { problems, mask, warn: () => undefined });
  if (problems.hasErrors || !inputs) throw inputError(problems, inputs, mask);
  return { inputs, warnings: problems.all };
}
