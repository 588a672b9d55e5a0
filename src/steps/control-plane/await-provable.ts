import { linkedPath } from '../../core/host-path.ts';
import { type ShellScript, sh } from '../../core/shell.ts';
import type { PlannedChanges, WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import { processes } from '../../facts/processes/processes.ts';
import { staticPodProcesses } from '../../facts/processes/static-pod-processes.ts';
import type { FileState, KubeadmHost } from '../../kubeadm/host/model.ts';
import { untouchableAt } from '../../kubeadm/host/untouchable.ts';
import {
  filesReadByOther,
  otherReadersOf,
  type PodProcess,
  processesOfOther,
} from '../../kubeadm/restarts/other-readers.ts';
import {
  filesFromFuture,
  filesReadBy,
  MAX_WAIT_SECONDS,
  type Reader,
  readersOf,
  secondsUntilProvable,
} from '../../kubeadm/restarts/restart.ts';
import { processOf } from './control-plane-facts.ts';

/**
 * Waits until a restarted reader can be distinguished from one that has read the old files. If its files have times in the
 * future, because the host's clock was set back, they get the present time first. `world` contains the files and the clock of
 * the host.
 */
export function awaitProvable(context: WriteContext, world: World, reader: Reader): Promise<void> {
  return awaitNewer(context, world, reader, filesReadBy(world.get(kubernetesFiles), reader));
}

/** The same for anything that reads these files when it starts. */
export async function awaitNewer(
  context: WriteContext,
  world: World,
  name: string,
  files: readonly FileState[],
): Promise<void> {
  const { clock } = world.get(system);
  const { untouchable } = world.get(kubernetesFiles);
  const ahead = filesFromFuture(files, clock)
    .flatMap(pathsOf)
    .filter((path) => !untouchableAt(untouchable, path));
  if (ahead.length > 0) {
    context.report(`${name}: the clock was set back, giving its files the present time`);
    await setPresentTime(context, ahead);
  }
  const seconds = ahead.length > 0 ? MAX_WAIT_SECONDS : secondsUntilProvable(files, clock);
  if (seconds > 0) await context.run(sh`sleep ${seconds.toFixed(2)} 2>/dev/null || sleep ${Math.ceil(seconds)}`);
}

/**
 * If the host's clock is set back after the restarts were proven, the loaded files seem newer than the processes. Files that
 * are unchanged since the proof get a time before the first of these processes.
 */
export async function settleTimes(context: WriteContext, { plan, world: planned }: PlannedChanges): Promise<void> {
  const known = planned.get(kubernetesFiles);
  const isRestarted = (name: string): boolean => plan.changes.some(({ target }) => target === name);
  const readers = readersOf(known).filter(isRestarted);
  const others = otherReadersOf(known).filter(({ pod }) => isRestarted(pod));
  const filesOf = (host: KubeadmHost): readonly FileState[] => [
    ...readers.flatMap((reader) => filesReadBy(host, reader)),
    ...others.flatMap((other) => filesReadByOther(host, other)),
  ];
  const facts = [kubernetesFiles, processes, system, ...(others.length > 0 ? [staticPodProcesses] : [])];
  const world = await context.observe(facts);
  const host = world.get(kubernetesFiles);
  const { clock } = world.get(system);
  const proven = filesOf(known).map(({ path, sha256 }) => `${path} ${sha256}`);
  const ahead = filesFromFuture(filesOf(host), clock).filter(
    ({ path, sha256 }) => proven.includes(`${path} ${sha256}`) && !untouchableAt(host.untouchable, path),
  );
  if (ahead.length === 0) return;
  // A container that has not ended has loaded none of the new files.
  const before = planned.find(staticPodProcesses)?.processes ?? [];
  const isNew = ({ container }: PodProcess): boolean => !before.some((old) => old.container.id === container.id);
  const starts = [
    ...readers.flatMap((reader) => processOf(world, reader) ?? []),
    ...others.flatMap((other) => processesOfOther(world.get(staticPodProcesses), other).filter(isNew)),
  ].map(({ startedAt }) => startedAt);
  context.report('the clock was set back, giving what was loaded a time before those that have loaded it');
  await setTime(
    context,
    [...new Set(ahead.flatMap(pathsOf))],
    Math.floor(Math.min(clock, ...starts) - MAX_WAIT_SECONDS),
  );
}

/** A link has its own time. */
function pathsOf({ path, link }: FileState): readonly string[] {
  return link === undefined ? [path] : [path, linkedPath(path, link)];
}

/** Uses the time of `date`: a simulated host has its own clock, and the kernel would use that of its machine. */
async function setPresentTime(context: WriteContext, paths: readonly string[]): Promise<void> {
  await context.run(sh`export TZ=UTC0
now=$(date +%Y%m%d%H%M.%S)
${touchScript(paths)}`);
}

/** @param seconds since the epoch */
async function setTime(context: WriteContext, paths: readonly string[], seconds: number): Promise<void> {
  const digits = new Date(seconds * 1_000).toISOString().replace(/[-:T]|[.].*/g, '');
  await context.run(sh`export TZ=UTC0
now=${`${digits.slice(0, 12)}.${digits.slice(12)}`}
${touchScript(paths)}`);
}

function touchScript(paths: readonly string[]): ShellScript {
  return sh`for path in ${paths}; do
  touch -c -h -t "$now" "$R$path" 2>/dev/null || touch -c -t "$now" "$R$path" || exit
done`;
}
