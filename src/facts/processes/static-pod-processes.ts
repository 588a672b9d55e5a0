import { type Fact, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import type { PodProcess, PodTable } from '../../kubeadm/restarts/other-readers.ts';
import { containerIdIn, podIdIn } from './control-group.ts';
import {
  FIND_POD,
  FIND_ROOTS,
  FIND_STATIC_PODS,
  PRINT_CONTAINERS,
  STATIC_POD_PATTERN,
  valuesFrom,
} from './kubelet-pods.ts';
import { CLOCKS, type Clocks, readClocks, SEEN } from './process-clocks.ts';

/** Every pod has a container of this name, which only holds its namespaces. */
const HOLDER = 'pause';

/** Of the processes with the same control groups, which are those of one container, the one that started first. */
const FIRST_AWK = `
$1 != "process" { print; next }
{
  groups = $0
  sub(/^[^ ]* [^ ]* [^ ]* */, "", groups)
  if (!(groups in first)) order[++count] = groups
  else if ($3 + 0 >= start[groups]) next
  first[groups] = $0
  start[groups] = $3 + 0
}
END { for (i = 1; i <= count; i++) print first[order[i]] }`;

/**
 * The first process of each container of a static pod, by its control groups, like `processes` for kubeadm's own pods. Pods of the API may
 * have thousands of processes: nothing is told of them. In a rootfs all count as invisible: none could be ended.
 */
const staticPodProcessesFact: Fact<Record<string, never>, PodTable> = {
  name: 'static_pod_processes',
  summary: 'processes of static pods, by their containers',
  ifTooLong: 'look on the host for unusually many containers of static pods',
  probe: () => ({
    script: sh`${CLOCKS}
[ -z "$R" ] || echo rootfs
${FIND_ROOTS}
${FIND_STATIC_PODS}
${STATIC_POD_PATTERN}
told=' '
for f in $(grep -lsE "kubepods.*pod$statics" "$R"/proc/[0-9]*/cgroup); do
  d=\${f%/cgroup}
${FIND_POD}
  static || continue
  name= stat=
  read -r name <"$d"/comm
  read -r stat <"$d"/stat
  set -- \${stat##*') '}
  # Nothing is left of one that has just ended.
  [ $# -ge 20 ] && [ "$1" != Z ] && [ "\${name%% *}" != ${HOLDER} ] || continue
  echo "process \${d##*/} \${20} $groups"
  case $told in *" $pod "*) continue ;; esac
  told="$told$pod "
  echo "pod $pod"
${PRINT_CONTAINERS}
  for logs in "$R"/var/log/pods/*_"$pod"; do [ ! -d "$logs" ] || echo "logs \${logs##*/}"; done
done 2>/dev/null | awk ${FIRST_AWK}
${SEEN}
`,
  }),
  parse({ stdout }) {
    const lines = stdout.split('\n');
    const clocks = readClocks(lines);
    const pods = podsIn(lines);
    const processes = lines.flatMap((line) => processIn(line, clocks, pods) ?? []);
    if (clocks.isMisdated(processes)) return { visible: false, processes: [] };
    return { visible: clocks.visible && !lines.includes('rootfs'), processes: firstOfEach(processes) };
  },
};

interface KnownPod {
  readonly names: readonly string[];
  readonly logs: readonly string[];
}

/** What kubelet keeps of each pod, by its id. */
function podsIn(lines: readonly string[]): ReadonlyMap<string, KnownPod> {
  return new Map(
    lines.flatMap((line, index) => {
      const pod = /^pod (\S+)$/.exec(line)?.[1];
      if (pod === undefined) return [];
      const names = valuesFrom(lines, index + 1, 'container');
      const logs = valuesFrom(lines, index + 1 + names.length, 'logs').map((name) => name.slice(0, -`_${pod}`.length));
      return [[pod, { names, logs }] as const];
    }),
  );
}

/** The process described by a line; undefined for other lines, and for processes outside of pods. */
function processIn(line: string, clocks: Clocks, pods: ReadonlyMap<string, KnownPod>): PodProcess | undefined {
  const [, pid, start, groups = ''] = /^process (\d+) (\d+) (.*)$/.exec(line) ?? [];
  const id = containerIdIn(groups, clocks.outer);
  const pod = id === undefined ? undefined : podIdIn(groups, id);
  if (id === undefined || pod === undefined) return undefined;
  const { names, logs } = pods.get(pod) ?? { names: [], logs: [] };
  const startTicks = Number(start);
  return { pid: Number(pid), startTicks, ...clocks.startOf(startTicks), container: { id, pod, names }, logs };
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
