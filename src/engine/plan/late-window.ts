import type { ClusterRef } from '../../core/cluster.ts';
import { formatDuration } from '../../core/duration.ts';
import type { EventSink } from '../../core/events/event.ts';
import type { LateCertificate } from '../../core/events/window.ts';
import { type ClusterTiming, windowOf } from '../clusters/cluster-timing.ts';
import { endsOf } from './certificate-ends.ts';
import type { PreparedPlay } from './play-preparation.ts';

/**
 * The certificates of a cluster that end before it may be changed, what ends first in front; they are told of. None where its windows
 * are overridden, and none that a renewal would not touch: kubelet renews its own while it is valid.
 */
export function findLate(
  { input, states }: PreparedPlay,
  timing: ClusterTiming | undefined,
  emit: EventSink,
): readonly LateCertificate[] {
  const said = timing?.whenShut.kind === 'overridden' ? undefined : windowOf(input.play, timing, 1);
  if (said?.window.state !== 'shut') return [];
  const { cluster: name, window } = said;
  const opens = window.opens === undefined ? Number.POSITIVE_INFINITY : Date.parse(window.opens);
  const late = endsOf(states, input.now)
    .filter(({ ends }) => ends < opens)
    .toSorted((a, b) => a.ends - b.ends);
  const [first] = late;
  if (!first) return [];
  const left = first.ends - input.now.getTime();
  const when = left > 0 ? `ends in ${formatDuration(left)}` : `ended ${formatDuration(-left)} ago`;
  const others = late.length > 1 ? ` (and ${late.length - 1} more)` : '';
  const cluster: ClusterRef = { kind: 'declared', name };
  const certificates = late.map(({ ends, ...rest }) => ({ ...rest, ends: new Date(ends).toISOString() }));
  emit({
    type: 'window-late',
    play: input.play.name,
    cluster,
    certificates,
    window,
    reason: `${first.name} of ${first.host}${others} ${when}, before cluster ${name} may be changed: ${window.reason}`,
    remedy: 'give the cluster an earlier window, or renew now: kplay run … --window override --reason TEXT',
  });
  return certificates;
}
