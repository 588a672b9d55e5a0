import type { ReadSession, WriteSession } from '../core/session.ts';
import type { FleetSessions } from './hosts/fleet-sessions.ts';
import type { CompiledPlay } from './program/compiled.ts';
import type { ApplyRequest, RunRequest } from './run-request.ts';
import type { RunState } from './run-state.ts';

/** A play of a run whose turn has come. */
export interface PlayTurn<Session extends ReadSession = ReadSession> {
  readonly request: RunRequest;
  readonly run: RunState;
  readonly sessions: FleetSessions<Session>;
  readonly play: CompiledPlay;
  /** Those of its hosts that are still in the run when it begins. */
  readonly members: CompiledPlay['hosts'];
  /** The same, by name. */
  readonly hosts: readonly string[];
}

/** One of a run that may change hosts. */
export interface ApplyTurn extends PlayTurn<WriteSession> {
  readonly request: ApplyRequest;
}

/** The turn of a play, with the hosts that have come so far. */
export function turnOf<Run extends Omit<PlayTurn, 'play' | 'members' | 'hosts'>>(
  of: Run,
  play: CompiledPlay,
): Run & Pick<PlayTurn, 'play' | 'members' | 'hosts'> {
  const members = of.run.members(play);
  return { ...of, play, members, hosts: members.map(({ host }) => host.name) };
}
