import { resolve } from 'node:path';
import type { Recipe } from '../../core/journal.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { HIDDEN } from '../../core/secret.ts';
import { isHostList } from '../../inventory/host-list.ts';
import { withAbsoluteFiles } from '../../inventory/limit-files.ts';
import { looksSecret } from '../inputs/secret-variables.ts';
import type { StateOptions } from '../options/options.ts';

/** Options that decide what a run does on which hosts, stored as they are. Options about output are left out. */
const PLAIN = [
  'forks',
  'clusters',
  'user',
  'connection',
  'become',
  'askPass',
  'askBecomePass',
  'hostKeyChecking',
  'sshArgs',
  'sshCommonArgs',
  'sshExtraArgs',
  'timeout',
  'window',
  'reason',
  'tags',
  'skipTags',
  'startAtTask',
  'forceHandlers',
  'confirm',
  'step',
  'diff',
  'backup',
  'backupTo',
  'evenExpired',
  'engine',
  'workerTimeout',
  'metricsLabel',
] as const;

/** Options whose values are files on this machine. */
const PATHS = ['privateKey', 'becomePasswordFile', 'metrics', 'rollout'] as const;

/** What is read of the options of a command; those of `PLAIN` are recorded whatever they are. */
interface Options extends Partial<Readonly<Record<(typeof PLAIN | typeof PATHS)[number], unknown>>> {
  readonly inventory: readonly string[];
  readonly extraVars: readonly string[];
  readonly limit?: string;
  readonly report?: readonly string[];
}

/**
 * What is recorded of a command, so that `kplay resume` can run it again from any directory.
 * @param isPrivate whether an `-e` answers a private question of a play: it is recorded as a value that the mask has hidden is
 */
export function recipeOf(
  command: Recipe['command'],
  playbook: string,
  options: Options,
  files: Recipe['files'],
  isPrivate: (extraVars: string) => boolean = () => false,
): Omit<Recipe, 'runId' | 'now'> {
  return {
    command,
    playbook: resolve(playbook),
    options: recordedOptions(options, isPrivate),
    hiddenVars: options.extraVars.filter(looksSecret).length,
    files,
  };
}

/** The options of a command with absolute paths, so that it is the same from any directory. */
export function fromAnywhere<Given extends StateOptions & Options>(options: Given): Given {
  const { state, extraVars } = options;
  return {
    ...options,
    ...recordedOptions(options, () => false),
    extraVars: extraVars.map(fileBehindAt),
    ...(state !== undefined && { state: resolve(state) }),
  };
}

function recordedOptions(
  { inventory, extraVars, limit, report = [], ...rest }: Options,
  isPrivate: (extraVars: string) => boolean,
): Readonly<Record<string, Json>> {
  const kept = [
    ...PLAIN.map((name) => [name, rest[name]] as const),
    ['limit', limit === undefined ? undefined : withAbsoluteFiles(limit)] as const,
    ...PATHS.map((name) => [name, typeof rest[name] === 'string' ? resolve(rest[name]) : undefined] as const),
    ['inventory', inventory.map((source) => (isHostList(source) ? source : resolve(source)))] as const,
    ['report', report.map((text) => text.replace(/=(.+)$/s, (_, file: string) => `=${resolve(file)}`))] as const,
    [
      'extraVars',
      extraVars.filter((text) => !looksSecret(text)).map((text) => (isPrivate(text) ? HIDDEN : fileBehindAt(text))),
    ] as const,
  ].filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as Readonly<Record<string, Json>>;
}

function fileBehindAt(text: string): string {
  return text.startsWith('@') ? `@${resolve(text.slice(1))}` : text;
}

/** The mask has hidden part of it, so the same command cannot be given again. */
export function lacksSecrets({ options }: { readonly options: JsonObject }): boolean {
  return JSON.stringify(options).includes(HIDDEN);
}
