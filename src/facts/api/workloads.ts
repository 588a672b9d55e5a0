import { type Fact, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { COMPONENTS } from '../../kubeadm/table.ts';

/** Containers of a host outside the control plane: id to the name of a process in it. */
export type Workloads = ReadonlyMap<string, string>;

/** The kernel keeps fifteen characters of a program's name. */
const CONTROL_PLANE = new Set(COMPONENTS.map((component) => component.slice(0, 15)));
/** Belongs to the sandbox of its pod and does no work. */
const SANDBOX = 'pause';

const workloadsFact: Fact<Record<string, never>, Workloads> = {
  name: 'workloads',
  summary: 'containers besides those of the control plane',
  probe: () => ({
    script: sh`grep -HoE '(pod[0-9a-f_-]+([.]slice)?[/:][a-z-]*[-:]?)?[0-9a-f]{64}' "$R"/proc/[0-9]*/cgroup /dev/null 2>/dev/null | sed 's|.*/proc/\([0-9]*\)/cgroup:|=I \1 |'
grep -H '' "$R"/proc/[0-9]*/comm /dev/null 2>/dev/null | sed 's|.*/proc/\([0-9]*\)/comm:|=P \1 |'
:
`,
  }),
  parse({ stdout }) {
    const names = new Map<string, string>();
    const containers = new Map<string, { readonly pids: string[]; isStaticPods: boolean }>();
    for (const line of stdout.split('\n')) {
      const [, kind, pid = '', rest = ''] = /^=([IP]) (\d+) (.*)$/.exec(line) ?? [];
      if (kind === 'P') names.set(pid, rest);
      if (kind !== 'I') continue;
      const id = rest.slice(-64);
      const container = containers.get(id) ?? { pids: [], isStaticPods: false };
      container.pids.push(pid);
      container.isStaticPods ||= STATIC_POD.test(rest);
      containers.set(id, container);
    }
    return new Map(
      [...containers].flatMap(([id, { pids, isStaticPods }]): readonly (readonly [string, string])[] => {
        const found = pids.flatMap((pid) => names.get(pid) ?? []);
        const [first] = found;
        const isLeftOut = found.some((name) => name === SANDBOX || (isStaticPods && CONTROL_PLANE.has(name)));
        return first === undefined || isLeftOut ? [] : [[id, first]];
      }),
    );
  },
};

/** kubelet generates the id of a static pod in hexadecimal; all others have a UUID from the API. */
const STATIC_POD = /^pod[0-9a-f]{32}[./:]/;

export const workloads = factRef(workloadsFact, {});
