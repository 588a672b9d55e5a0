import { Problems } from '../../../src/core/diagnostic.ts';
import type { Event } from '../../../src/core/events/event.ts';
import type { PlayPlan } from '../../../src/core/events/plan.ts';
import type { JournalEntry } from '../../../src/core/journal.ts';
import type { Json } from '../../../src/core/json.ts';
import type { Connector } from '../../../src/core/session.ts';
import { SourceFile } from '../../../src/core/source.ts';
import type { ClusterTiming } from '../../../src/engine/clusters/cluster-timing.ts';
import { compilePlaybook, hostCompiler } from '../../../src/engine/program/compile.ts';
import type { CompiledPlay } from '../../../src/engine/program/compiled.ts';
import type { Surroundings } from '../../../src/engine/program/place.ts';
import type { CompiledVars } from '../../../src/engine/program/scope.ts';
import { ALL_TAGS, type TagSelection } from '../../../src/engine/program/tags.ts';
import { VariableFiles } from '../../../src/engine/program/variable-files.ts';
import { applyRun, planRun } from '../../../src/engine/run.ts';
import type { HookCaller, RunRequest } from '../../../src/engine/run-request.ts';
import type { RunResult } from '../../../src/engine/run-result.ts';
import { loadInventory } from '../../../src/inventory/load.ts';
import { readPlaybook } from '../../../src/playbook/load.ts';
import type { StepTask } from '../../../src/playbook/model.ts';
import { createParameterChecker } from '../../../src/playbook/parameters/parameter-checker.ts';
import { stepTasksOf } from '../../../src/playbook/step-tasks.ts';
import { expectEventsOfSchema } from '../../support/event-schema.ts';
import { type FakeHost, fakeConnector } from './fake-fleet.ts';
import { fakeRegistry } from './fake-steps.ts';

export interface RunOptions {
  readonly tags?: TagSelection;
  readonly extra?: Readonly<Record<string, Json>>;
  readonly saved?: readonly PlayPlan[];
  readonly sideBySide?: number;
  readonly confirm?: (plans: readonly PlayPlan[]) => Promise<boolean>;
  /** The answer to `--step` at each task. */
  readonly confirmTask?: () => Promise<boolean>;
  /** Else no time goes by but what is waited for. */
  readonly clock?: () => Date;
  readonly stop?: AbortController;
  readonly abort?: AbortController;
  readonly onEvent?: (event: Event) => void;
  /** Called before an entry is written; may throw. */
  readonly onJournal?: (entry: JournalEntry) => void;
  readonly forks?: number;
  readonly callHooks?: HookCaller;
  /** The hosts are then those of a cluster. */
  readonly timing?: ClusterTiming;
  /** Of which cluster each host is. */
  readonly clusters?: Readonly<Record<string, string>>;
  readonly connector?: Connector;
  readonly runId?: string;
}

/** What came of a run. */
export interface Report {
  readonly result: RunResult;
  readonly events: readonly Event[];
  readonly journal: readonly JournalEntry[];
}

const NOW = new Date('2026-11-24T15:12:44Z');
const CATALOGUE = { steps: fakeRegistry.steps, strategies: new Set(fakeRegistry.strategies.keys()) };

const checking = createParameterChecker(CATALOGUE);

/** Plans a playbook of fake steps on hosts in memory. */
export function plan(
  playbook: string | SourceFile,
  hosts: readonly FakeHost[],
  options: RunOptions = {},
): Promise<Report> {
  return carryOut(planRun, playbook, hosts, options);
}

/** Plans and applies it. */
export function apply(
  playbook: string | SourceFile,
  hosts: readonly FakeHost[],
  options: RunOptions = {},
): Promise<Report> {
  return carryOut(applyRun, playbook, hosts, options);
}

/** Hands the request for it to a function. */
export async function carryOut(
  run: typeof applyRun,
  playbook: string | SourceFile,
  hosts: readonly FakeHost[],
  options: RunOptions,
): Promise<Report> {
  const problems = new Problems();
  const inventory = loadInventory([`${hosts.map(({ name }) => name).join(',')},`], problems);
  const source = typeof playbook === 'string' ? new SourceFile('play.yml', playbook) : playbook;
  const read = readPlaybook(source, CATALOGUE, problems);
  const checker = await checking;
  for (const play of read?.plays ?? [])
    for (const { step, params } of stepTasksOf(play)) checker.check(step, params, problems);
  problems.throwIfErrors();
  if (!inventory || !read) throw new Error('nothing to run');
  const compileHost = hostCompiler(problems);
  const checkParameters = ({ step, params }: StepTask, found: Problems) => checker.check(step, params, found);
  const extra: CompiledVars = new Map(
    Object.entries(options.extra ?? {}).map(([name, value]) => [name, { kind: 'constant', value }]),
  );
  const compiling = {
    playbook: read,
    inventory,
    registry: fakeRegistry,
    limit: undefined,
    compileHost,
    checkParameters,
    extra,
  };
  const compiled = compilePlaybook({ ...compiling, tags: options.tags ?? ALL_TAGS }, problems);
  problems.throwIfErrors();
  const { timing, callHooks, clusters = timing ? everyOne(hosts, 'prod') : {} } = options;
  const plays = compiled.map((play) => inClusters(play, clusters));
  const surroundings: Surroundings = {
    extra,
    groups: { all: hosts.map(({ name }) => name) },
    hosts: inventory.hosts,
    variableFiles: new VariableFiles(),
    localhosts: inventory.localhosts,
    compileHost,
    tags: ALL_TAGS,
    complete: (step, params) => {
      const completion = checker.complete(step, params);
      if (completion.kind === 'complete') return { params: completion.params };
      return { problems: completion.problems.map(({ message }) => ({ message, parameter: '' })) };
    },
  };
  const events: Event[] = [];
  const journal: JournalEntry[] = [];
  let time = NOW.getTime();
  const tools: RunRequest['tools'] = {
    emit: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
    journal: {
      write: async (entry) => {
        options.onJournal?.(entry);
        journal.push(entry);
      },
    },
    clock: options.clock ?? (() => new Date(time)),
    wait: async (milliseconds, signal) => {
      time += milliseconds;
      signal.throwIfAborted();
    },
    abort: (options.abort ?? new AbortController()).signal,
    forks: options.forks ?? 10,
    holder: 'the test',
    hasEnded: (holder) => holder.startsWith('a lost run'),
    unlockCommand: (name) => `unlock ${name} with the options of this run`,
    registry: fakeRegistry,
  };
  const request: RunRequest = {
    plays,
    surroundings,
    connector: options.connector ?? fakeConnector(new Map(hosts.map((host) => [host.name, host]))),
    now: NOW,
    runId: options.runId ?? 'run-1',
    begunAt: NOW,
    tools,
    stop: (options.stop ?? new AbortController()).signal,
    ...(timing && { timing }),
  };
  const { saved, confirm, confirmTask, sideBySide = 1 } = options;
  const more = {
    ...(saved && { saved }),
    ...(confirm && { confirm }),
    ...(confirmTask && { confirmTask }),
    ...(callHooks && { callHooks }),
  };
  const result = await run({ ...request, sideBySide, ...more });
  expectEventsOfSchema(events);
  return { result, events, journal };
}

function everyOne(hosts: readonly FakeHost[], cluster: string): Readonly<Record<string, string>> {
  return Object.fromEntries(hosts.map(({ name }) => [name, cluster]));
}

function inClusters(play: CompiledPlay, clusters: Readonly<Record<string, string>>): CompiledPlay {
  const placed = play.hosts.map((member) => {
    const cluster = clusters[member.host.name];
    return cluster === undefined ? member : { ...member, host: { ...member.host, cluster } };
  });
  return { ...play, hosts: placed };
}
