import { posix } from 'node:path';
import type { HostRecap } from '../core/events/recap.ts';
import { quoteWord } from '../core/shell.ts';
import type { RunResult } from '../engine/run-state.ts';
import { endOf } from '../report/task-summary.ts';
import { BACKUP_DIRECTORY, type HostOptions, type PlaybookOptions } from './options.ts';
import { looksSecret } from './secret-variables.ts';

/**
 * The options that decide which hosts a command reaches and what it does there, for a command that does the same. Each word is
 * quoted for a shell; a variable that looks like a secret is left to be typed.
 */
export function sameOptions(options: HostOptions & Partial<PlaybookOptions>): string {
  const { tags = [], skipTags = [], extraVars = [] } = options;
  return [
    ...hostWords(options, options.limit),
    ...(tags.length > 0 ? ['-t', quoteWord(tags.join(','))] : []),
    ...(skipTags.length > 0 ? ['--skip-tags', quoteWord(skipTags.join(','))] : []),
    ...extraVars.flatMap((text) => ['-e', looksSecret(text) ? '…' : quoteWord(text)]),
  ].join(' ');
}

/** The options of the command that would succeed: with the hosts that the refused ones need, where that is known. */
export function together<Options extends HostOptions>(options: Options, result: RunResult): Options {
  return result.together.length === 0 ? options : { ...options, limit: result.together.join(',') };
}

/** Nothing is left to do for the same command. */
export function isOver({ failed, unreachable, refused, wasConfirmed }: RunResult, wasInterrupted: boolean): boolean {
  return !wasInterrupted && wasConfirmed && failed.length + unreachable.length + refused.length === 0;
}

/**
 * How to take back what a run has changed: one command for each backup that it has made and not put back itself, on the hosts
 * where that would be of use.
 */
export function wayBack({ plans, hosts }: RunResult, options: HostOptions, now: Date): readonly string[] {
  const targets = new Set(
    plans.flatMap(({ tasks, hosts: planned }) => {
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
  );
  return [...targets].flatMap((target) => {
    const holders = hosts.filter(
      (host) => host.restored === 0 && host.changes.map(targetOf).includes(target) && isWorthIt(host, now),
    );
    if (holders.length === 0) return [];
    const limit = holders.length === hosts.length ? options.limit : holders.map(({ host }) => host).join(',');
    const directory = posix.dirname(target);
    const elsewhere = directory === BACKUP_DIRECTORY ? '' : ` --backup-to ${quoteWord(directory)}`;
    const words = hostWords(options, limit).join(' ');
    return [`if it has to be taken back: kplay rollback ${words} --backup ${posix.basename(target)}${elsewhere}`];
  });
}

const DAY_MS = 86_400_000;

/** kplay rollback puts nothing back that has expired, or ends within a day. */
function isWorthIt({ changes }: HostRecap, now: Date): boolean {
  return changes.every(({ before }) => {
    const end = endOf(before);
    return end === undefined || Date.parse(end) >= now.getTime() + DAY_MS;
  });
}

function targetOf({ target }: { readonly target: string }): string {
  return target;
}

function hostWords(options: HostOptions, limit: string | undefined): readonly string[] {
  const valued = [
    ...options.inventory.map((source) => ['-i', source] as const),
    ['-l', limit],
    ['-u', options.user],
    ['--private-key', options.privateKey],
    ['--become-password-file', options.becomePasswordFile],
    ['--host-key-checking', options.hostKeyChecking],
    ['--ssh-common-args', options.sshCommonArgs],
    ['--ssh-extra-args', options.sshExtraArgs],
  ] as const;
  return [
    ...valued.flatMap(([name, value]) => (value === undefined ? [] : [name, quoteWord(value)])),
    ...(options.become ? ['-b'] : []),
    ...(options.askPass ? ['-k'] : []),
    ...(options.askBecomePass ? ['-K'] : []),
  ];
}
