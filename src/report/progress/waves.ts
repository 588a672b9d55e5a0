import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import type { WavePlan } from '../../core/events/rollout.ts';
import { nameList } from '../../core/name-list.ts';
import type { EventOf } from '../reporter.ts';

/** The waves of a rollout, one per line: `wave canary: staging-eu; max_failed 0`. */
export function waveLines({ waves, maxFailed, checks = [] }: EventOf<'rollout-planned'>): readonly string[] {
  const clusters = waves.reduce((sum, wave) => sum + wave.clusters.length, 0);
  const whole = `${count(clusters, 'cluster')} in ${count(waves.length, 'wave')}${budget(maxFailed)}`;
  return [
    whole,
    ...waves.map(
      ({ name, clusters: own, maxFailed: allowed, stopsOnFailure, soakMs, approval, isApproved, isIdle }) =>
        `wave ${name}: ${nameList(own, 20)}${budget(allowed)}${!approval || isIdle ? '' : isApproved ? '; approved' : '; when it is approved'}${soakMs === undefined ? '' : `; soaks ${formatDuration(soakMs)}`}${stopsOnFailure ? '; if one fails, no later wave starts' : ''}`,
    ),
    ...(checks.length > 0 ? [`checks of each cluster: ${checks.join(', ')}`] : []),
  ];
}

/** Progress messages of a wave; that it has changed since has a note of its own. */
export function waveProgress(event: EventOf<'wave-settled' | 'wave-approved' | 'wave-started'>): readonly string[] {
  const { wave } = event;
  switch (event.type) {
    case 'wave-approved':
      return [`wave ${wave}: approved by ${event.by}${event.reason === undefined ? '' : `: ${event.reason}`}`];
    case 'wave-started':
      return [`wave ${wave}, ${event.number} of ${event.of}: ${nameList(event.clusters)}`];
    case 'wave-settled':
      if (event.failed.length > 0) return [];
      return [`wave ${wave}: ${count(event.clusters.length, 'cluster')} observed again, everything is as it was left`];
  }
}

/** `wave rest is waiting for approval; 1 cluster has failed so far (prod-eu)`. */
export function approvalText({ wave, failed = [] }: Pick<EventOf<'wave-waiting'>, 'wave' | 'failed'>): string {
  const has = failed.length === 1 ? 'has' : 'have';
  const failures =
    failed.length === 0 ? '' : `; ${count(failed.length, 'cluster')} ${has} failed so far (${nameList(failed, 20)})`;
  return `wave ${wave} is waiting for approval${failures}`;
}

function budget(maxFailed: WavePlan['maxFailed']): string {
  return maxFailed === undefined ? '' : `; max_failed ${maxFailed}`;
}
