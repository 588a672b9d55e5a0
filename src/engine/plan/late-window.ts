import { formatDuration } from '../../core/duration.ts';
import type { EventSink } from '../../core/events/event.ts';
import { kubernetesFiles } from '../../facts/kubernetes-files.ts';
import { leafOf } from '../../kubeadm/interpret.ts';
import type { HostState } from '../hosts/host-state.ts';
import { type ClusterTiming, windowOf } from '../run/window-gate.ts';
import type { PreparedPlay } from './play-preparation.ts';

/** Says which certificate of a cluster ends first, where it does so before the cluster may be changed. */
export function warnOfLateWindow(
  { input, states }: PreparedPlay,
  timing: ClusterTiming | undefined,
  emit: EventSink,
): void {
  const said = windowOf(input.play, timing, 1);
  const first = firstEnd(states);
  if (said?.window.state !== 'shut' || !first) return;
  const { cluster, window } = said;
  if (window.opens !== undefined && first.ends >= Date.parse(window.opens)) return;
  const left = first.ends - input.now.getTime();
  const when = left > 0 ? `ends in ${formatDuration(left)}` : `ended ${formatDuration(-left)} ago`;
  emit({
    type: 'warning',
    hosts: [first.host],
    message: `${first.certificate} ${when}, before cluster ${cluster} may be changed: ${window.reason}`,
    remedy: 'renew it before: kplay run … --window override --reason TEXT; or give the cluster an earlier window',
  });
}

interface End {
  readonly host: string;
  readonly certificate: string;
  /** Milliseconds since the epoch. */
  readonly ends: number;
}

function firstEnd(states: ReadonlyMap<string, HostState>): End | undefined {
  const ends = [...states].flatMap(([host, { world }]): readonly End[] => {
    const files = world.has(kubernetesFiles) ? world.get(kubernetesFiles) : undefined;
    return (files?.credentials ?? []).flatMap(({ name, holding }) => {
      const leaf = leafOf(holding);
      return leaf ? [{ host, certificate: name, ends: leaf.notAfter }] : [];
    });
  });
  return ends.toSorted((a, b) => a.ends - b.ends)[0];
}
