import type { Signal } from '../../core/signal.ts';
import { steadyTools } from '../../engine/run/steady-tools.ts';
import { applyRun, planRun } from '../../engine/run.ts';
import type { ApplyRequest, RunRequest } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-state.ts';
import { OperatorWatch } from '../../fleet/operator-watch.ts';
import type { AskCheck } from '../../fleet/rollout/cluster-checks.ts';
import type { RolloutRequest } from '../../fleet/rollout/rollout-request.ts';
import { candidateOf } from '../../fleet/rollout/waves.ts';
import { type OperatorCommands, SignalListener } from '../../fleet/signal-listener.ts';
import type { WindowPolicy } from '../../fleet/timing.ts';
import type { Environment } from '../environment.ts';
import { checkAsker } from '../hooks/rollout-checks.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { finishLeftClusters } from './window-policy.ts';

/** What stands in the directory of a run, and in those of the runs that it goes on with. */
export interface RunRecord {
  readonly commands: OperatorCommands;
  /** What operators have said. */
  readonly signals: () => readonly Signal[];
  /** The wave of each cluster in the run that this one goes on with, by the cluster's name. */
  readonly waves: ReadonlyMap<string, string>;
  /** Clusters that the runs which this one goes on with have begun and not brought to a good end. */
  readonly unproven: ReadonlySet<string>;
}

/** Carries out: in waves where there is a rollout, and otherwise all clusters as they come. */
export async function applyPlays(
  asked: ApplyRequest,
  inputs: Inputs,
  environment: Environment,
  policy: WindowPolicy,
  record: RunRecord,
): Promise<RunResult> {
  const known = rolloutOf(inputs);
  if (!known) return applyWatched(asked, inputs, environment, policy, record);
  const { rollOut } = await import('../../fleet/rollout/roll-out.ts');
  const { LocalFleetEngine } = await import('../../fleet/rollout/local-fleet-engine.ts');
  const { tools, sideBySide, confirm, timing } = asked;
  const { emit, clock, forks } = tools;
  const { checks, surroundings, plays } = inputs;
  const [play] = plays;
  const ask: AskCheck = play
    ? checkAsker(play, asked.runId, surroundings.extra, environment, tools.abort)
    : async () => undefined;
  const { commands, signals, unproven } = record;
  const { again } = commands;
  return rollOut(new LocalFleetEngine(asked, environment.wallClock, signals, { checks, ask, again, unproven }), {
    ...known,
    commands,
    recorded: record.waves,
    emit,
    clock,
    sideBySide: Math.min(sideBySide, forks),
    ...(confirm && { confirm }),
    ...(policy.kind === 'wait' && timing && { waitsFor: timing }),
  });
}

/** All clusters as they come, as far as no operator holds them back. */
async function applyWatched(
  asked: ApplyRequest,
  inputs: Inputs,
  { wallClock }: Environment,
  policy: WindowPolicy,
  { commands, signals }: RunRecord,
): Promise<RunResult> {
  const { tools, mistake } = steadyTools(asked.tools);
  const watch = new OperatorWatch(new SignalListener(signals, commands, tools.emit), asked);
  try {
    const request = { ...asked, whyNot: () => watch.whyNot() };
    const windows = { schedules: inputs.schedules, wallClock, aborted: watch.aborted };
    const result = await finishLeftClusters(await applyRun(request), request, policy, windows);
    const bug = result.mistake ?? mistake();
    return bug === undefined ? result : { ...result, mistake: bug };
  } finally {
    await watch.close();
  }
}

/** Plans; where there is a rollout its waves are told. */
export async function planPlays(asked: RunRequest, inputs: Inputs): Promise<RunResult> {
  const look = await planRun(asked);
  const known = rolloutOf(inputs);
  if (!known || asked.stop.aborted || look.mistake !== undefined) return look;
  const { announceWaves } = await import('../../fleet/rollout/known-waves.ts');
  return announceWaves({ ...known, recorded: new Map(), emit: asked.tools.emit }, look).look;
}

/** What is rolled out, where there is a rollout. */
export function rolloutOf({
  rollout,
  plays,
  inventory,
}: Inputs): Pick<RolloutRequest, 'play' | 'rollout' | 'candidates' | 'total' | 'hostsOf'> | undefined {
  const [play] = plays;
  if (!rollout || !play) return undefined;
  const hostsOf = new Map<string, string[]>();
  for (const { host } of play.hosts)
    if (host.cluster !== undefined) hostsOf.set(host.cluster, [...(hostsOf.get(host.cluster) ?? []), host.name]);
  const candidates = [...hostsOf.keys()].flatMap((name) => {
    const cluster = inventory.clusters.get(name);
    return cluster ? [candidateOf(cluster)] : [];
  });
  const all = new Set([...hostsOf.keys(), ...play.leftOut.flatMap(({ cluster }) => cluster ?? [])]);
  return { play: play.name, rollout, candidates, total: all.size, hostsOf };
}
