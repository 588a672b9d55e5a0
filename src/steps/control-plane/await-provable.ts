import { linkedPath } from '../../core/host-path.ts';
import { type ShellScript, sh } from '../../core/shell.ts';
import type { PlannedChanges, WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import { processes } from '../../facts/processes/processes.ts';
import type { FileState } from '../../kubeadm/host/model.ts';
import { untouchableAt } from '../../kubeadm/host/untouchable.ts';
import {
  filesFromFuture,
  filesReadBy,
  LONGEST_WAIT_SECONDS,
  type Reader,
  readersOf,
  secondsUntilProvable,
} from '../../kubeadm/restarts/restart.ts';
import { processOf } from './control-plane-facts.ts';

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

/**
 * Where the clock of the host was set back after readers had been proven, what they have loaded seems younger than they are. Files that
 * are as they were for the proof get a time before the first of these readers.
 */
export async function settleTimes(context: WriteContext, { plan, world: planned }: PlannedChanges): Promise<void> {
  const known = planned.get(kubernetesFiles);
  const readers = readersOf(known).filter((reader) => plan.changes.some(({ target }) => target === reader));
  const world = await context.observe([kubernetesFiles, processes, system]);
  const host = world.get(kubernetesFiles);
  const { clock } = world.get(system);
  const proven = readers.flatMap((reader) => filesReadBy(known, reader)).map(({ path, sha256 }) => `${path} ${sha256}`);
  const ahead = readers
    .flatMap((reader) => filesFromFuture(filesReadBy(host, reader), clock))
    .filter(({ path, sha256 }) => proven.includes(`${path} ${sha256}`) && !untouchableAt(host.untouchable, path));
  if (ahead.length === 0) return;
  const starts = readers.flatMap((reader) => processOf(world, reader)?.startedAt ?? []);
  context.report('the clock was set back, giving what was loaded a time before those that have loaded it');
  await giveTime(
    context,
    [...new Set(ahead.flatMap(pathsOf))],
    Math.floor(Math.min(clock, ...starts) - LONGEST_WAIT_SECONDS),
  );
}

/** A link has a time of its own. */
function pathsOf({ path, link }: FileState): readonly string[] {
  return link === undefined ? [path] : [path, linkedPath(path, link)];
}

/** The time is that of `date`: a simulated host has a clock of its own, and the kernel would give it that of its machine. */
async function giveThePresentTime(context: WriteContext, paths: readonly string[]): Promise<void> {
  await context.run(sh`export TZ=UTC0
now=$(date +%Y%m%d%H%M.%S)
${touching(paths)}`);
}

/** `seconds` since the epoch. */
async function giveTime(context: WriteContext, paths: readonly string[], seconds: number): Promise<void> {
  const digits = new Date(seconds * 1_000).toISOString().replace(/[-:T]|[.].*/g, '');
  await context.run(sh`export TZ=UTC0
now=${`${digits.slice(0, 12)}.${digits.slice(12)}`}
${touching(paths)}`);
}

function touching(paths: readonly string[]): ShellScript {
  return sh`for path in ${paths}; do
  touch -c -h -t "$now" "$R$path" 2>/dev/null || touch -c -t "$now" "$R$path" || exit
done`;
}
