import { resilientTools } from '../../engine/run/resilient-tools.ts';
import { applyRun, planRun } from '../../engine/run.ts';
import type { ApplyRequest, RunRequest } from '../../engine/run-request.ts';
import type { RunResult } from '../../engine/run-result.ts';
import { OperatorWatch } from '../../fleet/operator-watch.ts';
import type { AskCheck } from '../../fleet/rollout/cluster-checks.ts';
import type { ResultInWaves } from '../../fleet/rollout/held-back.ts';
import { hostsByCluster } from '../../fleet/rollout/hosts-by-cluster.ts';
import type { RolloutRequest } from '../../fleet/rollout/rollout-request.ts';
import { candidateOf, waveByCluster } from '../../fleet/rollout/waves.ts';
import { SignalListener } from '../../fleet/signal-listener.ts';
import type { WindowPolicy } from '../../fleet/timing.ts';
import type { Environment } from '../environment.ts';
import { checkAsker } from '../hooks/rollout-checks.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { RunControl } from './run-control.ts';
import { finishLeftClusters } from './window-policy.ts';

/** Applies the plays, in waves if there is a rollout, otherwise on all clusters. */
export async function applyPlays(
  request: ApplyRequest,
  inputs: Inputs,
  environment: Environment,
  policy: WindowPolicy,
  control: RunControl,
): Promise<RunResult> {
  const knownRollout = rolloutOf(inputs);
  if (!knownRollout) return applyWatched(request, inputs, environment, policy, control);
  const { rollOut } = await import('../../fleet/rollout/roll-out.ts');
  const { LocalFleetEngine } = await import('../../fleet/rollout/local-fleet-engine.ts');
  const { ShutClusters } = await import('../../fleet/rollout/shut-clusters.ts');
  const { tools, sideBySide, confirm, timing } = request;
  const { emit, clock, forks } = tools;
  const { checks, surroundings, plays } = inputs;
  const [play] = plays;
  const leaves = policy.kind === 'refuse' || policy.kind === 'skip';
  const ask: AskCheck = play
    ? checkAsker(play, request.runId, surroundings.extra, environment, tools.abort)
    : async () => undefined;
  const { commands, signals, unproven } = control;
  const { again } = commands;
  return rollOut(new LocalFleetEngine(request, environment.wallClock, signals, { checks, ask, again, unproven }), {
    ...knownRollout,
    commands,
    recorded: control.waves,
    told: control.told,
    emit,
    clock,
    sideBySide: Math.min(sideBySide, forks),
    ...(confirm && { confirm }),
    ...(policy.kind === 'wait' && timing && { awaitedWindows: timing }),
    ...(leaves && timing && play && { shutClusters: new ShutClusters(play, timing, emit) }),
  });
}

/** Applies the plays to all clusters, unless an operator pauses or aborts the run. */
async function applyWatched(
  request: ApplyRequest,
  inputs: Inputs,
  { wallClock }: Environment,
  policy: WindowPolicy,
  { commands, signals }: RunControl,
): Promise<RunResult> {
  const { tools, mistake } = resilientTools(request.tools);
  const watch = new OperatorWatch(new SignalListener(signals, commands, tools.emit), request);
  try {
    const watchedRequest = { ...request, stopReason: () => watch.whyNot() };
    const windows = { schedules: inputs.schedules, wallClock, aborted: watch.aborted };
    const result = await finishLeftClusters(await applyRun(watchedRequest), watchedRequest, policy, windows);
    const bug = result.mistake ?? mistake();
    return bug === undefined ? result : { ...result, mistake: bug };
  } finally {
    await watch.close();
  }
}

/** Plans the plays, announces the waves of a rollout, and reports what expires because windows keep some of them from starting. */
export async function planPlays(request: RunRequest, inputs: Inputs): Promise<ResultInWaves> {
  const result = await planRun(request);
  const knownRollout = rolloutOf(inputs);
  if (!knownRollout || request.stop.aborted || result.mistake !== undefined) return result;
  const { announceWaves } = await import('../../fleet/rollout/known-waves.ts');
  const { emit } = request.tools;
  const { waves, look } = announceWaves({ ...knownRollout, recorded: new Map(), emit }, result);
  const waveOf = Object.fromEntries(waveByCluster(waves));
  if (request.timing?.whenShut.kind === 'overridden') return { ...look, waveOf };
  const { withHeldBack } = await import('../../fleet/rollout/held-back.ts');
  return { ...withHeldBack(look, waves, { ...knownRollout, emit }, request.now.getTime()), waveOf };
}

/** The rollout with its candidates, if there is one. */
export function rolloutOf({
  rollout,
  plays,
  inventory,
}: Inputs): Pick<RolloutRequest, 'play' | 'rollout' | 'candidates' | 'total' | 'hostsOf'> | undefined {
  const [play] = plays;
  if (!rollout || !play) return undefined;
  const hostsOf = new Map([...hostsByCluster(play)].map(([name, own]) => [name, own.map(({ host }) => host.name)]));
  const candidates = [...hostsOf.keys()].flatMap((name) => {
    const cluster = inventory.clusters.get(name);
    return cluster ? [candidateOf(cluster)] : [];
  });
  const all = new Set([...hostsOf.keys(), ...play.leftOut.flatMap(({ cluster }) => cluster ?? [])]);
  return { play: play.name, rollout, candidates, total: all.size, hostsOf };
}
