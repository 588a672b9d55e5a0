import { type Fact, factRef } from '../core/fact.ts';
import { sh } from '../core/shell.ts';
import { COMPONENTS, type Component } from '../kubeadm/table.ts';

/** A running process of the control plane, or kubelet. */
export interface ComponentProcess {
  readonly component: Component | 'kubelet';
  readonly pid: number;
  /** Seconds since the epoch, by the host's clock: not earlier than told, but for `within`. */
  readonly startedAt: number;
  /** Seconds by which `startedAt` may be too late. */
  readonly within: number;
  /** Seconds from its start until it was seen; whole ones where the host's clock tells no more. */
  readonly age: number;
  /** Id of its container, from its control group; undefined for what does not run in one. */
  readonly containerId: string | undefined;
}

/** The kernel keeps fifteen characters of a program's name. */
const NAMES = new Map<string, ComponentProcess['component']>(
  [...COMPONENTS, 'kubelet' as const].map((component) => [component.slice(0, 15), component]),
);

/** The boot time of /proc/stat is of whole seconds, and rounded. */
const COARSE_SECONDS = 1;
/** The kernel tells its uptime, and the start of a process, in hundredths. */
const FINE_SECONDS = 0.05;

/**
 * Control plane processes as the kernel knows them: the same with every container runtime, and without any command of one.
 * A process that runs in no container (an etcd of systemd's, say) is none of a static pod's and is left out.
 */
const processesFact: Fact<Record<string, never>, readonly ComponentProcess[]> = {
  name: 'processes',
  summary: 'processes of the control plane and kubelet',
  probe: () => ({
    script: sh`awk '/^btime/ { print "boot " $2 }' "$R"/proc/stat 2>/dev/null
# Where date tells more than seconds, the boot time follows from it and the uptime; of two tries the quicker one is the better.
if [ -r "$R"/proc/uptime ]; then
  for try in 1 2; do
    read -r before rest <"$R"/proc/uptime
    now=$(date +%s.%N)
    read -r after rest <"$R"/proc/uptime
    echo "clock $now $before $after"
  done
else echo "clock $(date +%s)"
fi
echo "ticks $(getconf CLK_TCK 2>/dev/null || echo 100)"
for comm in $(grep -lxE ${[...NAMES.keys()].join('|')} "$R"/proc/[0-9]*/comm 2>/dev/null); do
  d=\${comm%/comm}
  name= stat= groups=
  read -r name <"$comm"
  read -r stat <"$d"/stat
  while read -r group; do groups="$groups $group"; done <"$d"/cgroup
  # What follows the name, which may hold anything: its state first, its start as the twentieth.
  set -- \${stat##*') '}
  echo "process \${d##*/} $name $1 \${20} $groups"
done 2>/dev/null
`,
  }),
  parse({ stdout }) {
    const lines = stdout.split('\n');
    // What busybox makes of %N is no number.
    const number = (key: string): number =>
      Number.parseFloat(lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1) ?? '');
    const clocks = lines.flatMap(readClock).sort((a, b) => a.took - b.took);
    const { boot, within } = clocks[0] ?? { boot: number('boot'), within: COARSE_SECONDS };
    const ticks = number('ticks') || 100;
    const clock = number('clock');
    return lines.flatMap((line): readonly ComponentProcess[] => {
      const match = /^process (\d+) (\S+) (\S) (\d+) ?(.*)$/.exec(line);
      const component = NAMES.get(match?.[2] ?? '');
      if (!match || !component || match[3] === 'Z') return [];
      const containerId = /[0-9a-f]{64}/.exec(match[5] ?? '')?.[0];
      if (component !== 'kubelet' && containerId === undefined) return [];
      const startedAt = boot + Number(match[4]) / ticks;
      return [{ component, pid: Number(match[1]), startedAt, within, age: clock - startedAt, containerId }];
    });
  },
};

/** `clock NOW UPTIME_BEFORE UPTIME_AFTER`; nothing where NOW is of whole seconds, as busybox tells it. */
function readClock(line: string): readonly { readonly took: number; readonly boot: number; readonly within: number }[] {
  const match = /^clock (\d+\.\d+) (\d+\.\d+) (\d+\.\d+)$/.exec(line);
  if (!match) return [];
  const [now, before, after] = match.slice(1).map(Number) as [number, number, number];
  return [{ took: after - before, boot: now - after, within: FINE_SECONDS }];
}

export const processes = factRef(processesFact, {});
