import type { HostLeft } from '../../core/events/recap.ts';
import { isFinished, isUnreported } from '../../core/host-state.ts';
import { eventsOf } from '../../journal/run-summary.ts';
import type { LeftHosts } from '../run/left-hosts.ts';
import { BackupHistory } from './earlier-backups.ts';
import type { KeptRun } from './kept-runs.ts';

/**
 * How a chain of runs has left its hosts, according to their journals.
 * @param chain the first run first; each of the others resumes the one before it
 */
export function leftHosts(chain: readonly KeptRun[]): LeftHosts {
  const left = new Map<string, HostLeft>();
  const history = new BackupHistory();
  for (const run of chain) {
    history.add(run.reading.records);
    addLeftBy(run, left, history);
  }
  return left;
}

/** @param history of the chain up to this run: its undo may lead back to what another run has made */
function addLeftBy({ summary, reading }: KeptRun, left: Map<string, HostLeft>, history: BackupHistory): void {
  const finished = eventsOf(reading.records).findLast((event) => event.type === 'run-finished');
  const recaps = new Map(finished?.hosts.map((recap) => [recap.host, recap]));
  // What workers have done is known once it was reported, and the run that follows their rollout again reports it.
  const isByWorkers = summary.start?.recipe?.options['engine'] !== undefined;
  for (const { host, state, isWell } of summary.hosts) {
    const recap = recaps.get(host);
    const before = left.get(host);
    if (recap ? isUnreported(recap) || recap.state === 'as-left' : isByWorkers) continue;
    if (state === 'restored') {
      if (history.isAsBefore(host)) left.delete(host);
    } else if (state !== 'unchanged') left.set(host, { run: summary.id, state, isWell });
    // A run that found nothing left to do has found the host as it should be.
    else if (before && recap && isFinished(recap)) left.set(host, { ...before, state: 'changed', isWell: true });
  }
}
