import { isToBeConfirmed } from '../core/plan-totals.ts';
import { FleetSessions } from './hosts/fleet-sessions.ts';
import type { HostState } from './hosts/host-state.ts';
import { observeAndPlan } from './observe-and-plan.ts';
import type { PreparedPlay } from './plan/play-preparation.ts';
import { type ApplyTurn, type PlayTurn, turnOf } from './play-turn.ts';
import { endClusters, reportPlaysNotStarted, whyOver } from './plays-not-started.ts';
import { inDrawnOrder } from './program/drawn-order.ts';
import { mayStart, refuseDrifted } from './run/before-change.ts';
import { executeClusters, type PlayEnd } from './run/cluster-execution.ts';
import { PlayHooks } from './run/play-hooks.ts';
import { steadyTools } from './run/steady-tools.ts';
import type { ApplyRequest, RunRequest } from './run-request.ts';
import { type RunResult, RunState } from './run-state.ts';

/** Observes and plans, play by play. The sessions that it opens cannot write. */
export async function planRun(asked: RunRequest): Promise<RunResult> {
  const { tools, mistake } = steadyTools(asked.tools);
  const request = { ...asked, tools, plays: inDrawnOrder(asked.plays, asked.runId) };
  const sessions = FleetSessions.forReading(request.connector);
  const run = new RunState();
  let known: ReadonlyMap<string, HostState> = new Map();
  try {
    for (const play of request.plays) {
      const turn = turnOf({ request, run, sessions }, play);
      const { prepared } = await observeAndPlan(turn, known);
      known = new Map([...known, ...predictedStates(turn, prepared)]);
      if (endsPlan(turn, prepared)) break;
    }
  } catch (error) {
    if (error !== tools.abort.reason) throw error;
  } finally {
    await sessions.close();
  }
  run.mistake = mistake();
  return run.result();
}

/** The hosts as they will be after a play. What it registers and which errors it clears is noted in the run, for later plays. */
function predictedStates({ run }: PlayTurn, prepared: readonly PreparedPlay[]): ReadonlyMap<string, HostState> {
  for (const { after, cleared, input } of prepared) {
    if (cleared.size > 0) run.forgive(cleared, input.play);
    for (const [name, { registered }] of after) run.registered.set(name, registered);
  }
  return new Map(prepared.flatMap(({ after }) => [...after]));
}

/** Takes out of the plan the hosts that do not come through a play. @returns whether no later play is planned */
function endsPlan(turn: PlayTurn, prepared: readonly PreparedPlay[]): boolean {
  const { run, hosts } = turn;
  for (const name of prepared.flatMap(({ unreached }) => unreached)) run.drop(name, 'unreachable');
  const lost = prepared.filter(({ end }) => end === 'batch-lost');
  endClusters(turn, lost);
  const isLost = lost.some(({ cluster }) => cluster === undefined);
  const why = whyOver(isLost ? 'batch-lost' : 'completed', run.hasLostAll(hosts));
  if (why === undefined) return false;
  reportPlaysNotStarted(turn, why);
  return true;
}

/**
 * Observes, plans, shows, applies and proves, play by play. Throws nothing: a bug ends the run as a failure does, with every host that
 * was half changed restored or restoring itself, and is the `mistake` of the result.
 */
export async function applyRun(asked: ApplyRequest): Promise<RunResult> {
  const { tools, mistake } = steadyTools(asked.tools);
  const request = { ...asked, tools, plays: inDrawnOrder(asked.plays, asked.runId) };
  const sessions = FleetSessions.forWriting(request.connector);
  const run = new RunState();
  let present: readonly string[] = [];
  try {
    for (const play of request.plays) {
      if (request.stop.aborted || !run.wasConfirmed) break;
      const turn = turnOf({ request, run, sessions }, play);
      present = turn.hosts;
      if (endsRun(turn, await applyWithHooks(turn))) break;
    }
  } catch (error) {
    // What was thrown because of a second Ctrl-C is no bug.
    if (error !== tools.abort.reason) run.mistake = error;
    run.leaveUntouched(present);
  } finally {
    await sessions.close();
  }
  run.mistake ??= mistake();
  return run.result();
}

/** Carries out one play. Its hooks are called around it, and learn of a bug in it. */
async function applyWithHooks(turn: ApplyTurn): Promise<PlayEnd> {
  const { request, run, play, hosts } = turn;
  const hooks = new PlayHooks(request, run, play, hosts);
  try {
    return await applyPlay(turn, hooks);
  } catch (error) {
    if (error !== request.tools.abort.reason) run.mistake = error;
    throw error;
  } finally {
    await hooks.end();
  }
}

const STOPPED: PlayEnd = { end: 'stopped', lost: [] };

async function applyPlay(turn: ApplyTurn, hooks: PlayHooks): Promise<PlayEnd> {
  const { request, run, hosts } = turn;
  const earlier = [...run.plans];
  const { prepared, ...reached } = await observeAndPlan(turn, new Map());
  if (prepared.length === 0) return { end: 'completed', lost: [] };
  if (request.saved) refuseDrifted(request, run, prepared, request.saved, earlier);
  const parts = prepared.filter((part) => mayStart(request, run, part, hosts));
  if (parts.length === 0) return STOPPED;
  run.wasConfirmed = await isConfirmed(request, parts);
  if (!run.wasConfirmed) return STOPPED;
  return executeClusters(request, run, parts, reached, hooks);
}

async function isConfirmed({ confirm }: ApplyRequest, parts: readonly PreparedPlay[]): Promise<boolean> {
  const plans = parts.map(({ shown }) => shown);
  return !confirm || !isToBeConfirmed(plans) || confirm(plans);
}

/** Notes the hosts that no later play comes to because of how this one went. @returns whether no later play begins */
function endsRun(turn: ApplyTurn, { end, lost }: PlayEnd): boolean {
  const { request, run, hosts } = turn;
  run.leaveUntouched(endClusters(turn, lost));
  const why = whyOver(end, run.hasLostAll(hosts));
  if (why === undefined) return false;
  // Of a run that somebody ends, it has been said already.
  const isEnded = request.stop.aborted || !run.wasConfirmed || run.wasAborted;
  if (!isEnded) run.leaveUntouched(reportPlaysNotStarted(turn, why));
  return true;
}
