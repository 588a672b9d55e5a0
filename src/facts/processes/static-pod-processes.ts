import { type Fact, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import type { PodProcess, PodTable } from '../../kubeadm/restarts/other-readers.ts';
import { containerIdIn, podIdIn } from './control-group.ts';
import { FIND_POD, FIND_ROOTS, PRINT_CONTAINERS, valuesFrom } from './kubelet-pods.ts';
import { CLOCKS, type Clocks, readClocks, SEEN } from './process-clocks.ts';

/** Every pod has a container of this name, which only holds its namespaces. */
const HOLDER = 'pause';

/**
 * The first process of each container of a static pod, by its control groups, like `processes` for kubeadm's own pods. In a
 * rootfs they count as invisible: none could be ended.
 */
const staticPodProcessesFact: Fact<Record<string, never>, PodTable> = {
  name: 'static_pod_processes',
  summary: 'processes of static pods, by their containers',
  probe: () => ({
    script: sh`${CLOCKS}
[ -z "$R" ] || echo rootfs
${FIND_ROOTS}
for f in $(grep -lsE 'kubepods.*pod[0-9a-f]' "$R"/proc/[0-9]*/cgroup); do
  d=\${f%/cgroup}
  name= stat=
  read -r name <"$d"/comm
  read -r stat <"$d"/stat
${FIND_POD}
  [ -n "$pod" ] || continue
  set -- \${stat##*') '}
  echo "process \${d##*/} $1 \${20} \${name%% *} $groups"
${PRINT_CONTAINERS}
  for logs in "$R"/var/log/pods/*_"$pod"; do [ ! -d "$logs" ] || echo "logs \${logs##*/}"; done
done 2>/dev/null
${SEEN}
`,
  }),
  parse({ stdout }) {
    const lines = stdout.split('\n');
    const clocks = readClocks(lines);
    const processes = lines.flatMap((_line, index) => processAt(lines, index, clocks) ?? []);
    if (clocks.isMisdated(processes)) return { visible: false, processes: [] };
    return { visible: clocks.visible && !lines.includes('rootfs'), processes: firstOfEach(processes) };
  },
};

/** The process described by a line and the lines after it; undefined for other lines, and for processes outside of pods. */
function processAt(lines: readonly string[], index: number, clocks: Clocks): PodProcess | undefined {
  const match = /^process (\d+) (\S) (\d+) (\S*) (.*)$/.exec(lines[index] ?? '');
  if (!match || match[2] === 'Z' || match[4] === HOLDER) return undefined;
  const groups = match[5] ?? '';
  const id = containerIdIn(groups, clocks.outer);
  const pod = id === undefined ? undefined : podIdIn(groups, id);
  if (id === undefined || pod === undefined) return undefined;
  const names = valuesFrom(lines, index + 1, 'container');
  const logs = valuesFrom(lines, index + 1 + names.length, 'logs').map((name) => name.slice(0, -`_${pod}`.length));
  const startTicks = Number(match[3]);
  return { pid: Number(match[1]), startTicks, ...clocks.startOf(startTicks), container: { id, pod, names }, logs };
}

/** The other processes of its container end with it. */
function firstOfEach(processes: readonly PodProcess[]): readonly PodProcess[] {
  const first = new Map<string, PodProcess>();
  for (const process of processes) {
    const known = first.get(process.container.id);
    if (!known || process.startTicks < known.startTicks) first.set(process.container.id, process);
  }
  return [...first.values()];
}

export const staticPodProcesses = factRef(staticPodProcessesFact, {});
