import { clusterSink } from '../core/events/cluster-sink.ts';
import type { EventSink } from '../core/events/event.ts';
import type { PreparedPlay } from './plan/play-preparation.ts';
import type { PlayTurn } from './play-turn.ts';
import type { CompiledPlay } from './program/compiled.ts';
import type { WalkEnd } from './walk/request.ts';

/** Why no later play is started, by a clause about the hosts of the last one. */
const WHY = {
  'nobody-through': (of: string) => `no host of ${of} succeeded`,
  'batch-lost': (of: string) => `no host of a batch of ${of} succeeded`,
  'too-many-out': (of: string) => `more hosts of ${of} have dropped out than it tolerates`,
} as const;

/** Why no play starts after one that ended so; undefined: the next one does. */
export function whyOver(end: WalkEnd, hasLostAll: boolean): keyof typeof WHY | undefined {
  if (end === 'stopped') return 'too-many-out';
  if (end === 'batch-lost') return 'batch-lost';
  return hasLostAll ? 'nobody-through' : undefined;
}

/**
 * Reports which plays are not started because of how the last one went. Of plays for which no host is left there is nothing to say.
 * @param isMeant the hosts that this concerns; absent: all
 * @returns the hosts that have nothing done on them because of it
 */
export function reportPlaysNotStarted(
  { request, run, play: last }: PlayTurn,
  why: keyof typeof WHY,
  isMeant: (member: CompiledPlay['hosts'][number]) => boolean = () => true,
  emit: EventSink = request.tools.emit,
): readonly string[] {
  const notStarted = request.plays
    .slice(request.plays.indexOf(last) + 1)
    .map((play) => ({ name: play.name, members: run.members(play).filter(isMeant) }))
    .filter(({ members }) => members.length > 0);
  const hosts = [...new Set(notStarted.flatMap(({ members }) => members.map(({ host }) => host.name)))];
  if (hosts.length === 0) return [];
  const names = notStarted.map(({ name }) => `'${name}'`).join(', ');
  const are = notStarted.length > 1 ? `the plays ${names} are` : `the play ${names} is`;
  const of = `'${last.name}'`;
  emit({
    type: 'warning',
    hosts,
    message: `${are} not started: ${WHY[why](of)}`,
    remedy: `fix the hosts of ${of} first, or remove that play`,
  });
  return hosts;
}

/**
 * Ends the run for the clusters of which a batch was lost as a whole: of several clusters each is judged by itself, and their hosts take
 * part in no later play.
 * @returns the hosts that have nothing done on them because of it
 */
export function endClusters(turn: PlayTurn, lost: readonly PreparedPlay[]): readonly string[] {
  const { run, request } = turn;
  return lost.flatMap(({ cluster, input }) => {
    if (!cluster) return [];
    const own = new Set(input.play.hosts.map(({ host }) => host.name));
    const isOfIt = ({ host }: CompiledPlay['hosts'][number]): boolean =>
      own.has(host.name) || (cluster.kind === 'declared' && host.cluster === cluster.name);
    const hosts = reportPlaysNotStarted(turn, 'batch-lost', isOfIt, clusterSink(request.tools.emit, cluster));
    run.end(request.plays.flatMap((play) => play.hosts.filter(isOfIt).map(({ host }) => host.name)));
    return hosts;
  });
}
