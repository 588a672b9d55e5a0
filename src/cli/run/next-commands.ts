import { posix } from 'node:path';
import type { HostRecap } from '../../core/events/recap.ts';
import { endOf } from '../../core/plan.ts';
import type { RunResult } from '../../engine/run-state.ts';
import { isIpv6, parseAddress } from '../../inventory/address.ts';
import { nameList } from '../../report/words.ts';
import { hasChanges } from '../exit-code.ts';
import type { EarlierBackup } from '../journal/earlier-backups.ts';
import type { HostOptions } from '../options/host-options.ts';
import { BACKUP_DIRECTORY, type VariableOptions } from '../options/options.ts';
import { sameOptions } from './same-options.ts';

/** The options of the command that would succeed: with the hosts that the refused ones need, where that is known. */
export function together<Options extends HostOptions>(options: Options, result: RunResult): Options {
  return result.together.length === 0 ? options : { ...options, limit: result.together.join(',') };
}

/**
 * A limit for the same hosts but these. It is divided by commas, unless it is divided by colons already: with a comma in it, these would
 * belong to its parts.
 */
export function limitWithout(limit: string, hosts: readonly string[]): string {
  const isByColons = /^[^,]*:[^,]*$/.test(limit) && parseAddress(limit.trim()) === undefined;
  const others = hosts.map((host) => (isByColons && isIpv6(host) ? `![${host}]` : `!${host}`));
  return [limit, ...others].join(isByColons ? ':' : ',');
}

/** Nothing is left to do for the same command. */
export function isOver({ failed, unreachable, refused, wasConfirmed }: RunResult, wasInterrupted: boolean): boolean {
  return !wasInterrupted && wasConfirmed && failed.length + unreachable.length + refused.length === 0;
}

/** Refusals that pass by themselves: until then nothing of the hosts was looked at, or changed. */
const PASSING: readonly string[] = ['outside-window', 'host-locked'];

/**
 * Whether a saved plan that was applied is still what the hosts need: none was changed, and all that kept them from it passes.
 * @param refusals the codes of all refusals
 */
export function stillFits(
  { hosts, plans, failed, unreachable, wasConfirmed }: RunResult,
  refusals: ReadonlySet<string>,
): boolean {
  const isUnchanged = hosts.every(({ changed, state }) => changed === 0 && state === 'unchanged');
  const isPlannedWell = plans.every((plan) =>
    plan.hosts.every(({ tasks }) => tasks.every(({ action }) => action !== 'refuse')),
  );
  const passes = refusals.size > 0 && [...refusals].every((code) => PASSING.includes(code));
  return passes && isUnchanged && isPlannedWell && wasConfirmed && failed.length + unreachable.length === 0;
}

/**
 * With which options the same command has something left to do; undefined when nothing is. What was only shown (`-C`) is left to be
 * done, and what could not be shown whole is left to be shown.
 */
export function leftFor<Options extends { readonly check?: boolean }>(
  options: Options,
  result: RunResult,
  wasInterrupted: boolean,
): Options | undefined {
  if (!isOver(result, wasInterrupted)) return options;
  return options.check === true && hasChanges(result) ? { ...options, check: false } : undefined;
}

/**
 * How to take back what a run has changed: one command for each backup that it has made, or found to hold all of it already, and
 * not put back itself, on the hosts where that would be of use; of the others why there is none. A run that goes on with another leads back to before both, on the
 * hosts, too, that the first one alone has changed.
 */
export function wayBack(
  { plans, hosts, undos }: RunResult,
  options: HostOptions & Partial<VariableOptions>,
  now: Date,
  earlier: readonly EarlierBackup[] = [],
): readonly string[] {
  const first = new Map(earlier.map((backup) => [backup.host, backup]));
  const reused = new Map(hosts.flatMap((host) => backupsThatUndo(host, undos)));
  const targets = new Set([
    ...earlier.map(targetOf),
    ...plans.flatMap(({ tasks, hosts: planned }) => {
      const backups = tasks.filter(({ step }) => step === 'certs.backup').map(({ path }) => path);
      return planned.flatMap((host) =>
        host.tasks.flatMap((task) =>
          backups.includes(task.path) && task.action === 'change'
            ? // The others are old ones, which it has removed.
              task.changes.filter(({ kind }) => kind === 'create').map(targetOf)
            : [],
        ),
      );
    }),
    ...reused.values(),
  ]);
  const worthless = new Set<string>();
  const commands = [...targets].flatMap((target) => {
    const all = hosts.filter((host) => {
      const before = first.get(host.host);
      const holds = before
        ? before.target === target
        : host.changes.map(targetOf).includes(target) || reused.get(host.host) === target;
      const isChanged = host.changes.length > 0 || before?.isPutBack === false;
      return holds && isChanged && host.restored === 0;
    });
    const holders = all.filter((host) => isWorthIt(host, first.get(host.host), now));
    for (const host of all) if (!holders.includes(host)) worthless.add(host.host);
    if (holders.length === 0) return [];
    const limit = holders.length === hosts.length ? options.limit : holders.map(({ host }) => host).join(',');
    const which = {
      ...options,
      limit,
      ...whereIs(posix.dirname(target), options.extraVars?.filter(isOfHosts) ?? []),
      backup: posix.basename(target),
      evenExpired: undefined,
      check: undefined,
    };
    const words = sameOptions(which, { command: 'rollback', isSame: false });
    return [`to undo it: kplay rollback ${words}`];
  });
  if (worthless.size === 0) return commands;
  const where = commands.length === 0 ? '' : ` on ${nameList([...worthless])}`;
  return [...commands, `no undo is offered${where}: the certificates before it have expired, or end within a day`];
}

/**
 * The backup that the run itself would have put back had the host failed later on: of one that it has only used nothing else tells.
 * What it has removed since is none.
 */
function backupsThatUndo({ host, changes }: HostRecap, undos: RunResult['undos']): readonly [string, string][] {
  return (undos.get(host) ?? []).flatMap(({ step, params: { backup, backup_to } }): readonly [string, string][] => {
    const target = `${backup_to}/${backup}`;
    const isGone = changes.some((change) => change.kind === 'remove' && change.target === target);
    return step === 'certs.restore' && !isGone ? [[host, target]] : [];
  });
}

/** Whether a text of `-e` says, or may say, how hosts are reached: what else it says is for another playbook. */
function isOfHosts(text: string): boolean {
  return text.startsWith('@') || /\b(?:ansible|kplay)_/.test(text);
}

/** Beside a file that may say `backup_to` the option would be refused as a second one: of several `-e` the last counts. */
function whereIs(
  directory: string,
  extraVars: readonly string[],
): { readonly extraVars: readonly string[]; readonly backupTo: string | undefined } {
  if (!extraVars.some((text) => text.startsWith('@') || /\bbackup_to\b/.test(text)))
    return { extraVars, backupTo: directory === BACKUP_DIRECTORY ? undefined : directory };
  const said = /^[\w./-]+$/.test(directory) ? `backup_to=${directory}` : JSON.stringify({ backup_to: directory });
  return { extraVars: [...extraVars, said], backupTo: undefined };
}

const DAY_MS = 86_400_000;

/** kplay rollback puts nothing back that has expired, or ends within a day. */
function isWorthIt({ changes }: HostRecap, earlier: EarlierBackup | undefined, now: Date): boolean {
  return [...changes.map(({ before }) => before), ...(earlier?.befores ?? [])].every((before) => {
    const end = endOf(before);
    return end === undefined || Date.parse(end) >= now.getTime() + DAY_MS;
  });
}

function targetOf({ target }: { readonly target: string }): string {
  return target;
}
