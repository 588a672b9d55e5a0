import type { ClusterRef } from '../../core/cluster.ts';
import { formatDuration } from '../../core/duration.ts';
import type { EventSink } from '../../core/events/event.ts';
import type { LateCertificate } from '../../core/events/window.ts';
import { type ClusterTiming, windowOf } from '../clusters/cluster-timing.ts';
import { certificateEnds } from './certificate-ends.ts';
import type { PreparedPlay } from './play-preparation.ts';

/**
 * Reports the certificates of a cluster that end before its next window, the earliest first. Empty if the windows are
 * overridden. Certificates that a renewal would not touch are left out: kubelet renews its own while it is valid.
 */
export function findLate(
  { input, states }: PreparedPlay,
  timing: ClusterTiming | undefined,
  emit: EventSink,
): readonly LateCertificate[] {
  const shut = timing?.whenShut.kind === 'overridden' ? undefined : windowOf(input.play, timing, 1);
  if (shut?.window.state !== 'shut') return [];
  const { cluster: name, window } = shut;
  const opens = window.opens === undefined ? Number.POSITIVE_INFINITY : Date.parse(window.opens);
  const late = certificateEnds(states, input.now)
    .filter(({ ends }) => ends < opens)
    .toSorted((a, b) => a.ends - b.ends);
  const [first] = late;
  if (!first) return [];
  const left = first.ends - input.now.getTime();
  const when = left > 0 ? `expires in ${formatDuration(left)}` : `expired ${formatDuration(-left)} ago`;
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
    // By itself it may not be due for long. Other clusters are neither renewed as a whole nor changed outside their windows.
    remedy: `give the cluster an earlier window, or renew now: kplay run … -l cluster:${name} -e renew_before=all --window override --reason TEXT`,
  });
  return certificates;
}
