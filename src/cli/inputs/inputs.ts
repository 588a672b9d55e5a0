import type { Problems } from '../../core/diagnostic.ts';
import type { Host } from '../../core/host.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { Secret } from '../../core/secret.ts';
import { type Located, rangeOfArgument } from '../../core/source.ts';
import { suggestion } from '../../core/suggest.ts';
import { checkTemplates } from '../../engine/plan/check-templates.ts';
import { compilePlaybook, hostCompiler } from '../../engine/program/compile.ts';
import type { CompiledCheck, CompiledPlay } from '../../engine/program/compiled.ts';
import type { CompletedParams, Surroundings } from '../../engine/program/place.ts';
import { ALL_TAGS, type TagSelection } from '../../engine/program/tags.ts';
import { VariableFiles } from '../../engine/program/variable-files.ts';
import type { ClusterSchedule } from '../../fleet/schedule.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { type InventoryReading, readInventory } from '../../inventory/load.ts';
import { matchLimit } from '../../inventory/match.ts';
import type { Work } from '../../journal/cluster-durations.ts';
import type { Playbook, StepTask } from '../../playbook/model.ts';
import { createParameterChecker, type ParameterChecker } from '../../playbook/parameters/parameter-checker.ts';
import type { Rollout } from '../../playbook/rollout/rollout-model.ts';
import { includesByName, stepTasksOf, tagsIn } from '../../playbook/step-tasks.ts';
import { registry } from '../../steps/registry.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { readRollout, refuseWaveHooks, rolloutFile } from '../fleet/rollout-input.ts';
import { schedulesOf } from '../fleet/schedules.ts';
import { checkHookParameters, checkHookTemplates } from '../hooks/play-hooks.ts';
import { readChecks } from '../hooks/rollout-checks.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { RolloutOptions, StateOptions } from '../options/options.ts';
import { connectionVars } from './connection-vars.ts';
import { type ExtraVars, readExtraVars } from './extra-vars.ts';
import { warnOfUnread } from './unread-variables.ts';
import { askForVariables } from './var-prompts.ts';

/** Everything that a command needs, read, checked and compiled; no host has been contacted. */
export interface Inputs {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  readonly plays: readonly CompiledPlay[];
  /** The hosts of all plays. */
  readonly hosts: readonly Host[];
  /** Hosts to which tasks are delegated and that are in no play. */
  readonly delegates: readonly Host[];
  readonly surroundings: Surroundings;
  /** Typed values that must not be shown. */
  readonly secrets: readonly Secret[];
  /** The rollout of the play, if there is one. */
  readonly rollout?: Rollout;
  /** The checks of the rollout. */
  readonly checks: readonly CompiledCheck[];
  /** The schedules of clusters with windows, by name. */
  readonly schedules: ReadonlyMap<string, ClusterSchedule>;
  /** The connection variables of a host, with templates rendered as far as needed to connect. */
  readonly connectionVars: (host: Host) => ReadonlyMap<string, Located<Json>>;
}

export interface InputRequest {
  readonly options: Pick<HostOptions, 'inventory' | 'limit'> &
    StateOptions &
    RolloutOptions & { readonly extraVars?: readonly string[] };
  readonly tags?: TagSelection;
  /** The work, whose earlier durations predict how long it takes. */
  readonly work: Work;
  /** Variables that options of the command set. Their values are not templates. */
  readonly variables?: (problems: Problems) => OptionVariables;
  /** Reads the playbook and reports errors in it. */
  readonly playbook: (problems: Problems) => Playbook | undefined;
  /**
   * The directory of the user's playbook, whose `group_vars` and `host_vars` apply. Undefined for kplay's own playbooks: it would be the
   * directory in which kplay happens to be run.
   */
  readonly beside: string | undefined;
  readonly environment: Environment;
  /** Prompts for variables of plays (`vars_prompt`). Absent: their defaults are used. */
  readonly asks?: boolean;
  /** The command takes `--rollout`: without it, a play without a rollout has none. */
  readonly knowsRollout?: boolean;
}

/** Values by variable name, each with the option that sets it; undefined ones were not given. */
export type OptionVariables = Readonly<Record<string, OptionVariable | undefined>>;

export interface OptionVariable {
  readonly value: Json;
  /** `--backup` */
  readonly option: string;
}

/** The variable that an option sets, if it was given. */
export function given(value: Json | undefined, option: string): OptionVariable | undefined {
  return value === undefined ? undefined : { value, option };
}

/**
 * Reads inventory, playbook and variables, and checks everything that can be checked without a connection. Errors are added to `problems`;
 * undefined when they prevent further checks.
 */
export async function readInputs(request: InputRequest, problems: Problems): Promise<Inputs | undefined> {
  const { options, tags = ALL_TAGS } = request;
  const playbook = request.playbook(problems);
  const { inventory, clusters } = inventoryOf(options.inventory, problems, request.beside);
  const checker = await createParameterChecker(catalogue);
  if (playbook) checkAllParameters(playbook, checker, problems);
  if (playbook) await checkHookParameters(playbook, problems);
  const given = readExtraVars(options.extraVars ?? [], problems);
  const { vars: extra, places } = withOptions(given, request.variables?.(problems) ?? {}, problems);
  if (extra.has('kplay_cluster'))
    problems.error(
      'kplay_cluster only has an effect in the vars of a group of the inventory',
      rangeOfArgument('-e', 'kplay_cluster'),
      'put it there, or remove it',
    );
  const { rollout: path } = options;
  const file = path === undefined ? undefined : { path, rollout: rolloutFile(path, problems) };
  const schedules = await schedulesOf(clusters, request.work, request.options, request.environment, problems);
  if (!inventory || !playbook) return undefined;
  const limit =
    options.limit === undefined
      ? undefined
      : new Set(matchLimit(inventory, options.limit, problems).map(({ name }) => name));
  checkTags(playbook, tags, problems);
  const compileHost = hostCompiler(problems);
  const checkParameters = ({ step, params }: StepTask, found: Problems) => checker.check(step, params, found);
  const asks = request.asks === true && !problems.hasErrors;
  const { ofPlays: answers, secrets } = await askForVariables(playbook, extra, asks, request.environment, problems);
  const compiling = { playbook, inventory, registry, limit, tags, compileHost, checkParameters, answers };
  const plays = compilePlaybook(compiling, problems);
  const rollout = readRollout(playbook, plays, inventory, file, problems);
  if (request.knowsRollout && !rollout && !file) refuseWaveHooks(playbook, problems);
  if (!problems.hasErrors) checkHosts(plays, playbook, inventory, options.limit, problems);
  const surroundings: Surroundings = {
    extra,
    extraPlaces: places,
    groups: groupsOf(inventory),
    hosts: inventory.hosts,
    variableFiles: new VariableFiles(),
    localhosts: inventory.localhosts,
    compileHost,
    tags,
    complete: (step, params) => complete(checker, step, params),
  };
  const named = problems.hasErrors
    ? new Set<string>()
    : checkTemplates(plays, surroundings, request.environment.clock(), problems);
  if (!problems.hasErrors) await checkHookTemplates(plays, extra, problems);
  const checks = await readChecks(rollout, plays, extra, problems);
  warnOfUnread(extra, plays, problems);
  const members = new Map(plays.flatMap(({ hosts }) => hosts.map((member) => [member.host.name, member] as const)));
  return {
    playbook,
    inventory,
    plays,
    hosts: [...members.values()].map(({ host }) => host),
    delegates: [...named].flatMap((name) => inventory.hosts.get(name) ?? inventory.localhosts.get(name) ?? []),
    surroundings,
    schedules,
    secrets,
    ...(rollout && { rollout }),
    checks,
    connectionVars: (host) =>
      connectionVars({ host, vars: compileHost(host).vars, extra, places }, surroundings, problems),
  };
}

/** Checks a playbook without an inventory: parameters, names and the syntax of templates. */
export async function checkWithoutInventory(playbook: Playbook, problems: Problems): Promise<void> {
  checkAllParameters(playbook, await createParameterChecker(catalogue), problems);
  await checkHookParameters(playbook, problems);
  const { inventory } = readInventory([], problems);
  if (!inventory) return;
  // Without an inventory its groups are unknown.
  const plays = playbook.plays.map((play) => ({ ...play, hosts: { ...play.hosts, value: 'all' } }));
  const compileHost = hostCompiler(problems);
  const compiling = {
    playbook: { ...playbook, plays },
    inventory,
    registry,
    limit: undefined,
    tags: ALL_TAGS,
    compileHost,
  };
  compilePlaybook(compiling, problems);
}

/**
 * The inventory that `-i` names. Errors in it, and a missing -i, are added to `problems`.
 * @param beside the directory of the playbook that is to run, whose `group_vars` and `host_vars` apply
 */
export function inventoryOf(sources: readonly string[], problems: Problems, beside?: string): InventoryReading {
  if (sources.length > 0) return readInventory(sources, problems, beside);
  const hint = "add one: -i prod.yml, a directory, or a host with a comma: -i 'm1.example,'; kplay init writes one";
  problems.error('no inventory given', undefined, hint);
  return { inventory: undefined, clusters: new Map() };
}

/** Refuses a variable that is given both by an option and with -e: one of the two would be ignored. */
function withOptions(extra: ExtraVars, options: OptionVariables, problems: Problems): ExtraVars {
  const vars = new Map(extra.vars);
  const places = new Map(extra.places);
  for (const [name, given] of Object.entries(options)) {
    if (given === undefined) continue;
    if (vars.has(name)) {
      problems.error(`${name} is given twice, with -e and with ${given.option}`, places.get(name), 'give it once');
    }
    vars.set(name, { kind: 'constant', value: given.value });
    const text = typeof given.value === 'string' ? given.value : JSON.stringify(given.value);
    places.set(name, rangeOfArgument(given.option, text));
  }
  return { vars, places };
}

/** A run on no host is a mistake, never a success; one play of several may have none. */
function checkHosts(
  plays: readonly CompiledPlay[],
  playbook: Playbook,
  inventory: Inventory,
  limit: string | undefined,
  problems: Problems,
): void {
  const empty = playbook.plays.filter((_, index) => plays[index]?.hosts.length === 0);
  const isAll = empty.length === plays.length && plays.length > 0;
  if (!isAll) {
    if (limit !== undefined) return;
    for (const { hosts } of empty)
      problems.warning(
        `${hosts.value} matches no host, so this play does nothing`,
        hosts.range,
        'put hosts into that group',
      );
  } else if (inventory.hosts.size === 0) {
    const place = inventory.sources.join(' ');
    problems.error(`there is no host to work on: the inventory ${place} has none`, undefined, 'add hosts to it');
  } else if (limit !== undefined) {
    const place = rangeOfArgument('--limit', limit);
    problems.error('no host of the playbook is left', place, 'name at least one of them');
  } else {
    for (const { hosts } of empty)
      problems.error(`${hosts.value} matches no host`, hosts.range, 'put hosts into that group, or name another');
  }
}

/** Tags to which Ansible gives a meaning of its own. */
const SPECIAL_TAGS = ['all', 'tagged', 'untagged', 'always', 'never'];

/** A tag that no task has is a typing mistake: it would exclude everything, or nothing. */
function checkTags({ plays }: Playbook, { only, skip }: TagSelection, problems: Problems): void {
  if (plays.some(includesByName)) return;
  const located = plays.flatMap((play) => [...play.tags, ...tagsIn(play)]);
  const known = new Set(located.map(({ value }) => value));
  for (const [option, tags] of [
    ['--tags', only],
    ['--skip-tags', skip],
  ] as const) {
    for (const tag of tags) {
      if (known.has(tag) || SPECIAL_TAGS.includes(tag)) continue;
      const hint = known.size > 0 ? suggestion(tag, known, 'the tags are') : 'the playbook has no tags';
      problems.error(`no task has the tag '${tag}'`, rangeOfArgument(option, tag), hint);
    }
  }
}

function checkAllParameters(playbook: Playbook, checker: ParameterChecker, problems: Problems): void {
  for (const play of playbook.plays)
    for (const { step, params } of stepTasksOf(play)) checker.check(step, params, problems);
}

function complete(checker: ParameterChecker, step: string, params: JsonObject): CompletedParams {
  const completion = checker.complete(step, params);
  if (completion.kind === 'complete') return { params: completion.params };
  const hint = completion.problems.find((complaint) => complaint.hint !== undefined)?.hint;
  return {
    problems: completion.problems.map(({ path, message }) =>
      message.startsWith(path) ? message : `${path}: ${message}`,
    ),
    parameters: completion.problems.map(({ path }) => /^[\w-]+/.exec(path)?.[0] ?? path),
    ...(hint !== undefined && { hint }),
  };
}

function groupsOf({ groups }: Inventory): Json {
  return Object.fromEntries([...groups].map(([name, { hosts }]) => [name, hosts]));
}

/** Reads a password from a file, without its final newline. */
export function passwordFrom(text: string): Secret {
  return new Secret(text.replace(/\r?\n$/, ''));
}
