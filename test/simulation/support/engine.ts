import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Problems } from '../../../src/core/diagnostic.ts';
import type { Event, EventSink } from '../../../src/core/events/event.ts';
import type { PlayPlan } from '../../../src/core/events/plan.ts';
import type { Json } from '../../../src/core/json.ts';
import type { Connector } from '../../../src/core/session.ts';
import { readTextFile } from '../../../src/core/text-file.ts';
import { compilePlaybook, hostCompiler } from '../../../src/engine/program/compile.ts';
import type { Surroundings } from '../../../src/engine/program/place.ts';
import { ALL_TAGS } from '../../../src/engine/program/tags.ts';
import { VariableFiles } from '../../../src/engine/program/variable-files.ts';
import { applyRun, planRun } from '../../../src/engine/run.ts';
import type { RunRequest } from '../../../src/engine/run-request.ts';
import type { RunResult } from '../../../src/engine/run-result.ts';
import { loadInventory } from '../../../src/inventory/load.ts';
import { readPlaybook } from '../../../src/playbook/load.ts';
import { createParameterChecker } from '../../../src/playbook/parameters/parameter-checker.ts';
import { registry } from '../../../src/steps/registry.ts';
import { expectEventsOfSchema } from '../../support/event-schema.ts';
import { connectorFor } from './sessions.ts';

const PLAYBOOK = fileURLToPath(new URL('../../../playbooks/renew-certs.yml', import.meta.url));
const CATALOGUE = { steps: registry.steps, strategies: new Set([...registry.strategies.keys(), 'linear']) };

/** A step that waits for what never comes would wait for minutes; what it had seen last is then among the events. */
const PATIENCE_MS = 180_000;

/** What came of a run of the shipped playbook. */
export interface Report {
  readonly result: RunResult;
  readonly events: readonly Event[];
  /** The plan of its only play; undefined when the play was refused. */
  readonly plan: PlayPlan | undefined;
  readonly runId: string;
}

/** Variables as `-e` gives them. */
export type ExtraVariables = Readonly<Record<string, Json>>;

/** Plans the shipped playbook against an inventory, through the real transport. */
export async function planFleet(inventoryFile: string, extra: ExtraVariables = {}): Promise<Report> {
  return carryOut(inventoryFile, extra, planRun);
}

/** Plans and applies it. @param through what stands between kplay and its hosts */
export async function applyFleet(
  inventoryFile: string,
  extra: ExtraVariables = {},
  listen: EventSink = () => undefined,
  through: (connector: Connector) => Connector = (connector) => connector,
): Promise<Report> {
  const run = (request: RunRequest) => applyRun({ ...request, connector: through(request.connector), sideBySide: 1 });
  return carryOut(inventoryFile, extra, run, listen);
}

async function carryOut(
  inventoryFile: string,
  extra: ExtraVariables,
  run: (request: RunRequest) => Promise<RunResult>,
  listen: EventSink = () => undefined,
): Promise<Report> {
  const problems = new Problems();
  const inventory = loadInventory([inventoryFile], problems);
  const source = readTextFile(PLAYBOOK, 'playbook', problems);
  const playbook = source && readPlaybook(source, CATALOGUE, problems);
  problems.throwIfErrors();
  if (!inventory || !playbook) throw new Error('the playbook or the inventory could not be read');
  const compileHost = hostCompiler(problems);
  const plays = compilePlaybook(
    { playbook, inventory, registry, limit: undefined, tags: ALL_TAGS, compileHost },
    problems,
  );
  const hosts = plays.flatMap((play) => play.hosts.map(({ host }) => host));
  const connector = await connectorFor(hosts, problems);
  problems.throwIfErrors();
  const checker = await createParameterChecker(CATALOGUE);
  const surroundings: Surroundings = {
    extra: new Map(Object.entries(extra).map(([name, value]) => [name, { kind: 'constant', value } as const])),
    groups: Object.fromEntries([...inventory.groups].map(([name, group]) => [name, group.hosts])),
    hosts: inventory.hosts,
    variableFiles: new VariableFiles(),
    localhosts: inventory.localhosts,
    compileHost,
    tags: ALL_TAGS,
    complete: (step, params) => {
      const completion = checker.complete(step, params);
      return completion.kind === 'complete'
        ? { params: completion.params }
        : { problems: completion.problems.map(({ message }) => ({ message, parameter: '' })) };
    },
  };
  const events: Event[] = [];
  const now = new Date();
  const runId = `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(2).toString('hex')}`;
  const never = new AbortController().signal;
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const tools: RunRequest['tools'] = {
    emit: (event) => {
      events.push(event);
      listen(event);
    },
    journal: { write: async () => undefined },
    clock: () => new Date(),
    wait: async (milliseconds) => {
      patience.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
    },
    abort: patience,
    forks: 20,
    holder: 'a test',
    hasEnded: () => false,
    unlockCommand: (host) => `unlock ${host}`,
    registry,
  };
  const result = await run({ plays, surroundings, connector, now, runId, begunAt: now, tools, stop: never });
  expectEventsOfSchema(events);
  const planned = events.find((event) => event.type === 'play-planned');
  return { result, events, plan: planned?.plan, runId };
}
