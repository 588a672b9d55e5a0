import type { ReadSession, WriteSession } from '../core/session.ts';
import type { RunSessions } from './hosts/run-sessions.ts';
import type { CompiledPlay } from './program/compiled.ts';
import type { ApplyRequest, RunRequest } from './run-request.ts';
import type { RunState } from './run-state.ts';

/** A play whose turn has come, within its run. */
export interface PlayTurn<Session extends ReadSession = ReadSession> {
  readonly request: RunRequest;
  readonly run: RunState;
  readonly sessions: RunSessions<Session>;
  readonly play: CompiledPlay;
  /** Its hosts that are still in the run when it begins. */
  readonly members: CompiledPlay['hosts'];
  /** Their names. */
  readonly hosts: readonly string[];
}

/** The same for a run that may change hosts. */
export interface ApplyTurn extends PlayTurn<WriteSession> {
  readonly request: ApplyRequest;
}

/** Makes the turn of a play, with the hosts that are still in the run. */
export function turnOf<Run extends Omit<PlayTurn, 'play' | 'members' | 'hosts'>>(
  of: Run,
  play: CompiledPlay,
): Run & Pick<PlayTurn, 'play' | 'members' | 'hosts'> {
  const members = of.run.members(play);
  return { ...of, play, members, hosts: members.map(({ host }) => host.name) };
}
