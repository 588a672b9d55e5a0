import type { PlanWarning } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { lostRunScript } from '../../facts/lost-run-script.ts';

const MEND =
  'make sure that all files are as they are to be (kplay rollback puts a backup back), then remove that file';

/** A lost run has left something half done, and the host has not put it back. */
export function lostRunWarnings(world: World): readonly PlanWarning[] {
  switch (world.get(lostRunScript)) {
    case 'none':
      return [];
    case 'failed':
      return [
        {
          message:
            'a run was lost here, and the host could not put back what that had half done (/var/lib/kplay/when-lost.failed)',
          remedy: MEND,
        },
      ];
    case 'waiting':
      return [
        {
          message:
            'a run was lost here, and what it had half done is put back only when the host is started again (/var/lib/kplay/when-lost)',
          remedy: 'put it back now, as root: sh /var/lib/kplay/when-lost',
        },
      ];
  }
}
