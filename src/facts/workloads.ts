import { type Fact, factRef } from '../core/fact.ts';
import { sh } from '../core/shell.ts';
import { COMPONENTS } from '../kubeadm/table.ts';

/** Containers of a host that are none of the control plane's: id to the name of a process in it. */
export type Workloads = ReadonlyMap<string, string>;

/** The kernel keeps fifteen characters of a program's name. A pod's `pause` goes with its sandbox and works nothing. */
const NOT_WORKLOADS = new Set([...COMPONENTS.map((component) => component.slice(0, 15)), 'pause']);

const workloadsFact: Fact<Record<string, never>, Workloads> = {
  name: 'workloads',
  summary: 'containers besides those of the control plane',
  probe: () => ({
    script: sh`grep -HoE '[0-9a-f]{64}' "$R"/proc/[0-9]*/cgroup /dev/null 2>/dev/null | sed 's|.*/proc/\([0-9]*\)/cgroup:|=I \1 |'
grep -H '' "$R"/proc/[0-9]*/comm /dev/null 2>/dev/null | sed 's|.*/proc/\([0-9]*\)/comm:|=P \1 |'
:
`,
  }),
  parse({ stdout }) {
    const names = new Map<string, string>();
    const processes = new Map<string, string[]>();
    for (const line of stdout.split('\n')) {
      const [, kind, pid = '', rest = ''] = /^=([IP]) (\d+) (.*)$/.exec(line) ?? [];
      if (kind === 'P') names.set(pid, rest);
      else if (kind === 'I') processes.set(rest, [...(processes.get(rest) ?? []), pid]);
    }
    return new Map(
      [...processes].flatMap(([id, pids]): readonly (readonly [string, string])[] => {
        const found = pids.flatMap((pid) => names.get(pid) ?? []);
        const [first] = found;
        return first === undefined || found.some((name) => NOT_WORKLOADS.has(name)) ? [] : [[id, first]];
      }),
    );
  },
};

export const workloads = factRef(workloadsFact, {});
