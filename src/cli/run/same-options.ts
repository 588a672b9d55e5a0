import { quoteWord } from '../../core/shell.ts';
import { looksSecret } from '../inputs/secret-variables.ts';
import { DEFAULT_FORKS } from '../options/host-options.ts';
import { DEFAULT_CLUSTERS } from '../options/options.ts';

/** Commands that another one, or the same, is followed by. */
export type NextCommand = 'run' | 'plan' | 'apply' | 'check' | 'doctor' | 'rollback' | 'unlock' | 'certs install';

/** How the value of an option is written. */
type Writing = (value: unknown, flag: string) => readonly string[];

interface Carried {
  /** As the parser names it. */
  readonly name: string;
  readonly flag: string;
  readonly write: Writing;
  /** The commands that have it and mean the same by it; all, when there is none. */
  readonly of?: readonly NextCommand[];
}

const one: Writing = (value, flag) => [flag, quoteWord(String(value))];
const on: Writing = (value, flag) => (value === true ? [flag] : []);
const each: Writing = (values, flag) => texts(values).flatMap((value) => [flag, quoteWord(value)]);
const joined: Writing = (values, flag) =>
  texts(values).length === 0 ? [] : [flag, quoteWord(texts(values).join(','))];
/** What begins with a dash would be taken for an option. */
const attached: Writing = (value, flag) => [`${flag}=${quoteWord(String(value))}`];
const variables: Writing = (values, flag) =>
  texts(values).flatMap((text) => [flag, looksSecret(text) ? '…' : quoteWord(text)]);
const unless =
  (usual: unknown): Writing =>
  (value, flag) =>
    value === usual ? [] : one(value, flag);
/** A rollback takes windows as they are, or not at all: it never waits. */
const window: Writing = (value, flag) => (value === 'wait' ? [] : one(value, flag));

const HOSTS_SAID: readonly NextCommand[] = ['run', 'plan', 'check', 'doctor', 'rollback', 'unlock', 'certs install'];
const KEEPING: readonly NextCommand[] = ['run', 'plan', 'apply', 'check', 'rollback', 'unlock', 'certs install'];
const TASKS: readonly NextCommand[] = ['run', 'plan'];
const CHANGING: readonly NextCommand[] = ['run', 'apply', 'rollback', 'certs install'];
const ASKING: readonly NextCommand[] = ['run', 'rollback', 'unlock'];

/**
 * Every option that decides which hosts a command reaches, how, what it does there and what it leaves here; how something is
 * shown is no part of that. A test holds it against the options of all commands.
 */
const CARRIED: readonly Carried[] = [
  { name: 'inventory', flag: '-i', write: each, of: HOSTS_SAID },
  { name: 'limit', flag: '-l', write: one, of: HOSTS_SAID },
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
  { name: 'tags', flag: '-t', write: joined, of: TASKS },
  { name: 'skipTags', flag: '--skip-tags', write: joined, of: TASKS },
  { name: 'rollout', flag: '--rollout', write: one, of: TASKS },
  { name: 'engine', flag: '--engine', write: one, of: ['run'] },
  { name: 'workerTimeout', flag: '--worker-timeout', write: one, of: ['run'] },
  { name: 'startAtTask', flag: '--start-at-task', write: one, of: TASKS },
  {
    name: 'extraVars',
    flag: '-e',
    write: variables,
    of: ['run', 'plan', 'check', 'doctor', 'rollback', 'certs install'],
  },
  { name: 'forceHandlers', flag: '--force-handlers', write: on, of: ['run'] },
  { name: 'state', flag: '--state', write: one, of: KEEPING },
  { name: 'clusters', flag: '--clusters', write: unless(DEFAULT_CLUSTERS), of: CHANGING },
  { name: 'window', flag: '--window', write: one, of: ['run'] },
  { name: 'window', flag: '--window', write: window, of: ['apply', 'rollback', 'certs install'] },
  { name: 'reason', flag: '--reason', write: one, of: [...CHANGING, 'unlock'] },
  { name: 'step', flag: '--step', write: on, of: ['run'] },
  { name: 'confirm', flag: '--confirm', write: on, of: ASKING },
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
 * Of the same command alone. What is written here when a command ends, another one would write over; and what the hosts of a saved plan
 * are stands in that plan, unless the command says otherwise.
 */
const OF_THE_SAME: readonly Carried[] = [
  { name: 'inventory', flag: '-i', write: each, of: ['apply'] },
  { name: 'verify', flag: '--verify', write: one, of: ['apply'] },
  { name: 'step', flag: '--step', write: on, of: ['apply'] },
  { name: 'metrics', flag: '--metrics', write: one, of: ['run', 'apply', 'check'] },
  { name: 'report', flag: '--report', write: each, of: ['run', 'plan', 'apply', 'check', 'rollback'] },
];

/** Which command comes next, and whether it is the one that was given. */
export interface Next {
  readonly command: NextCommand;
  readonly isSame: boolean;
}

/**
 * The options of a command that does to the same hosts, in the same way, what it is to do. Each word is quoted for a shell; a
 * variable that looks like a secret is left to be typed.
 */
export function sameOptions(options: object, { command, isSame }: Next): string {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const { inventoryShown } = given;
  const values = inventoryShown === undefined ? given : { ...given, inventory: [inventoryShown] };
  return [...CARRIED, ...(isSame ? OF_THE_SAME : [])]
    .filter(({ name, of }) => values[name] !== undefined && (of?.includes(command) ?? true))
    .flatMap(({ name, flag, write }) => write(values[name], flag))
    .join(' ');
}

function texts(values: unknown): readonly string[] {
  return Array.isArray(values) ? values.map(String) : [];
}
