import type { PlanWarning } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { lostRunScript } from '../../facts/host/lost-run-script.ts';

const REPAIR =
  'make sure that all files are as they should be (kplay rollback -i INVENTORY -l HOST --backup ID restores a backup), then remove that file';

/** Warns if a lost run has left the host half changed and it has not restored itself. */
export function lostRunWarnings(world: World): readonly PlanWarning[] {
  switch (world.get(lostRunScript)) {
    case 'none':
      return [];
    case 'failed':
      return [
        {
          message: 'a run was lost here, and the host could not restore itself (/var/lib/kplay/when-lost.failed)',
          remedy: REPAIR,
        },
      ];
    case 'waiting':
      return [
        {
          message:
            'a run was lost here, and the host will restore itself only at its next boot (/var/lib/kplay/when-lost)',
          remedy: 'restore it now, as root: sh /var/lib/kplay/when-lost',
        },
      ];
  }
}
