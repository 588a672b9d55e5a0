import { InputError, Problems } from '../../core/diagnostic.ts';
import { SecretMask } from '../../core/secret.ts';
import { loadPlaybook } from '../../playbook/load.ts';
import { count } from '../../report/words.ts';
import { catalogue } from '../catalogue.ts';
import { prepareConnector } from '../connections.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { readInputs } from '../inputs.ts';
import type { HostOptions, OutputOptions, PlaybookOptions } from '../options.ts';
import { showDiagnostics } from '../output.ts';
import { playbookPath } from '../playbook-files.ts';

/** What can be checked of it without a connection. */
type ValidateOptions = Omit<HostOptions, 'forks'> & PlaybookOptions & Pick<OutputOptions, 'color'>;

/** `kplay validate`: all that can be known without a connection. */
export async function validate(playbook: string, options: ValidateOptions, environment: Environment): Promise<number> {
  const path = playbookPath(playbook, environment);
  const problems = new Problems();
  const inputs = await readInputs(
    {
      options,
      environment,
      playbook: (found) => loadPlaybook(path, catalogue, found),
      tags: { only: options.tags, skip: options.skipTags },
    },
    problems,
  );
  if (inputs && !problems.hasErrors)
    await prepareConnector(inputs, options, environment, () => undefined, problems, new SecretMask());
  if (problems.hasErrors || !inputs) throw new InputError(problems.all);
  showDiagnostics(problems.all, options, environment);
  const tasks = inputs.plays.reduce((sum, play) => sum + play.tasks.length, 0);
  environment.stdout.write(
    `${playbook}: ${count(inputs.plays.length, 'play')}, ${count(tasks, 'task')}, ${count(inputs.hosts.length, 'host')}. No problems. Nothing was contacted.\n`,
  );
  return EXIT.good;
}
