import type { PlayPlan } from '../../core/events/plan.ts';
import { planDifferences } from '../plan/plan-difference.ts';
import type { PreparedPlay } from '../plan/play-preparation.ts';
import { tasksOf } from '../program/play-tasks.ts';
import type { ApplyRequest } from '../run-request.ts';
import type { RunState } from '../run-state.ts';
import { exceededTolerance } from '../walk/tolerance.ts';

/** Refuses the hosts that would now be changed differently from a saved plan, or from one that was confirmed. */
export function refuseDrifted(
  { tools }: ApplyRequest,
  run: RunState,
  prepared: readonly PreparedPlay[],
  saved: readonly PlayPlan[],
  earlier: readonly PlayPlan[],
): void {
  for (const { shown, input } of prepared) {
    const once = new Set(tasksOf(input.play).flatMap(({ runOnce, ref }) => (runOnce ? [ref.path] : [])));
    for (const { host, differences } of planDifferences(saved, earlier, shown, once)) {
      run.drop(host, 'refused');
      tools.emit({
        type: 'host-refused',
        host,
        code: 'host-changed',
        reason: 'the host has changed since the plan was made',
        details: differences,
        remedy: 'look at a new plan, and run again; a saved plan has to be made anew: kplay plan … --out FILE',
      });
    }
  }
}

/**
 * Whether the play tolerates the hosts of a cluster that dropped out before it begins. If not, the others are refused.
 * @param members the hosts of all clusters that were in the run when the play began
 */
export function mayStart(
  { tools }: ApplyRequest,
  run: RunState,
  { input: { play }, cluster }: PreparedPlay,
  members: ReadonlySet<string>,
): boolean {
  const names = play.hosts.map(({ host }) => host.name).filter((name) => members.has(name));
  const out = names.filter((name) => run.hasDropped(name));
  const why = exceededTolerance(play, out.length, names.length);
  if (why === undefined) return true;
  for (const name of names) run.drop(name, 'refused');
  const remedy = 'fix these hosts first, or exclude them with --limit';
  const reason = `${out.length} of ${names.length} hosts take no part, and ${why}`;
  const details = [['out', out.join(', ')]] as const;
  const named = cluster && { cluster };
  const code = 'too-few-hosts';
  tools.emit({ type: 'play-refused', play: play.name, ...named, hosts: names, code, reason, details, remedy });
  return false;
}
