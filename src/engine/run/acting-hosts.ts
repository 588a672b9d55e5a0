import type { WriteSession } from '../../core/session.ts';
import { StepFailure } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import type { HostSessions } from '../hosts/host-sessions.ts';
import { type ObserveTools, observeNeeds } from '../hosts/observe.ts';
import type { PlannedCall } from '../plan/host-task-plan.ts';
import { questionsOf } from '../plan/plan-task.ts';
import type { CompiledTask } from '../program/compiled.ts';
import type { PlayExecution } from './execution.ts';
import type { HostRun } from './host-run.ts';

/** The hosts that tasks are delegated to: those of the play, and those connected only for that. */
export class ActingHosts {
  readonly #all: Pick<PlayExecution, 'hosts' | 'delegates'>;

  constructor(all: Pick<PlayExecution, 'hosts' | 'delegates'>) {
    this.#all = all;
  }

  /** @throws {StepFailure} when the host is out of the play, or was not known before the run */
  sessionsOf(name: string): HostSessions<WriteSession> {
    const member = this.#all.hosts.get(name);
    if (member?.isLost || member?.isUnreachable) throw unreachableDelegate(name);
    const sessions = member?.sessions ?? this.#all.delegates.sessionsOf(name);
    if (sessions) return sessions;
    throw new StepFailure(
      'delegate-unknown',
      `it was not known before the run that it is delegated to ${name}, which is not connected`,
      { remedy: 'add it to the play, or write its name' },
    );
  }

  /** Whether something was, or may have been, changed on any host of the play, completely or partly. */
  get mayHaveChanged(): boolean {
    for (const { changes, hasRunCommand } of this.#all.hosts.values())
      if (changes.made.length > 0 || changes.mayBePartial || hasRunCommand) return true;
    return false;
  }

  /** Observes what these calls read from the hosts that carry them out. */
  async observe(
    task: CompiledTask,
    calls: readonly PlannedCall[],
    peers: ReadonlyMap<string, World>,
    tools: ObserveTools,
  ) {
    for (const { actor, params } of calls) {
      if (actor === undefined) continue;
      const { hosts, delegates } = this.#all;
      const sessions = this.sessionsOf(actor);
      const state = hosts.get(actor)?.state ?? delegates.find(actor);
      if (state === undefined || state === 'lost') throw unreachableDelegate(actor);
      const needs = (known: World) => questionsOf(task, params, known, state.info, peers);
      const observed = await observeNeeds(sessions, state, needs, tools);
      const member = hosts.get(actor);
      if (member)
        member.state = {
          ...member.state,
          world: member.state.world.merge(observed.world),
          observedAt: observed.observedAt,
        };
      else delegates.update(actor, observed);
    }
  }

  /** Notes that these calls have run commands of a user, however these ended. @param own the host of the task */
  noteCommands(calls: readonly PlannedCall[], own: string): void {
    for (const host of this.#carryingOut(calls, own)) host.hasRunCommand = true;
  }

  /**
   * Notes that these commands are not said to change nothing: what is known about the hosts is outdated.
   * @param own the host of the task; absent when it has noted that itself
   */
  noteUnpredicted(calls: readonly PlannedCall[], own?: string): void {
    for (const host of this.#carryingOut(calls, own)) host.becomeOpaque();
  }

  /** The hosts of the play that carry out these calls. */
  #carryingOut(calls: readonly PlannedCall[], own?: string): readonly HostRun[] {
    return calls.flatMap(({ actor = own }) => (actor === undefined ? undefined : this.#all.hosts.get(actor)) ?? []);
  }
}

function unreachableDelegate(name: string): StepFailure {
  return new StepFailure('delegate-unreachable', `${name}, to which it is delegated, cannot be reached`);
}
