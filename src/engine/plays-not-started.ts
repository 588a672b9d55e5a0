import { clusterSink } from '../core/events/cluster-sink.ts';
import type { EventSink } from '../core/events/event.ts';
import type { PreparedPlay } from './plan/play-preparation.ts';
import type { PlayTurn } from './play-turn.ts';
import type { CompiledPlay } from './program/compiled.ts';
import type { WalkEnd } from './walk/request.ts';

/** Why no later play is started: clauses about the hosts of the last one. */
const CLAUSES = {
  'nobody-through': (of: string) => `no host of ${of} succeeded`,
  'batch-lost': (of: string) => `no host of a batch of ${of} succeeded`,
  'too-many-out': (of: string) => `more hosts of ${of} have dropped out than it tolerates`,
} as const;

/** Why no play is started after one that ended like this; undefined if the next one is. */
export function endReason(end: WalkEnd, hasLostAll: boolean): keyof typeof CLAUSES | undefined {
  if (end === 'stopped') return 'too-many-out';
  if (end === 'batch-lost') return 'batch-lost';
  return hasLostAll ? 'nobody-through' : undefined;
}

/**
 * Reports which plays are not started because of how the last one went. Plays without remaining hosts are not mentioned.
 * @param concerns selects the affected hosts; default: all
 * @returns the hosts that are left untouched because of it
 */
export function reportPlaysNotStarted(
  { request, run, play: last }: PlayTurn,
  reason: keyof typeof CLAUSES,
  concerns: (member: CompiledPlay['hosts'][number]) => boolean = () => true,
  emit: EventSink = request.tools.emit,
): readonly string[] {
  const notStarted = request.plays
    .slice(request.plays.indexOf(last) + 1)
    .map((play) => ({ name: play.name, members: run.members(play).filter(concerns) }))
    .filter(({ members }) => members.length > 0);
  const hosts = [...new Set(notStarted.flatMap(({ members }) => members.map(({ host }) => host.name)))];
  if (hosts.length === 0) return [];
  const names = notStarted.map(({ name }) => `'${name}'`).join(', ');
  const are = notStarted.length > 1 ? `the plays ${names} are` : `the play ${names} is`;
  const of = `'${last.name}'`;
  emit({
    type: 'warning',
    hosts,
    message: `${are} not started: ${CLAUSES[reason](of)}`,
    remedy: `fix the hosts of ${of} first, or remove that play`,
  });
  return hosts;
}

/**
 * Ends the run for clusters that lost a whole batch. Each of several clusters is judged on its own; hosts of a lost one take
 * part in no later play.
 * @returns the hosts that are left untouched because of it
 */
export function endClusters(turn: PlayTurn, lost: readonly PreparedPlay[]): readonly string[] {
  const { run, request } = turn;
  return lost.flatMap(({ cluster, input }) => {
    if (!cluster) return [];
    const own = new Set(input.play.hosts.map(({ host }) => host.name));
    const belongs = ({ host }: CompiledPlay['hosts'][number]): boolean =>
      own.has(host.name) || (cluster.kind === 'declared' && host.cluster === cluster.name);
    const hosts = reportPlaysNotStarted(turn, 'batch-lost', belongs, clusterSink(request.tools.emit, cluster));
    run.end(request.plays.flatMap((play) => play.hosts.filter(belongs).map(({ host }) => host.name)));
    return hosts;
  });
}
