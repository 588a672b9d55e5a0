import type { Command, Option } from 'commander';

const WORKERS = 'workers connect to the hosts: use it with kplay worker';
const QUESTIONS = 'workers cannot ask: use approval: manual in the rollout, and kplay approve RUN';
const WHEN_CHECKING = 'remove --engine, which is for work that workers carry out';
const SET_ON_WORKERS =
  'see the log and the journals of the workers for what each task does: kplay worker -v, and kplay show there';

/** Options of `kplay run` that do not apply when workers carry out a rollout, and what to do instead. */
export const ENGINE_CONFLICTS: Readonly<Record<string, string>> = {
  check: WHEN_CHECKING,
  dryRun: WHEN_CHECKING,
  syntaxCheck: WHEN_CHECKING,
  listHosts: WHEN_CHECKING,
  listTasks: WHEN_CHECKING,
  listTags: WHEN_CHECKING,
  confirm: QUESTIONS,
  step: QUESTIONS,
  diff: SET_ON_WORKERS,
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

/** Makes `command` explain what to do instead of an option that conflicts with `engine`. */
export function explainEngineConflicts(command: Command, engine: Option): void {
  const { outputError } = command.configureOutput();
  command.configureOutput({
    outputError: (text, write) => {
      const isAboutEngine = text.includes(`option '${engine.flags}'`) && text.includes('cannot be used with');
      const other = command.options.find(
        (option) => option !== engine && isAboutEngine && text.includes(`option '${option.flags}'`),
      );
      const instead = other && ENGINE_CONFLICTS[other.attributeName()];
      const whole = instead === undefined ? text : `${text.trimEnd()}\n  ${instead}\n`;
      if (outputError) outputError(whole, write);
      else write(whole);
    },
  });
}
