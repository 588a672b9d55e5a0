import { quoteWord } from '../../core/shell.ts';
import { looksSecret } from '../inputs/secret-variables.ts';
import { DEFAULT_FORKS } from '../options/host-options.ts';
import { DEFAULT_CLUSTERS } from '../options/options.ts';

/** Commands that are suggested as the next one. */
export type NextCommand =
  | 'run'
  | 'plan'
  | 'apply'
  | 'check'
  | 'doctor'
  | 'rollback'
  | 'unlock'
  | 'certs csr'
  | 'certs install';

/** How an option is written on a command line. */
type OptionWriter = (value: unknown, flag: string) => readonly string[];

interface CarriedOption {
  /** The name in the parsed options. */
  readonly name: string;
  readonly flag: string;
  readonly write: OptionWriter;
  /** The commands that have it with the same meaning; absent: all. */
  readonly of?: readonly NextCommand[];
}

const one: OptionWriter = (value, flag) => [flag, quoteWord(String(value))];
const on: OptionWriter = (value, flag) => (value === true ? [flag] : []);
const each: OptionWriter = (values, flag) => texts(values).flatMap((value) => [flag, quoteWord(value)]);
const joined: OptionWriter = (values, flag) =>
  texts(values).length === 0 ? [] : [flag, quoteWord(texts(values).join(','))];
/** A value that begins with a dash would be parsed as an option. */
const attached: OptionWriter = (value, flag) => [`${flag}=${quoteWord(String(value))}`];
const variables: OptionWriter = (values, flag) =>
  texts(values).flatMap((text) => [flag, looksSecret(text) ? '…' : quoteWord(text)]);
const unless =
  (usual: unknown): OptionWriter =>
  (value, flag) =>
    value === usual ? [] : one(value, flag);
/** A rollback never waits for windows. */
const window: OptionWriter = (value, flag) => (value === 'wait' ? [] : one(value, flag));

const FOR_SIGNING: readonly NextCommand[] = ['certs csr', 'certs install'];
const WITH_HOSTS: readonly NextCommand[] = ['run', 'plan', 'check', 'doctor', 'rollback', 'unlock', ...FOR_SIGNING];
const WITH_JOURNAL: readonly NextCommand[] = [...WITH_HOSTS, 'apply'];
const WITH_TASKS: readonly NextCommand[] = ['run', 'plan'];
const CHANGING_HOSTS: readonly NextCommand[] = ['run', 'apply', 'rollback', ...FOR_SIGNING];
const WITH_CONFIRM: readonly NextCommand[] = ['run', 'rollback', 'unlock'];

/**
 * Every option that decides which hosts a command reaches, how, what it does there and what it leaves on this machine; options about output
 * are left out. A test compares this with the options of all commands.
 */
const CARRIED_OPTIONS: readonly CarriedOption[] = [
  { name: 'inventory', flag: '-i', write: each, of: WITH_HOSTS },
  { name: 'limit', flag: '-l', write: one, of: WITH_HOSTS },
  { name: 'user', flag: '-u', write: one },
  { name: 'connection', flag: '-c', write: one },
  { name: 'privateKey', flag: '--private-key', write: one },
  { name: 'becomePasswordFile', flag: '--become-password-file', write: one },
  { name: 'hostKeyChecking', flag: '--host-key-checking', write: one },
  { name: 'sshArgs', flag: '--ssh-args', write: attached },
  { name: 'sshCommonArgs', flag: '--ssh-common-args', write: attached },
  { name: 'sshExtraArgs', flag: '--ssh-extra-args', write: attached },
  { name: 'timeout', flag: '--timeout', write: one },
  { name: 'forks', flag: '-f', write: unless(DEFAULT_FORKS) },
  { name: 'become', flag: '-b', write: on },
  { name: 'askPass', flag: '-k', write: on },
  { name: 'askBecomePass', flag: '-K', write: on },
  { name: 'tags', flag: '-t', write: joined, of: WITH_TASKS },
  { name: 'skipTags', flag: '--skip-tags', write: joined, of: WITH_TASKS },
  { name: 'rollout', flag: '--rollout', write: one, of: WITH_TASKS },
  { name: 'engine', flag: '--engine', write: one, of: ['run'] },
  { name: 'workerTimeout', flag: '--worker-timeout', write: one, of: ['run'] },
  { name: 'startAtTask', flag: '--start-at-task', write: one, of: WITH_TASKS },
  {
    name: 'extraVars',
    flag: '-e',
    write: variables,
    of: ['run', 'plan', 'check', 'doctor', 'rollback', ...FOR_SIGNING],
  },
  { name: 'forceHandlers', flag: '--force-handlers', write: on, of: ['run'] },
  { name: 'state', flag: '--state', write: one, of: WITH_JOURNAL },
  { name: 'clusters', flag: '--clusters', write: unless(DEFAULT_CLUSTERS), of: [...CHANGING_HOSTS, 'plan'] },
  { name: 'window', flag: '--window', write: one, of: ['run'] },
  { name: 'window', flag: '--window', write: window, of: ['apply', 'rollback', ...FOR_SIGNING] },
  { name: 'reason', flag: '--reason', write: one, of: [...CHANGING_HOSTS, 'unlock'] },
  { name: 'step', flag: '--step', write: on, of: ['run'] },
  { name: 'confirm', flag: '--confirm', write: on, of: WITH_CONFIRM },
  { name: 'backup', flag: '--backup', write: one, of: ['rollback'] },
  { name: 'backupTo', flag: '--backup-to', write: one, of: ['rollback', 'certs install'] },
  { name: 'evenExpired', flag: '--even-expired', write: on, of: ['rollback'] },
  { name: 'check', flag: '-C', write: on, of: ['rollback', 'certs install'] },
  { name: 'renewBefore', flag: '--renew-before', write: one, of: ['check'] },
  { name: 'warn', flag: '--warn', write: one, of: ['check'] },
  { name: 'critical', flag: '--critical', write: one, of: ['check'] },
  { name: 'exitCode', flag: '--exit-code', write: on, of: ['check'] },
  { name: 'kubeconfig', flag: '--kubeconfig', write: each, of: ['check'] },
  { name: 'out', flag: '--out', write: one, of: ['plan'] },
  { name: 'sign', flag: '--sign', write: one, of: ['plan'] },
  { name: 'detailedExitcode', flag: '--detailed-exitcode', write: on, of: ['plan'] },
];

/**
 * Options that only the same command repeats. Another command would overwrite its output files; and a saved plan already contains its
 * hosts.
 */
const SAME_COMMAND_OPTIONS: readonly CarriedOption[] = [
  { name: 'inventory', flag: '-i', write: each, of: ['apply'] },
  { name: 'verify', flag: '--verify', write: one, of: ['apply'] },
  { name: 'step', flag: '--step', write: on, of: ['apply'] },
  { name: 'metrics', flag: '--metrics', write: one, of: ['run', 'apply', 'check'] },
  { name: 'metricsLabel', flag: '--metrics-label', write: each, of: ['run', 'apply', 'check'] },
  { name: 'report', flag: '--report', write: each, of: ['run', 'plan', 'apply', 'check', 'rollback'] },
  { name: 'html', flag: '--html', write: one, of: ['check'] },
];

/** The next command, and whether it is the same as the current one. */
export interface NextStep {
  readonly command: NextCommand;
  readonly isSame: boolean;
}

/**
 * The options with which a command does the same to the same hosts, each quoted for a shell; a variable that looks like a secret is left
 * for the user to type.
 */
export function sameOptions(options: object, { command, isSame }: NextStep): string {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const { inventoryShown } = given;
  const values = inventoryShown === undefined ? given : { ...given, inventory: [inventoryShown] };
  return [...CARRIED_OPTIONS, ...(isSame ? SAME_COMMAND_OPTIONS : [])]
    .filter(({ name, of }) => values[name] !== undefined && (of?.includes(command) ?? true))
    .flatMap(({ name, flag, write }) => write(values[name], flag))
    .join(' ');
}

/** The command that removes the lock of a host of a run with these options; the reason is left for the user to type. */
export function unlockCommand(host: string, options: object): string {
  const own = { ...options, limit: host, forks: DEFAULT_FORKS, confirm: undefined, reason: undefined };
  return `kplay unlock ${sameOptions(own, { command: 'unlock', isSame: false })} --reason TEXT`;
}

function texts(values: unknown): readonly string[] {
  return Array.isArray(values) ? values.map(String) : [];
}
