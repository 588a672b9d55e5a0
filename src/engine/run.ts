import { mayChange } from '../core/plan-totals.ts';
import type { HostState } from './hosts/host-state.ts';
import { RunSessions } from './hosts/run-sessions.ts';
import { observeAndPlan } from './observe-and-plan.ts';
import type { PreparedPlay } from './plan/play-preparation.ts';
import { type ApplyTurn, type PlayTurn, turnOf } from './play-turn.ts';
import { endClusters, endReason, reportPlaysNotStarted } from './plays-not-started.ts';
import { withShuffledHosts } from './program/shuffled-order.ts';
import { mayStart, refuseDrifted } from './run/before-change.ts';
import type { PlayEnd } from './run/cluster-turns.ts';
import { inTurnByCluster } from './run/in-turn-by-cluster.ts';
import { PlayHooks } from './run/play-hooks.ts';
import { resilientTools } from './run/resilient-tools.ts';
import type { ApplyRequest, RunRequest } from './run-request.ts';
import type { RunResult } from './run-result.ts';
import { RunState } from './run-state.ts';

/** Observes and plans, play by play, with sessions that cannot write. */
export async function planRun(runRequest: RunRequest): Promise<RunResult> {
  const { tools, mistake } = resilientTools(runRequest.tools);
  const request = { ...runRequest, tools, plays: withShuffledHosts(runRequest.plays, runRequest.runId) };
  const sessions = RunSessions.forReading(request.connector);
  const run = new RunState();
  let predicted: ReadonlyMap<string, HostState> = new Map();
  try {
    for (const play of request.plays) {
      const turn = turnOf({ request, run, sessions }, play);
      const { prepared } = await observeAndPlan(turn, predicted);
      predicted = new Map([...predicted, ...prepared.flatMap(({ after }) => [...after])]);
      recordPredicted(run, prepared);
      if (planEndsAfter(turn, prepared)) break;
    }
  } catch (error) {
    if (!isEnd(error, request)) throw error;
  } finally {
    await sessions.close();
  }
  run.recordBug(mistake());
  return run.result();
}

/** Whether an error says only that the run is to end: soon, before anything of a play was begun, or at once. */
function isEnd(error: unknown, { stop, tools }: RunRequest): boolean {
  return (stop.aborted && error === stop.reason) || (tools.abort.aborted && error === tools.abort.reason);
}

/** Records what a play will leave to later ones: variables, cleared errors, and hosts that do not get through it. */
function recordPredicted(run: RunState, prepared: readonly PreparedPlay[]): void {
  for (const { after, cleared, input } of prepared) {
    if (cleared.size > 0) run.clearErrors(cleared, input.play);
    for (const [name, { registered }] of after) run.register(name, registered);
  }
  for (const name of prepared.flatMap(({ unreachable }) => unreachable)) run.drop(name, 'unreachable');
}

/** Ends the plan for clusters that lose a whole batch in a play. @returns whether it ends for all hosts; that is reported */
function planEndsAfter(turn: PlayTurn, prepared: readonly PreparedPlay[]): boolean {
  const { run, hosts } = turn;
  const lost = prepared.filter(({ end }) => end === 'batch-lost');
  endClusters(turn, lost);
  const isLost = lost.some(({ cluster }) => cluster === undefined);
  const reason = endReason(isLost ? 'batch-lost' : 'completed', run.hasLostAll(hosts));
  if (reason === undefined) return false;
  reportPlaysNotStarted(turn, reason);
  return true;
}

/**
 * Observes, plans, shows, applies and proves, play by play. Never throws: a bug ends the run like a failure, with every
 * half-changed host restored or restoring itself, and becomes the `mistake` of the result.
 */
export async function applyRun(runRequest: ApplyRequest): Promise<RunResult> {
  const { tools, mistake } = resilientTools(runRequest.tools);
  const request = { ...runRequest, tools, plays: withShuffledHosts(runRequest.plays, runRequest.runId) };
  const sessions = RunSessions.forWriting(request.connector);
  const run = new RunState();
  let currentHosts: readonly string[] = [];
  try {
    for (const play of request.plays) {
      if (request.stop.aborted || !run.wasConfirmed) break;
      const turn = turnOf({ request, run, sessions }, play);
      currentHosts = turn.hosts;
      if (runEndsAfter(turn, await applyWithHooks(turn))) break;
    }
  } catch (error) {
    // Exceptions caused by Ctrl-C are not bugs.
    if (!isEnd(error, request)) run.recordBug(error);
    run.leaveUntouched(currentHosts);
  } finally {
    await sessions.close();
  }
  run.recordBug(mistake());
  return run.result();
}

/** Carries out one play between its hooks, which are also told about a bug. */
async function applyWithHooks(turn: ApplyTurn): Promise<PlayEnd> {
  const { request, run, play, hosts } = turn;
  const hooks = new PlayHooks(request, run, play, hosts);
  try {
    return await applyPlay(turn, hooks);
  } catch (error) {
    if (!isEnd(error, request)) run.recordBug(error);
    throw error;
  } finally {
    await hooks.end();
  }
}

const STOPPED: PlayEnd = { end: 'stopped', lost: [] };

async function applyPlay(turn: ApplyTurn, hooks: PlayHooks): Promise<PlayEnd> {
  const { request, run, hosts } = turn;
  const earlier = [...run.plans];
  const { prepared, ...sessions } = await observeAndPlan(turn, new Map());
  if (prepared.length === 0) return { end: 'completed', lost: [] };
  if (request.saved) refuseDrifted(request, run, prepared, request.saved, earlier);
  const members = new Set(hosts);
  const parts = prepared.filter((part) => mayStart(request, run, part, members));
  if (parts.length === 0) return STOPPED;
  if (!(await isConfirmed(request, parts))) {
    run.decline();
    return STOPPED;
  }
  return inTurnByCluster({ request, run, sessions, hooks }, parts);
}

async function isConfirmed({ confirm }: ApplyRequest, parts: readonly PreparedPlay[]): Promise<boolean> {
  const plans = parts.map(({ shown }) => shown);
  return !confirm || !mayChange(plans) || confirm(plans);
}

/** Ends the run for clusters that have lost a whole batch in a play. @returns whether it ends for all hosts; that is reported */
function runEndsAfter(turn: ApplyTurn, { end, lost }: PlayEnd): boolean {
  const { request, run, hosts } = turn;
  run.leaveUntouched(endClusters(turn, lost));
  const reason = endReason(end, run.hasLostAll(hosts));
  if (reason === undefined) return false;
  // When somebody has ended the run, that has already been reported.
  const isEnded = request.stop.aborted || !run.wasConfirmed || run.wasAborted;
  if (!isEnded) run.leaveUntouched(reportPlaysNotStarted(turn, reason));
  return true;
}
