import type { PlanWarning } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import type { Backup } from '../../facts/backups/backups.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';

/** As in a plan; without `stays` if there are none. */
interface Staying {
  readonly stays?: readonly string[];
}

/**
 * Leaves that did not exist at all when the backup was made. They stay: they are good where what comes back is, and somebody may rely on them
 * by now.
 */
export function stayingLeaves(world: World, { files, absent = [] }: Backup): Staying {
  const known = new Set([...files.map(({ path }) => path), ...absent]);
  const leaves = world
    .get(kubernetesFiles)
    .credentials.filter((leaf) => leaf.files.length > 0 && !leaf.files.some(({ path }) => known.has(path)));
  return leaves.length > 0 ? { stays: leaves.map(({ name }) => name) } : {};
}

/** Tells of them in a plan, so that nobody takes the host for what it was before in every respect. */
export function stayWarnings({ stays = [] }: Staying, { id }: Backup): readonly PlanWarning[] {
  if (stays.length === 0) return [];
  const [were, stay] = stays.length === 1 ? ['was', 'stays'] : ['were', 'stay'];
  return [{ message: `${stays.join(', ')} ${were} not there when backup ${id} was made, and ${stay}` }];
}
