import { Command, CommanderError } from 'commander';
import { InputError } from '../core/diagnostic.ts';
import { wrap } from '../report/text/width.ts';
import { addCertificateCommands, addCheck } from './command-line/certificate-commands.ts';
import { addInventoryCommands } from './command-line/inventory-commands.ts';
import { addApply, addPlan, addPlaybookCommands, addRun, addValidate } from './command-line/playbook-commands.ts';
import { addReferenceCommands } from './command-line/reference-commands.ts';
import { addWorkerCommands } from './command-line/worker-commands.ts';
import { withProject } from './defaults/project-place.ts';
import { atTheirPlaces, hasDefaults, withDefaults } from './defaults/with-defaults.ts';
import type { Environment } from './environment.ts';
import { EXIT } from './exit-code.ts';
import { exampleList, helpLayout } from './help-layout.ts';
import { addJournalCommands } from './journal/commands.ts';
import { commandOf, outputsOf, readableWords } from './options/command-words.ts';
import { switchOf } from './options/option-variables.ts';
import {
  fittedMessage,
  parserProblem,
  refuseEmptyNames,
  refuseRepeatedOptions,
  withCloseSuggestions,
} from './options/parser-words.ts';
import { collectWrongValues } from './options/wrong-values.ts';
import { screenWidth } from './output/output.ts';
import { VERSION } from './version.ts';

/** Parses the command line, runs the command, and reports errors. Commands are loaded only when they are run. */
export async function runCommandLine(argv: readonly string[], environment: Environment): Promise<number> {
  let exitCode = 0;
  const place = withProject(environment);
  const program = buildProgram(environment, (code) => (exitCode = code), hasDefaults(place) ? undefined : argv[0]);
  let read = argv;
  let wrongValues: readonly string[] = [];
  try {
    // The words are those of an unfinished command line, not options of `__complete`.
    const [first, ...words] = argv;
    if (first === '__complete') return (await import('./commands/complete.ts')).complete(program, words, place);
    const { words: all, error } = await withDefaults(program, readableWords(program, argv), place);
    read = all;
    if (error !== undefined) throw error;
    wrongValues = collectWrongValues(commandOf(program, read).command);
    await program.parseAsync([...read], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help and version.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const code = await reportThrown(error, wrongValues, program, read, environment);
    if (!isPlugin(program, argv, read, environment)) return code;
    // For Nagios, 1 would be a warning.
    const { NAGIOS_CODES, nagiosText } = await import('../report/check/nagios.ts');
    const message = error instanceof InputError ? error.message : 'the command line is wrong, see standard error';
    environment.stdout.write(nagiosText('unknown', message));
    return NAGIOS_CODES.unknown;
  }
}

/**
 * @param wrongValues what the parser has said besides
 * @param read the command line with options from all sources, as far as they could be read
 */
async function reportThrown(
  error: unknown,
  wrongValues: readonly string[],
  program: Command,
  read: readonly string[],
  environment: Environment,
): Promise<number> {
  const { reportError, reportToPrograms } = await import('./output/report-error.ts');
  const { command } = commandOf(program, read);
  if (error instanceof InputError) return reportError(atTheirPlaces(error, command), read, environment);
  if (!(error instanceof CommanderError)) return reportError(error, read, environment);
  // Whatever the parser reports is wrong input.
  const problems = [...wrongValues, error.message].map((message) => parserProblem(message, command));
  await reportToPrograms(problems, read, environment, outputsOf(program, read));
  return EXIT.input;
}

/** Whether a monitoring system reads the exit code, even if not all options could be read. @param argv as it was typed */
function isPlugin(
  program: Command,
  argv: readonly string[],
  read: readonly string[],
  environment: Environment,
): boolean {
  if (argv.includes('--nagios')) return true;
  const option = commandOf(program, read).command.options.find(({ long }) => long === '--nagios');
  return option !== undefined && (switchOf(option, environment) ?? read.includes('--nagios'));
}

const EXAMPLES: readonly (readonly [command: string, what: string])[] = [
  ['kplay init prod.yml --masters m1,m2,m3', 'write an inventory, and check its hosts'],
  ['kplay doctor -i prod.yml', 'can every host be reached, read and changed'],
  ['kplay check -i prod.yml', 'every certificate of every host'],
  ['kplay plan renew-certs.yml -i prod.yml', 'what would be done; writes nothing'],
  ['kplay run renew-certs.yml -i prod.yml', 'do it, prove it'],
  ['kplay rollback -i prod.yml --list', 'backups on the hosts'],
  ['kplay history', 'which runs there were'],
  ['kplay show last', 'what the last of them has done'],
  ['kplay certs csr -i prod.yml --out requests', 'external CA: requests to have signed …'],
  ['kplay certs install requests -i prod.yml', '… and what came back, checked and installed'],
  ['kplay demo', 'the whole job on simulated hosts'],
];

const MORE = [
  'Options can also be given by variables: KPLAY_INVENTORY=prod.yml for --inventory, KPLAY_BECOME=true for --become; by kplay.yml in the directory where kplay is run; and, as far as Ansible has it, by ANSIBLE_* and ansible.cfg. The first wins.',
  'Exit codes: 0 good, 1 input wrong and nothing contacted, 2 a host failed, 3 refused, 4 unreachable, 5 a bug, 130 interrupted.',
];

/** The text below the list of commands, wrapped to a number of columns. */
function examples(width: number): string {
  const paragraphs = MORE.map((text) => `${wrap(text, width).join('\n')}\n`);
  return ['\nExamples:\n', exampleList(EXAMPLES, width), ...paragraphs.flatMap((one) => ['\n', one])].join('');
}

/** Commands that are started often. To make all others as well takes 4 ms at each start. */
const OFTEN: ReadonlyMap<string | undefined, typeof addRun> = new Map([
  ['run', addRun],
  ['plan', addPlan],
  ['apply', addApply],
  ['check', addCheck],
  ['validate', addValidate],
]);

/**
 * All commands and their options.
 * @param only the command that is wanted, if nothing is asked of the others: if it is one that is started often, they are left out.
 */
export function buildProgram(environment: Environment, finish: (code: number) => void, only?: string): Command {
  const { isTTY, columns } = environment.stdout;
  const helpWidth = (isTTY && columns) || 80;
  const program = new Command('kplay')
    .description('Renews the certificates of kubeadm clusters, and runs playbooks: observe, plan, show, apply, prove.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', examples(helpWidth))
    .configureHelp(helpLayout(helpWidth))
    .showSuggestionAfterError()
    .showHelpAfterError('(see kplay --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => environment.stdout.write(text),
      writeErr: (text) => environment.stderr.write(fittedMessage(text, screenWidth(environment.stderr))),
      getOutHelpWidth: () => helpWidth,
      outputError: (text, write) => write(withCloseSuggestions(text, program)),
    });

  const add = OFTEN.get(only) ?? addAll;
  add(program, environment, finish);
  refuseRepeatedOptions(program);
  refuseEmptyNames(program);
  return program;
}

function addAll(program: Command, environment: Environment, finish: (code: number) => void): void {
  addPlaybookCommands(program, environment, finish);
  addCertificateCommands(program, environment, finish);
  addJournalCommands(program, environment, finish);
  addInventoryCommands(program, environment, finish);
  addWorkerCommands(program, environment, finish);
  addReferenceCommands(program, environment, finish);
}
