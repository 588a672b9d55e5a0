import type { EventSink } from '../core/events/event.ts';
import type { CompiledPlay } from './program/compiled.ts';
import type { RunState } from './run-state.ts';

/**
 * Says which plays are not begun because of how the last one went. Of plays for which no host is left there is nothing to say.
 * @returns the hosts that have nothing done on them because of it
 */
export function tellOfUnbegun(
  plays: readonly CompiledPlay[],
  last: CompiledPlay,
  why: 'nobody-through' | 'too-many-out',
  run: RunState,
  emit: EventSink,
): readonly string[] {
  const unbegun = plays
    .slice(plays.indexOf(last) + 1)
    .map((play) => ({ name: play.name, members: run.members(play) }))
    .filter(({ members }) => members.length > 0);
  const hosts = [...new Set(unbegun.flatMap(({ members }) => members.map(({ host }) => host.name)))];
  if (hosts.length === 0) return [];
  const names = unbegun.map(({ name }) => `'${name}'`).join(', ');
  const are = unbegun.length > 1 ? `the plays ${names} are` : `the play ${names} is`;
  const of = `'${last.name}'`;
  emit({
    type: 'warning',
    hosts,
    message: `${are} not begun: ${why === 'nobody-through' ? `no host of ${of} has come through` : `more hosts of ${of} have dropped out than it bears`}`,
    remedy: `see to the hosts of ${of} first, or leave that play out`,
  });
  return hosts;
}
