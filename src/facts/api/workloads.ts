import { type Fact, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { COMPONENTS } from '../../kubeadm/table.ts';

/** Containers of a host outside the control plane: id to the name of a process in it. `too many` to be told of. */
export type Workloads = ReadonlyMap<string, string> | 'too many';

/** The kernel keeps fifteen characters of a program's name. */
const CONTROL_PLANE = new Set(COMPONENTS.map((component) => component.slice(0, 15)));
/** Belongs to the sandbox of its pod and does no work. */
const SANDBOX = 'pause';

/** Some four thousand containers: whatever runs on the host, the answer can be read. */
const MAX_BYTES = 524_288;

/**
 * Of all processes in a container, with all of their control groups, the name of the first one, and those names that leave the
 * container out.
 */
const NAMES_AWK = `
{
  at = index($0, "/cgroup:")
  file = substr($0, 1, at - 1) "/comm"
  if (file != last) {
    if (last != "") close(last)
    last = file
    isNamed = (getline name < file) > 0
  }
  group = substr($0, at + 8)
  if (!isNamed || (group in seen) && (!index(telling, "|" name "|") || (group, name) in seen)) next
  seen[group]
  seen[group, name]
  room -= length(group) + length(name) + 5
  if (room < 0) { print "=more"; exit }
  print "=C " group " " name
}`;

const workloadsFact: Fact<Record<string, never>, Workloads> = {
  name: 'workloads',
  summary: 'containers besides those of the control plane',
  probe: () => ({
    script: sh`grep -HoE '(pod[0-9a-f_-]+([.]slice)?[/:][a-z-]*[-:]?)?[0-9a-f]{64}' "$R"/proc/[0-9]*/cgroup /dev/null 2>/dev/null | awk -v room=${MAX_BYTES} -v telling=${`|${[SANDBOX, ...CONTROL_PLANE].join('|')}|`} ${NAMES_AWK}
:
`,
  }),
  parse({ stdout }) {
    const lines = stdout.split('\n');
    if (lines.includes('=more')) return 'too many';
    const containers = new Map<string, { readonly names: string[]; isStaticPods: boolean }>();
    for (const line of lines) {
      const [, group, name = ''] = /^=C (\S+) (.*)$/.exec(line) ?? [];
      if (group === undefined) continue;
      const id = group.slice(-64);
      const container = containers.get(id) ?? { names: [], isStaticPods: false };
      container.names.push(name);
      container.isStaticPods ||= STATIC_POD.test(group);
      containers.set(id, container);
    }
    return new Map(
      [...containers].flatMap(([id, { names, isStaticPods }]): readonly (readonly [string, string])[] => {
        const [first = ''] = names;
        const isLeftOut = names.some((name) => name === SANDBOX || (isStaticPods && CONTROL_PLANE.has(name)));
        return isLeftOut ? [] : [[id, first]];
      }),
    );
  },
};

/** kubelet generates the id of a static pod in hexadecimal; all others have a UUID from the API. */
const STATIC_POD = /^pod[0-9a-f]{32}[./:]/;

export const workloads = factRef(workloadsFact, {});
