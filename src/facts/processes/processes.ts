import { type Fact, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import type { ContainerIdentity, NamedProcess, ProcessTable } from '../../kubeadm/restarts/reader-process.ts';
import { COMPONENTS } from '../../kubeadm/table.ts';
import { manyLines } from '../one-line.ts';
import { containerIdIn, podIdIn } from './control-group.ts';
import { FIND_POD, FIND_ROOTS, FIND_STATIC_PODS, PRINT_CONTAINERS, valuesFrom } from './kubelet-pods.ts';
import { CLOCKS, readClocks, SEEN } from './process-clocks.ts';

/** The kernel keeps fifteen characters of a program's name. */
const NAMES = new Map<string, NamedProcess['component']>(
  [...COMPONENTS, 'kubelet' as const].map((component) => [component.slice(0, 15), component]),
);

/** How many impostors are told of. */
const MAX_OTHERS = 50;

/** Stands for NUL in a command line. */
const WORD_END = '\x1f';

/**
 * Processes named like the control plane's programs or kubelet, as the kernel shows them: independent of the container runtime
 * and its commands. Any process may take such a name, so each comes with details that identify it.
 */
const processesFact: Fact<Record<string, never>, ProcessTable> = {
  name: 'processes',
  summary: 'processes of the control plane and kubelet',
  ifTooLong:
    'look on the host for kubelets of root and processes in static pods with unusually long command lines: ps -eo pid,args',
  probe: () => ({
    script: sh`${CLOCKS}
${FIND_ROOTS}
${FIND_STATIC_PODS}
others=0
for comm in $(grep -lxE ${[...NAMES.keys()].join('|')} "$R"/proc/[0-9]*/comm 2>/dev/null); do
  d=\${comm%/comm}
  name= stat= uid= network=other
  read -r name <"$comm"
  read -r stat <"$d"/stat
  # Who has started what lends him root's rights is not root.
  while read -r key real effective rest; do
    [ "$key" != Uid: ] || { uid=$effective; [ "$effective" != 0 ] || uid=$real; }
  done <"$d"/status
  program=own
  [ ! -u "$d"/exe ] || program=setuid
  [ ! "$d"/ns/net -ef "$R"/proc/1/ns/net ] || network=host
${FIND_POD}
  # What follows the name, which may hold anything: its state first, its start as the twentieth.
  set -- \${stat##*') '}
  # An impostor needs no command line to be one. Any user, and any pod, can start more of them than can be told of.
  case $network:$name in
    host:kubelet) [ "$uid" = 0 ] && [ $program = own ] && [ -z "$pod" ] ;;
    host:*) static ;;
    *) false ;;
  esac && is=possible || { is=other others=$((others + 1)); [ "$others" -le ${MAX_OTHERS} ] || continue; }
  printf '%s\n' "process \${d##*/} $name $1 \${20} \${uid:-?} $network $program$groups"
  [ $is = possible ] || continue
  printf 'words '
  tr '\000\n' '\037\036' <"$d"/cmdline | head -c 32768
  echo
${PRINT_CONTAINERS}
done 2>/dev/null
${SEEN}
`,
  }),
  parse({ stdout }) {
    const lines = stdout.split('\n');
    const clocks = readClocks(lines);
    const processes = lines.flatMap((line, index): readonly NamedProcess[] => {
      const match = /^process (\d+) (\S+) (\S) (\d+) (\d+) (host|other) (own|setuid) ?(.*)$/.exec(line);
      const component = NAMES.get(match?.[2] ?? '');
      if (!match || !component || match[3] === 'Z') return [];
      const startTicks = Number(match[4]);
      const start = clocks.startOf(startTicks);
      const identity = {
        uid: Number(match[5]),
        inHostNetwork: match[6] === 'host',
        isSetuid: match[7] === 'setuid',
        words: wordsIn(lines[index + 1] ?? ''),
        container: containerOf(match[8] ?? '', clocks.outer, valuesFrom(lines, index + 2, 'container')),
      };
      return [{ component, pid: Number(match[1]), startTicks, ...start, identity }];
    });
    return clocks.isMisdated(processes)
      ? { visible: false, misdated: true, processes: [] }
      : { visible: clocks.visible, processes };
  },
};

function wordsIn(line: string): readonly string[] {
  if (!line.startsWith('words ')) return [];
  const words = manyLines(line.slice('words '.length)).split(WORD_END);
  return words.at(-1) === '' ? words.slice(0, -1) : words;
}

function containerOf(groups: string, outer: string, names: readonly string[]): ContainerIdentity | undefined {
  const id = containerIdIn(groups, outer);
  return id === undefined ? undefined : { id, pod: podIdIn(groups, id), names };
}

export const processes = factRef(processesFact, {});
