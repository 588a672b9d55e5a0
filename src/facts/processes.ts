import { type Fact, factRef } from '../core/fact.ts';
import { sh } from '../core/shell.ts';
import { COMPONENTS, type Component } from '../kubeadm/table.ts';

/** A running process of the control plane, or kubelet. */
export interface ComponentProcess {
  readonly component: Component | 'kubelet';
  readonly pid: number;
  /** Seconds since the epoch, by the host's clock. */
  readonly startedAt: number;
  /** Id of its container, from its control group; undefined for what does not run in one. */
  readonly containerId: string | undefined;
}

/** The kernel keeps fifteen characters of a program's name. */
const NAMES = new Map<string, ComponentProcess['component']>(
  [...COMPONENTS, 'kubelet' as const].map((component) => [component.slice(0, 15), component]),
);

/**
 * Control plane processes as the kernel knows them: the same with every container runtime, and without any command of one.
 * A process that runs in no container (an etcd of systemd's, say) is none of a static pod's and is left out.
 */
const processesFact: Fact<Record<string, never>, readonly ComponentProcess[]> = {
  name: 'processes',
  summary: 'processes of the control plane and kubelet',
  probe: () => ({
    script: sh`awk '/^btime/ { print "boot " $2 }' "$R"/proc/stat 2>/dev/null
echo "ticks $(getconf CLK_TCK 2>/dev/null || echo 100)"
for comm in $(grep -lxE ${[...NAMES.keys()].join('|')} "$R"/proc/[0-9]*/comm 2>/dev/null); do
  d=\${comm%/comm}
  echo "process \${d##*/} $(cat "$comm" 2>/dev/null) $(sed 's/.*) //' "$d"/stat 2>/dev/null | cut -d ' ' -f 1,20) $(tr '\n' ' ' <"$d"/cgroup 2>/dev/null)"
done
`,
  }),
  parse({ stdout }) {
    const lines = stdout.split('\n');
    const number = (key: string): number =>
      Number(lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1));
    const boot = number('boot');
    const ticks = number('ticks') || 100;
    return lines.flatMap((line): readonly ComponentProcess[] => {
      const match = /^process (\d+) (\S+) (\S) (\d+) ?(.*)$/.exec(line);
      const component = NAMES.get(match?.[2] ?? '');
      if (!match || !component || match[3] === 'Z') return [];
      const containerId = /[0-9a-f]{64}/.exec(match[5] ?? '')?.[0];
      if (component !== 'kubelet' && containerId === undefined) return [];
      return [{ component, pid: Number(match[1]), startedAt: boot + Number(match[4]) / ticks, containerId }];
    });
  },
};

export const processes = factRef(processesFact, {});
