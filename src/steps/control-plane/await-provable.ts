import { linkedPath } from '../../core/host-path.ts';
import { sh } from '../../core/shell.ts';
import type { WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import type { FileState } from '../../kubeadm/host/model.ts';
import { untouchableAt } from '../../kubeadm/host/untouchable.ts';
import {
  filesFromFuture,
  filesReadBy,
  LONGEST_WAIT_SECONDS,
  type Reader,
  secondsUntilProvable,
} from '../../kubeadm/restarts/restart.ts';

/**
 * Started at once a reader could not be told from one that has read the old files. Where its files come from the future, because
 * the host's clock has been set back, they are given the present time first. The world knows files and clock of the host.
 */
export function awaitProvable(context: WriteContext, world: World, reader: Reader): Promise<void> {
  return awaitNewer(context, world, reader, filesReadBy(world.get(kubernetesFiles), reader));
}

/** The same for anything that reads these files when it starts. */
export async function awaitNewer(
  context: WriteContext,
  world: World,
  who: string,
  files: readonly FileState[],
): Promise<void> {
  const { clock } = world.get(system);
  const { untouchable } = world.get(kubernetesFiles);
  const ahead = filesFromFuture(files, clock)
    .flatMap(pathsOf)
    .filter((path) => !untouchableAt(untouchable, path));
  if (ahead.length > 0) {
    context.report(`${who}: the clock was set back, giving its files the present time`);
    await giveThePresentTime(context, ahead);
  }
  const seconds = ahead.length > 0 ? LONGEST_WAIT_SECONDS : secondsUntilProvable(files, clock);
  if (seconds > 0) await context.run(sh`sleep ${seconds.toFixed(2)} 2>/dev/null || sleep ${Math.ceil(seconds)}`);
}

/** A link has a time of its own. */
function pathsOf({ path, link }: FileState): readonly string[] {
  return link === undefined ? [path] : [path, linkedPath(path, link)];
}

/** The time is that of `date`: a simulated host has a clock of its own, and the kernel would give it that of its machine. */
async function giveThePresentTime(context: WriteContext, paths: readonly string[]): Promise<void> {
  await context.run(sh`export TZ=UTC0
now=$(date +%Y%m%d%H%M.%S)
for path in ${paths}; do
  touch -c -h -t "$now" "$R$path" 2>/dev/null || touch -c -t "$now" "$R$path" || exit
done`);
}
