import { posix } from 'node:path';
import type { PlannedTask, PlayPlan } from '../../core/events/plan.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import { type Change, endOf, isUnusableIn } from '../../core/plan.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { isIpv6, parseAddress } from '../../inventory/address.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { shortPattern } from '../../inventory/short-pattern.ts';
import { decidesRestore, isTooLateToRestore } from '../../kubeadm/certificates/restorable.ts';
import { hasChanges } from '../exit-code.ts';
import type { EarlierBackup } from '../journal/earlier-backups.ts';
import type { HostOptions } from '../options/host-options.ts';
import { BACKUP_DIRECTORY, type VariableOptions } from '../options/options.ts';
import { sameOptions } from './same-options.ts';

/** The options of a command that would succeed: it includes the hosts that the refused ones need, if known. */
export function withRequiredHosts<Options extends HostOptions>(
  options: Options,
  { together }: RunResult,
  inventory: Inventory,
): Options {
  return together.length === 0 ? options : { ...options, limit: shortPattern(together, inventory) };
}

/**
 * A limit for the same hosts without these. It is separated by commas, or by colons if it already is: a comma would change the meaning of a
 * pattern with colons.
 */
export function limitWithout(limit: string, hosts: readonly string[]): string {
  const isByColons = /^[^,]*:[^,]*$/.test(limit) && parseAddress(limit.trim()) === undefined;
  const others = hosts.map((host) => (isByColons && isIpv6(host) ? `![${host}]` : `!${host}`));
  return [limit, ...others].join(isByColons ? ':' : ',');
}

/** Whether the same command has nothing left to do. */
export function isOver({ failed, unreachable, refused, wasConfirmed }: RunResult, wasInterrupted: boolean): boolean {
  return !wasInterrupted && wasConfirmed && failed.length + unreachable.length + refused.length === 0;
}

/**
 * Whether the run has left a host other than it was before. Only `kplay resume` then knows what this run has done: with
 * `renew_before=all` the same command would renew it again.
 */
export function hasLeftChanges({ hosts }: RunResult): boolean {
  return hosts.some(({ state }) => state !== 'unchanged' && state !== 'restored');
}

/** The command that has certificates signed for hosts that lack the key of a CA; none if there are no such hosts. */
export function requestCommands({ plans }: RunResult, options: HostOptions, inventory: Inventory): readonly string[] {
  const hosts = plans.flatMap((plan) =>
    plan.hosts.flatMap(({ host, tasks }) =>
      tasks.some((task) => task.action === 'refuse' && task.code === 'ca-external') ? [host] : [],
    ),
  );
  if (hosts.length === 0) return [];
  const words = sameOptions(
    { ...options, limit: shortPattern(hosts, inventory) },
    { command: 'certs csr', isSame: false },
  );
  return [`if the CA key is kept elsewhere: kplay certs csr ${words} --out requests`];
}

/** Refusals that end by themselves; until then nothing on the hosts was read or changed. */
const TEMPORARY_REFUSALS: readonly string[] = ['outside-window', 'host-locked'];

/**
 * Whether an applied plan is still valid: no host was changed, and every refusal is temporary.
 * @param refusals the codes of all refusals
 */
export function isPlanCurrent(
  { hosts, plans, failed, unreachable, wasConfirmed }: RunResult,
  refusals: ReadonlySet<string>,
): boolean {
  const isUnchanged = hosts.every(({ changed, state }) => changed === 0 && state === 'unchanged');
  const hasNoRefusal = plans.every((plan) =>
    plan.hosts.every(({ tasks }) => tasks.every(({ action }) => action !== 'refuse')),
  );
  const isTemporary = refusals.size > 0 && [...refusals].every((code) => TEMPORARY_REFUSALS.includes(code));
  return isTemporary && isUnchanged && hasNoRefusal && wasConfirmed && failed.length + unreachable.length === 0;
}

/**
 * The options with which the same command has something left to do; undefined if nothing is left. After `-C` the changes are left, and a
 * plan that could not be shown completely is to be shown again.
 */
export function remainingOptions<Options extends { readonly check?: boolean }>(
  options: Options,
  result: RunResult,
  wasInterrupted: boolean,
): Options | undefined {
  if (!isOver(result, wasInterrupted)) return options;
  return options.check === true && hasChanges(result) ? { ...options, check: false } : undefined;
}

/** How a run can be undone. */
export interface UndoCommands {
  readonly commands: readonly string[];
  /** The hosts that have a backup and no command: its certificates have expired, expire within a day, or cannot be used. */
  readonly without: readonly string[];
}

/**
 * How to undo a run: a rollback command for each backup that it has made, or found to contain everything, and has not restored itself,
 * limited to the hosts where it would help. For a run that resumes another, the commands also undo the first run, and include the hosts that
 * only that has changed.
 * @param inventory in which short words for many hosts are looked for; absent: each of them is named
 */
export function undoOf(
  { plans, hosts, undos }: RunResult,
  options: HostOptions & Partial<VariableOptions>,
  now: Date,
  { earlier = [], inventory }: { readonly earlier?: readonly EarlierBackup[]; readonly inventory?: Inventory } = {},
): UndoCommands {
  const first = new Map(earlier.map((backup) => [backup.host, backup]));
  const planned = changesByHost(plans);
  const reused = new Map(hosts.flatMap((host) => backupsThatUndo(host, undos)));
  const targets = new Set([...earlier.map(targetOf), ...plans.flatMap(plannedBackups), ...reused.values()]);
  const withoutUndo = new Set<string>();
  // Without the option, kplay rollback looks where the inventory says.
  const isPlaceSet = [...(inventory?.hosts.values() ?? [])].some(({ vars }) => vars.has('backup_to'));
  const commands = [...targets].flatMap((target) => {
    const all = hosts.filter((host) => {
      const before = first.get(host.host);
      const holds = before
        ? before.target === target
        : host.changes.map(targetOf).includes(target) || reused.get(host.host) === target;
      const isChanged = host.changes.length > 0 || before?.isRestored === false;
      // Its undo may lead back to what an earlier run has made.
      const undoneTo = before && (reused.get(host.host) ?? before.target);
      const isRestored = host.restored > 0 && (before === undefined || before.isRestored || undoneTo === before.target);
      return holds && isChanged && !isRestored && host.state !== 'restoring';
    });
    const holders = all.filter((host) => isUndoUseful(host, planned.get(host.host) ?? [], first.get(host.host), now));
    for (const host of all) if (!holders.includes(host)) withoutUndo.add(host.host);
    if (holders.length === 0) return [];
    // Without a limit it is for all hosts of the inventory, and those that have no such backup would be refused.
    const isOfAll = options.limit !== undefined || inventory === undefined || inventory.hosts.size === hosts.length;
    const limit = holders.length === hosts.length && isOfAll ? options.limit : limitTo(holders, inventory);
    return [`to undo it: ${rollbackCommand(target, { ...options, limit }, isPlaceSet)}`];
  });
  return { commands, without: [...withoutUndo] };
}

function limitTo(recaps: readonly HostRecap[], inventory: Inventory | undefined): string {
  const hosts = recaps.map(({ host }) => host);
  return inventory ? shortPattern(hosts, inventory) : hosts.join(',');
}

/** The backups that a play was to make, as paths on the hosts. */
function plannedBackups({ tasks: all, hosts }: PlayPlan): readonly string[] {
  const backups = all.filter(({ step }) => step === 'certs.backup').map(({ path }) => path);
  const changes = hosts.flatMap(({ tasks }) =>
    tasks.filter(({ path }) => backups.includes(path)).flatMap(plannedChanges),
  );
  // The others are old backups, which it has removed.
  return changes.filter(({ kind }) => kind === 'create').map(targetOf);
}

/** The command that restores a backup on the hosts of these options. @param target its path on the hosts @param isPlaceSet by the inventory */
function rollbackCommand(
  target: string,
  options: Omit<HostOptions, 'limit'> & Partial<VariableOptions> & { readonly limit: string | undefined },
  isPlaceSet: boolean,
): string {
  const rollbackOptions = {
    ...options,
    ...backupLocation(posix.dirname(target), options.extraVars?.filter(mayConcernConnections) ?? [], isPlaceSet),
    backup: posix.basename(target),
    evenExpired: undefined,
    check: undefined,
  };
  return `kplay rollback ${sameOptions(rollbackOptions, { command: 'rollback', isSame: false })}`;
}

/**
 * The backups that the run itself would have restored if the host had failed later: the only record of a backup that it used but did not
 * make. Those that it has removed are left out.
 */
function backupsThatUndo({ host, changes }: HostRecap, undos: RunResult['undos']): readonly [string, string][] {
  return (undos.get(host) ?? []).flatMap(({ step, params: { backup, backup_to } }): readonly [string, string][] => {
    const target = `${backup_to}/${backup}`;
    const isRemoved = changes.some((change) => change.kind === 'remove' && change.target === target);
    return step === 'certs.restore' && !isRemoved ? [[host, target]] : [];
  });
}

/** Whether an `-e` sets, or may set, how hosts are reached. Its other variables are meant for another playbook. */
function mayConcernConnections(text: string): boolean {
  return text.startsWith('@') || /\b(?:ansible|kplay)_/.test(text);
}

/** With an `-e` that sets, or may set, `backup_to`, the option would be refused as a duplicate; the last `-e` wins. */
function backupLocation(
  directory: string,
  extraVars: readonly string[],
  isPlaceSet: boolean,
): { readonly extraVars: readonly string[]; readonly backupTo: string | undefined } {
  if (!extraVars.some((text) => text.startsWith('@') || /\bbackup_to\b/.test(text)))
    return { extraVars, backupTo: directory === BACKUP_DIRECTORY && !isPlaceSet ? undefined : directory };
  const variable = /^[\w./-]+$/.test(directory) ? `backup_to=${directory}` : JSON.stringify({ backup_to: directory });
  return { extraVars: [...extraVars, variable], backupTo: undefined };
}

/**
 * kplay rollback restores nothing that has expired, expires within a day, or cannot be used. What was only planned counts, too: before the
 * first new certificate the host may have been lost, and its backup is as old.
 */
function isUndoUseful(
  { changes }: HostRecap,
  planned: readonly Change[],
  earlier: EarlierBackup | undefined,
  now: Date,
): boolean {
  // What an earlier run has changed is in the backup as that run has found it.
  const judged = [...changes, ...planned].filter(
    ({ target }) => decidesRestore(target) && earlier?.judged.has(target) !== true,
  );
  return [...judged.map(({ before }) => before), ...(earlier?.previousStates ?? [])].every((before) => {
    if (isUnusableIn(before)) return false;
    const end = endOf(before);
    return end === undefined || !isTooLateToRestore(Date.parse(end), now);
  });
}

function changesByHost(plans: readonly PlayPlan[]): ReadonlyMap<string, readonly Change[]> {
  const all = new Map<string, readonly Change[]>();
  for (const { host, tasks } of plans.flatMap(({ hosts }) => hosts))
    all.set(host, [...(all.get(host) ?? []), ...tasks.flatMap(plannedChanges)]);
  return all;
}

function plannedChanges(task: PlannedTask): readonly Change[] {
  return task.action === 'change' ? task.changes : [];
}

function targetOf({ target }: { readonly target: string }): string {
  return target;
}
