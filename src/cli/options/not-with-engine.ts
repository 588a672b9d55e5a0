import type { Command, Option } from 'commander';

const WORKERS = 'workers connect to the hosts: use it with kplay worker';
const QUESTIONS = 'workers cannot ask: use approval: manual in the rollout, and kplay approve RUN';
const LOOKING = 'remove --engine, which is for work that workers carry out';
const ON_WORKERS =
  'see the log and the journals of the workers for what each task does: kplay worker -v, and kplay show there';

/** The options of `kplay run` that say nothing where workers carry out a rollout, by name, and what to do instead. */
export const NOT_WITH_ENGINE: Readonly<Record<string, string>> = {
  check: LOOKING,
  dryRun: LOOKING,
  syntaxCheck: LOOKING,
  listHosts: LOOKING,
  listTasks: LOOKING,
  listTags: LOOKING,
  confirm: QUESTIONS,
  step: QUESTIONS,
  diff: ON_WORKERS,
  forks: WORKERS,
  user: WORKERS,
  connection: WORKERS,
  privateKey: WORKERS,
  become: WORKERS,
  becomeUser: WORKERS,
  becomeMethod: WORKERS,
  becomePasswordFile: WORKERS,
  hostKeyChecking: WORKERS,
  sshArgs: WORKERS,
  sshCommonArgs: WORKERS,
  sshExtraArgs: WORKERS,
  timeout: WORKERS,
  askPass: 'workers cannot ask: use a key, kplay worker --private-key',
  askBecomePass: 'workers cannot ask: use a file, kplay worker --become-password-file',
};

/** Makes `command` say what to do instead of an option that does not go with `engine`. */
export function explainEngineConflicts(command: Command, engine: Option): void {
  const { outputError } = command.configureOutput();
  command.configureOutput({
    outputError: (text, write) => {
      const isAboutEngine = text.includes(`option '${engine.flags}'`) && text.includes('cannot be used with');
      const other = command.options.find(
        (option) => option !== engine && isAboutEngine && text.includes(`option '${option.flags}'`),
      );
      const instead = other && NOT_WITH_ENGINE[other.attributeName()];
      const whole = instead === undefined ? text : `${text.trimEnd()}\n  ${instead}\n`;
      if (outputError) outputError(whole, write);
      else write(whole);
    },
  });
}
