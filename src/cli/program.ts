import { Argument, Command, CommanderError, Option } from 'commander';
import { CHECK_FORMATS } from '../report/check/formats.ts';
import { readableWords } from './command-words.ts';
import type { Environment } from './environment.ts';
import { addJournalCommands } from './journal/commands.ts';
import { duration, positive } from './option-values.ts';
import { withVariables } from './option-variables.ts';
import {
  addChangeOptions,
  addColorOption,
  addHostOptions,
  addInventorySources,
  addListOptions,
  addOutputOptions,
  addPlaybookOptions,
  addStateOption,
  addUncontactedHostOptions,
  addVariableOptions,
  BACKUP_DIRECTORY,
  CONTACT_OPTIONS,
  DEFAULT_CRITICAL,
  DEFAULT_RENEW_BEFORE,
  metricsOption,
  reportOption,
} from './options.ts';
import { command } from './subcommand.ts';
import { VERSION } from './version.ts';

/** Parses the command line and runs what it names. The commands themselves are loaded only when they are run. */
export async function runCommandLine(argv: readonly string[], environment: Environment): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(environment, (code) => (exitCode = code));
  try {
    // Its words are those of an unfinished command line, and no options of its own.
    const [first, ...words] = argv;
    if (first === '__complete') return (await import('./commands/complete.ts')).complete(program, words, environment);
    const typed = readableWords(program, argv);
    await program.parseAsync([...withVariables(program, typed, environment)], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help and version end here with 0; whatever else the parser says is wrong input.
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      if (!argv.includes('--nagios')) return 1;
      // To Nagios 1 would be a warning.
      environment.stdout.write('CERTIFICATES UNKNOWN - the command line is wrong, see standard error\n');
      return 3;
    }
    throw error;
  }
}

const EXAMPLES = `
Examples:
  kplay check -i prod.yml                                 every certificate of every host
  kplay plan renew-certs.yml -i prod.yml                  what would be done; writes nothing
  kplay run renew-certs.yml -i prod.yml                   do it, prove it
  kplay rollback -i prod.yml --list                       backups on the hosts
  kplay history                                           which runs there were
  kplay show last                                         what the last of them has done
  kplay certs csr -i prod.yml --out requests              external CA: requests to have signed …
  kplay certs install requests -i prod.yml                … and what came back, checked and installed
  kplay demo                                              the whole job on simulated hosts

Every option can also be given by a variable: KPLAY_INVENTORY=prod.yml for --inventory, KPLAY_BECOME=true for --become.

Exit codes: 0 good, 1 input wrong and nothing contacted, 2 a host failed, 3 refused, 4 unreachable, 5 a bug, 130 interrupted.
`;

function buildProgram(environment: Environment, finish: (code: number) => void): Command {
  const program = new Command('kplay')
    .description('Renews the certificates of kubeadm clusters, and runs playbooks: observe, plan, show, apply, prove.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', EXAMPLES)
    .showSuggestionAfterError()
    .showHelpAfterError('(see kplay --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => environment.stdout.write(text),
      writeErr: (text) => environment.stderr.write(text),
    });

  addListOptions(
    addChangeOptions(
      addPlaybookOptions(
        addOutputOptions(addHostOptions(command(program, 'run <playbook>', 'observe, plan, show, apply, prove'))),
      ),
      ['check', 'syntaxCheck', 'listHosts', 'listTasks', 'listTags'],
      { canWait: true },
    ),
    ['check', 'syntaxCheck', 'diff', 'confirm', 'metrics', 'report', 'forceHandlers'],
  )
    .option('-C, --check', 'plan only, as kplay plan (also: --dry-run)')
    .addOption(new Option('--dry-run', 'as --check').implies({ check: true }).hideHelp())
    .option('-D, --diff', 'show what changes in files')
    .addOption(new Option('--confirm', 'show the plan and ask before anything is changed').conflicts('check'))
    .addOption(
      new Option('--force-handlers', 'run handlers on hosts that fail, too, where a play does not say').conflicts([
        'check',
        'syntaxCheck',
      ]),
    )
    .addOption(metricsOption().conflicts(['check', 'syntaxCheck']))
    .addOption(reportOption().conflicts('syntaxCheck'))
    .addOption(
      new Option('--syntax-check', 'as kplay validate').conflicts([
        ...['check', 'diff', 'confirm', 'output', 'verbose', 'localTime'],
        ...CONTACT_OPTIONS,
      ]),
    )
    .action(async (playbook, options) =>
      finish(await (await import('./commands/run.ts')).run(playbook, options, environment)),
    );

  addListOptions(
    addPlaybookOptions(
      addOutputOptions(addHostOptions(command(program, 'plan <playbook>', 'observe, plan and show; writes nothing'))),
    ),
    ['out', 'sign', 'detailedExitcode', 'diff', 'report'],
  )
    .option('--out <file>', 'save the plan, for kplay apply')
    .option('--sign <key>', 'with --out: sign the plan with an ssh key, as FILE.sig')
    .addOption(reportOption())
    .option('--detailed-exitcode', '0 nothing to do, 2 something to do, 1 error')
    .option('-D, --diff', 'show what changes in files')
    .action(async (playbook, options) =>
      finish(await (await import('./commands/plan.ts')).plan(playbook, options, environment)),
    );

  addChangeOptions(
    addOutputOptions(
      // Which hosts stands in the plan: --limit is refused with what to do instead.
      addHostOptions(command(program, 'apply <file>', 'apply a saved plan: exactly that'), { hidesLimit: true }),
    ),
  )
    .option('-D, --diff', 'show what changes in files')
    .addOption(metricsOption())
    .addOption(reportOption())
    .option(
      '--verify <signers>',
      'only a plan that somebody has signed whom this file names (ssh-keygen, ALLOWED SIGNERS)',
    )
    .action(async (file, options) =>
      finish(await (await import('./commands/apply.ts')).apply(file, options, environment)),
    );

  addVariableOptions(
    addOutputOptions(addHostOptions(command(program, 'check', 'table of every certificate of every host')), [
      'table',
      'wide',
      ...Object.keys(CHECK_FORMATS),
    ]),
  )
    .option('--renew-before <time>', `what ends within this time is due (default: ${DEFAULT_RENEW_BEFORE})`)
    .addOption(
      new Option('--warn <time>', 'what ends within this time is a warning (default: --renew-before)').argParser(
        duration,
      ),
    )
    .addOption(
      new Option(
        '--critical <time>',
        `what ends within this time is critical (default: ${DEFAULT_CRITICAL})`,
      ).argParser(duration),
    )
    .addOption(metricsOption())
    .option('--exit-code', 'say how the certificates are: 0 ok, 2 critical, 3 warning, 4 not all could be looked at')
    .addOption(
      new Option(
        '--nagios',
        'one line with performance data, and exit codes 0 to 3, as plugins of Nagios have them',
      ).conflicts(['exitCode', 'output']),
    )
    .action(async (options) => finish(await (await import('./commands/check.ts')).check(options, environment)));

  addChangeOptions(
    addVariableOptions(
      addOutputOptions(
        addHostOptions(command(program, 'rollback', 'put a backup back: plan, show, restore, restart, prove')),
      ),
    ),
    ['check', 'list'],
  )
    .option('--backup <id>', 'which backup (default: the latest)')
    .option('--backup-to <directory>', `where the backups are (default: ${BACKUP_DIRECTORY})`)
    .option('--even-expired', 'put certificates back even if they have expired, or end within a day')
    .option('-C, --check', 'plan only')
    .option('-D, --diff', 'show what changes in manifests')
    .addOption(reportOption())
    .option('--confirm', 'show the plan and ask before anything is changed')
    .addOption(
      new Option('--list', 'list the backups instead').conflicts([
        'backup',
        'evenExpired',
        'check',
        'diff',
        'confirm',
        'report',
      ]),
    )
    .action(async (options) => finish(await (await import('./commands/rollback.ts')).rollback(options, environment)));

  addPlaybookOptions(
    addColorOption(
      addUncontactedHostOptions(command(program, 'validate <playbook>', 'check everything that needs no connection')),
    ),
  ).action(async (playbook, options) =>
    finish(await (await import('./commands/validate.ts')).validate(playbook, options, environment)),
  );

  addStateOption(
    addOutputOptions(addHostOptions(command(program, 'unlock', 'remove the lock of a run that is gone or hangs'))),
  )
    .requiredOption('--reason <text>', 'why, for the journal')
    .option('--confirm', 'show the plan and ask before anything is changed')
    .action(async (options) => finish(await (await import('./commands/unlock.ts')).unlock(options, environment)));

  addInventorySources(command(program, 'windows', 'when each cluster of an inventory may be changed'))
    .addOption(new Option('--next <number>', 'so many windows ahead').argParser(positive).default(3))
    .addOption(new Option('-o, --output <kind>', 'how to show it').choices(['table', 'json']).default('table'))
    .addOption(new Option('--no-color', 'no colour (also: NO_COLOR=1)'))
    .action(async (options) => finish(await (await import('./commands/windows.ts')).windows(options, environment)));

  addCertificateCommands(program, environment, finish);
  addJournalCommands(program, environment, finish);

  addOutputOptions(command(program, 'demo', 'try kplay on simulated hosts'), ['auto', 'tree', 'plain'])
    .addOption(new Option('--masters <number>', 'how many masters').argParser(positive).default(3))
    .option('--keep', 'leave the hosts up until Enter is pressed')
    .action(async (options) => finish(await (await import('./commands/demo.ts')).demo(options, environment)));

  addInventorySources(command(program, 'inventory', 'print the inventory as ansible-inventory does'))
    .option('--list', 'everything as JSON, as a script that is an inventory prints it')
    .addOption(new Option('--graph', 'groups and hosts as a tree').conflicts(['list', 'host']))
    .addOption(new Option('--host <name>', 'the variables of one host as JSON').conflicts('list'))
    .option('--no-color', 'no colour (also: NO_COLOR=1)')
    .action(async (options) => finish((await import('./commands/inventory.ts')).inventory(options, environment)));

  command(program, 'completion', 'print a script that completes kplay in a shell')
    .addArgument(new Argument('<shell>', 'which').choices(['bash', 'zsh', 'fish']))
    .action(async (shell) => finish((await import('./commands/completion.ts')).completion(shell, environment)));

  command(program, 'steps', 'list the steps that a task can use')
    .addOption(new Option('-o, --output <kind>', 'how to show it').choices(['table', 'json']).default('table'))
    .addOption(new Option('--no-headers', 'the table without its titles and hints'))
    .action(async (options) => finish((await import('./commands/steps.ts')).steps(options, environment)));

  command(program, 'version', 'print the version')
    .addOption(new Option('-o, --output <kind>', 'how to show it').choices(['text', 'json']).default('text'))
    .action(async (options) => finish((await import('./commands/version.ts')).version(options, environment)));

  command(program, 'doc <step>', "a step's parameters and examples").action(async (step) =>
    finish((await import('./commands/steps.ts')).doc(step, environment)),
  );
  return program;
}

/** For clusters whose CA keys are kept elsewhere. */
function addCertificateCommands(program: Command, environment: Environment, finish: (code: number) => void): void {
  const certs = command(program, 'certs', 'certificates that are signed elsewhere: requests, and what comes back');
  addChangeOptions(
    addVariableOptions(
      addOutputOptions(addHostOptions(command(certs, 'csr', 'make keys on the hosts and requests for what is due'))),
    ),
  )
    .requiredOption('--out <directory>', 'where the requests go, as HOST/NAME.csr')
    .option('--renew-before <time>', 'what ends within this time is due')
    .option('--etcd-client', 'the client pair for an external etcd as well')
    .addOption(
      new Option('--keys <maker>', 'who makes the private keys (default: auto, kubeadm where it can)').choices([
        'auto',
        'kubeadm',
        'kplay',
      ]),
    )
    .action(async (options) => finish(await (await import('./commands/certs-csr.ts')).certsCsr(options, environment)));

  addChangeOptions(
    addVariableOptions(
      addOutputOptions(
        addHostOptions(command(certs, 'install <directory>', 'check HOST/NAME.crt, install, restart, prove')),
      ),
    ),
    ['check'],
  )
    .option('-C, --check', 'plan only')
    .option('--backup-to <directory>', `where the backups are (default: ${BACKUP_DIRECTORY})`)
    .action(async (directory, options) =>
      finish(await (await import('./commands/certs-install.ts')).certsInstall(directory, options, environment)),
    );
}
