import { Problems } from '../../core/diagnostic.ts';
import type { Host } from '../../core/host.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import type { Located } from '../../core/source.ts';
import { checkTemplates } from '../../engine/plan/check-templates.ts';
import { compilePlaybook, hostCompiler } from '../../engine/program/compile.ts';
import type { CompiledCheck, CompiledPlay } from '../../engine/program/compiled.ts';
import type { CompletedParams, Surroundings } from '../../engine/program/place.ts';
import type { CompiledVars } from '../../engine/program/scope.ts';
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
import { stepTasksOf } from '../../playbook/step-tasks.ts';
import { registry } from '../../steps/registry.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { readRollout, refuseWaveHooks, rolloutFile } from '../fleet/rollout-input.ts';
import { schedulesOf } from '../fleet/schedules.ts';
import { checkHookParameters, checkHookTemplates } from '../hooks/play-hooks.ts';
import { readChecks } from '../hooks/rollout-checks.ts';
import type { HostOptions } from '../options/host-options.ts';
import type { PlaybookOptions, RolloutOptions, StateOptions } from '../options/options.ts';
import { connectionVars } from './connection-vars.ts';
import type { ExtraVars } from './extra-vars.ts';
import { givenVariables, type OptionVariables } from './given-variables.ts';
import { checkHosts, checkTags, typableTags } from './input-checks.ts';
import { startingAt } from './start-at-task.ts';
import { warnOfMisspeltDefaults, warnOfUnread } from './unread-variables.ts';
import { type Answers, askForVariables } from './var-prompts.ts';

/** Everything that a command needs, read, checked and compiled; no host has been contacted. */
export interface Inputs {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  readonly plays: readonly CompiledPlay[];
  /** The tags to skip, without those that no task has. */
  readonly skipTags: readonly string[];
  /** The hosts of all plays. */
  readonly hosts: readonly Host[];
  /** Hosts to which tasks are delegated and that are in no play. */
  readonly delegates: readonly Host[];
  readonly surroundings: Surroundings;
  /** Typed values that must not be shown. */
  readonly secrets: readonly Secret[];
  /** The names of the variables with these answers. */
  readonly secretNames: ReadonlySet<string>;
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
  /** Of commands whose tasks are kplay's own, none selects tasks. */
  readonly options: Pick<HostOptions, 'inventory' | 'limit'> & StateOptions & RolloutOptions & Partial<PlaybookOptions>;
  /** The work, whose earlier durations predict how long it takes. */
  readonly work: Work;
  /** Variables that options of the command set. Their values are not templates. */
  readonly variables?: (problems: Problems) => OptionVariables;
  /** Reads the whole playbook and reports errors in it. */
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

/**
 * Reads inventory, playbook and variables, and checks everything that can be checked without a connection. Errors are added to `problems`;
 * undefined when they prevent further checks.
 */
export async function readInputs(request: InputRequest, problems: Problems): Promise<Inputs | undefined> {
  const { startAtTask } = request.options;
  const playbook = startingAt(request.playbook(problems), startAtTask, tagsOf(request.options), problems);
  // Plays ask their questions only if there is no error at all.
  const isAsking = request.asks && playbook?.plays.some(({ varsPrompt }) => varsPrompt.length > 0);
  const ofClusters = isAsking ? problems : new Problems();
  const inputs = await checkedInputs(request, playbook, problems, ofClusters);
  if (ofClusters !== problems) problems.addAll(ofClusters.all);
  return inputs;
}

function tagsOf({ tags = [], skipTags = [] }: Partial<PlaybookOptions>): TagSelection {
  return { only: tags, skip: skipTags };
}

/**
 * Reads what belongs to a playbook, compiles its plays, and checks them.
 * @param ofClusters takes the problems of clusters and of the rollout, which do not prevent that templates of plays are checked
 */
async function checkedInputs(
  request: InputRequest,
  playbook: Playbook | undefined,
  problems: Problems,
  ofClusters: Problems,
): Promise<Inputs | undefined> {
  const { options, environment } = request;
  const tags = tagsOf(options);
  const found = new Problems();
  const reading = inventoryOf(options.inventory, found, request.beside);
  const { inventory: flawless, checkable: inventory, clusters } = reading;
  (inventory && !flawless ? ofClusters : problems).addAll(found.all);
  const checker = await createParameterChecker(catalogue);
  if (playbook) await checkAllParameters(playbook, checker, problems);
  const given = givenVariables(options.extraVars ?? [], request.variables?.(problems) ?? {}, problems);
  const extra = given.vars;
  const { rollout: path } = options;
  const file = path === undefined ? undefined : { path, rollout: rolloutFile(path, ofClusters) };
  const schedules = await schedulesOf(clusters, request.work, options, environment, ofClusters);
  if (playbook && !inventory) compileWithoutInventory(playbook, problems, extra);
  if (!inventory || !playbook) return undefined;
  // A limit may select by declarations of clusters that are wrong: then it is only checked.
  const limit = flawless && options.limit;
  if (!flawless && options.limit !== undefined) matchLimit(inventory, options.limit, ofClusters);
  const isLimitKnown = limit === options.limit;
  const read: Read = { playbook, inventory, checker, given, limited: limit, tags };
  const { plays, compileHost, secrets, secretNames } = await compilePlays(read, request, problems);
  const rollout = readRollout(playbook, plays, inventory, file, ofClusters);
  if (request.knowsRollout && !rollout && !file) refuseWaveHooks(playbook, ofClusters);
  if (!problems.hasErrors) checkHosts(plays, playbook, inventory, limit, problems);
  const surroundings = surroundingsOf(read, compileHost);
  const delegates =
    problems.hasErrors || !isLimitKnown
      ? new Set<string>()
      : checkTemplates(plays, surroundings, environment.clock(), problems);
  if (!problems.hasErrors) await checkHookTemplates(plays, extra, problems);
  const checks = await readChecks(rollout, plays, extra, ofClusters);
  warnOfUnread(extra, plays, problems);
  warnOfMisspeltDefaults(playbook, plays, problems);
  const members = new Map(plays.flatMap(({ hosts }) => hosts.map((member) => [member.host.name, member] as const)));
  return {
    playbook,
    inventory,
    plays,
    skipTags: typableTags(playbook, tags.skip),
    hosts: [...members.values()].map(({ host }) => host),
    delegates: [...delegates].flatMap((name) => inventory.hosts.get(name) ?? inventory.localhosts.get(name) ?? []),
    surroundings,
    schedules,
    secrets,
    secretNames,
    ...(rollout && { rollout }),
    checks,
    connectionVars: (host) =>
      connectionVars({ host, vars: compileHost(host).vars, extra, places: given.places }, surroundings, problems),
  };
}

interface Read {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  readonly checker: ParameterChecker;
  readonly given: ExtraVars;
  /** The value of `--limit`. */
  readonly limited: string | undefined;
  readonly tags: TagSelection;
}

function surroundingsOf(
  { inventory, checker, given, tags }: Read,
  compileHost: Surroundings['compileHost'],
): Surroundings {
  return {
    extra: given.vars,
    extraPlaces: given.places,
    groups: groupsOf(inventory),
    hosts: inventory.hosts,
    variableFiles: new VariableFiles(),
    localhosts: inventory.localhosts,
    compileHost,
    tags,
    complete: (step, params) => complete(checker, step, params),
  };
}

/** Compiles the plays for the hosts and tags that the command selects, with what the user answers to their questions. */
async function compilePlays(
  { playbook, inventory, checker, given, limited, tags }: Read,
  { asks = false, environment, options }: InputRequest,
  problems: Problems,
): Promise<
  Omit<Answers, 'ofPlays'> & {
    readonly plays: readonly CompiledPlay[];
    readonly compileHost: Surroundings['compileHost'];
  }
> {
  const limit =
    limited === undefined ? undefined : new Set(matchLimit(inventory, limited, problems).map(({ name }) => name));
  checkTags(playbook, options.areSkipTagsTyped ? tags : { ...tags, skip: [] }, problems);
  const compileHost = hostCompiler(problems);
  const checkParameters = ({ step, params }: StepTask, found: Problems) => checker.check(step, params, found);
  const isAsked = asks && !problems.hasErrors;
  const { ofPlays: answers, ...hidden } = await askForVariables(playbook, given, isAsked, environment, problems);
  const extra = given.vars;
  const compiling = { playbook, inventory, registry, extra, limit, tags, compileHost, checkParameters, answers };
  return { plays: compilePlaybook(compiling, problems), compileHost, ...hidden };
}

/** Checks a playbook without an inventory: parameters, names and the syntax of templates. */
export async function checkWithoutInventory(playbook: Playbook, problems: Problems): Promise<void> {
  await checkAllParameters(playbook, await createParameterChecker(catalogue), problems);
  compileWithoutInventory(playbook, problems);
}

/** Adds errors in a playbook that do not depend on the inventory: names, and the syntax of templates. */
function compileWithoutInventory(playbook: Playbook, problems: Problems, extra?: CompiledVars): void {
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
    ...(extra && { extra }),
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
  return { inventory: undefined, checkable: undefined, clusters: new Map() };
}

/** Checks the parameters of all steps and hooks. */
async function checkAllParameters(playbook: Playbook, checker: ParameterChecker, problems: Problems): Promise<void> {
  for (const play of playbook.plays)
    for (const { step, params } of stepTasksOf(play)) checker.check(step, params, problems);
  await checkHookParameters(playbook, problems);
}

function complete(checker: ParameterChecker, step: string, params: JsonObject): CompletedParams {
  const completion = checker.complete(step, params);
  if (completion.kind === 'complete') return { params: completion.params };
  return {
    problems: completion.problems.map(({ path, message, hint }) => ({
      message: message.startsWith(path) ? message : `${path}: ${message}`,
      parameter: /^[\w-]+/.exec(path)?.[0] ?? path,
      ...(hint !== undefined && { hint }),
    })),
  };
}

function groupsOf({ groups }: Inventory): Json {
  return Object.fromEntries([...groups].map(([name, { hosts }]) => [name, hosts]));
}
