import { type Fact, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import type { ContainerIdentity, NamedProcess, ProcessTable } from '../../kubeadm/restarts/reader-process.ts';
import { COMPONENTS, DEFAULT_KUBELET_ROOT, KUBELET_FLAGS } from '../../kubeadm/table.ts';
import { manyLines } from '../one-line.ts';
import { containerIdIn, podIdIn } from './control-group.ts';

/** The kernel keeps fifteen characters of a program's name. */
const NAMES = new Map<string, NamedProcess['component']>(
  [...COMPONENTS, 'kubelet' as const].map((component) => [component.slice(0, 15), component]),
);

/** The boot time of /proc/stat is of whole seconds, and rounded. */
const COARSE_SECONDS = 1;
/** The kernel tells its uptime, and the start of a process, in hundredths. */
const FINE_SECONDS = 0.05;

/** Stands for NUL in a command line. */
const WORD_END = '\x1f';

/**
 * Processes with the names of the control plane's programs, and of kubelet, as the kernel knows them: the same with every
 * container runtime, and without any command of one. A name is anybody's to take, so each is told with what tells who it is.
 * kubelet may keep its pods elsewhere (`--root-dir`): files say where that root alone can write, and not the process that is in
 * question; a kubelet that was told so lately has some pods still in the old place.
 */
const processesFact: Fact<Record<string, never>, ProcessTable> = {
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
# When this very process started, as the kernel tells it of others.
{ own=$(read -r stat <"$R"/proc/self/stat && set -- \${stat##*') '} && echo "own \${20}") && echo "$own"; } 2>/dev/null
echo "ticks $(getconf CLK_TCK 2>/dev/null || echo 100)"
# Only who may look into the first process may look into all of them.
[ ! -e "$R"/proc/1/ns/net ] || echo visible
first=
while read -r group; do first="$first $group"; done <"$R"/proc/1/cgroup
echo "first$first"
roots=${DEFAULT_KUBELET_ROOT}
for f in "$R"${KUBELET_FLAGS} "$R"/etc/default/kubelet "$R"/etc/sysconfig/kubelet "$R"/etc/systemd/system/kubelet.service "$R"/etc/systemd/system/kubelet.service.d/*.conf "$R"/usr/lib/systemd/system/kubelet.service.d/*.conf; do
  [ -f "$f" ] || continue
  while read -r line || [ -n "$line" ]; do
    case $line in '#'*) continue ;; *--root-dir[=\ ]/*) line=\${line#*--root-dir?} ;; *) continue ;; esac
    roots="\${line%%[!A-Za-z0-9/._-]*} $roots"
  done <"$f"
done
for comm in $(grep -lxE ${[...NAMES.keys()].join('|')} "$R"/proc/[0-9]*/comm 2>/dev/null); do
  d=\${comm%/comm}
  name= stat= groups= uid= pod= network=other
  read -r name <"$comm"
  read -r stat <"$d"/stat
  while read -r key real effective rest; do [ "$key" != Uid: ] || uid=$effective; done <"$d"/status
  [ ! "$d"/ns/net -ef "$R"/proc/1/ns/net ] || network=host
  # The containers that kubelet keeps for the pod of that control group. systemd knows no dash in a name.
  while read -r group; do
    groups="$groups $group"
    case $group in *kubepods*pod*) ;; *) continue ;; esac
    pod=\${group##*pod}
    pod=\${pod%%[!0-9a-f_-]*}
    while case $pod in *_*) ;; *) false ;; esac; do pod=\${pod%%_*}-\${pod#*_}; done
  done <"$d"/cgroup
  # What follows the name, which may hold anything: its state first, its start as the twentieth.
  set -- \${stat##*') '}
  echo "process \${d##*/} $name $1 \${20} \${uid:-?} $network $groups"
  printf 'words '
  tr '\000\n' '\037\036' <"$d"/cmdline | head -c 32768
  echo
  [ -z "$pod" ] || for root in $roots; do
    for kept in "$R\${root%/}"/pods/"$pod"/containers/*; do echo "kept \${kept##*/}"; done
  done
done 2>/dev/null
echo "seen $(date +%s.%N)"
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
    // A host may itself be a container: what its first process is in, all are in.
    const outer = lines.find((line) => line.startsWith('first ')) ?? '';
    const processes = lines.flatMap((line, index): readonly NamedProcess[] => {
      const match = /^process (\d+) (\S+) (\S) (\d+) (\d+) (host|other) ?(.*)$/.exec(line);
      const component = NAMES.get(match?.[2] ?? '');
      if (!match || !component || match[3] === 'Z') return [];
      const startTicks = Number(match[4]);
      const startedAt = boot + startTicks / ticks;
      const identity = {
        uid: Number(match[5]),
        inHostNetwork: match[6] === 'host',
        words: wordsIn(lines[index + 1] ?? ''),
        container: containerOf(match[7] ?? '', outer, keptFrom(lines, index + 2)),
      };
      const age = clock - startedAt;
      return [{ component, pid: Number(match[1]), startTicks, startedAt, within, age, identity }];
    });
    const latest = number('seen') + within + COARSE_SECONDS;
    const isMisdated = [boot + number('own') / ticks, ...processes.map(({ startedAt }) => startedAt)].some(
      (startedAt) => startedAt > latest,
    );
    return isMisdated
      ? { visible: false, misdated: true, processes: [] }
      : { visible: lines.includes('visible'), processes };
  },
};

/** `clock NOW UPTIME_BEFORE UPTIME_AFTER`; nothing where NOW is of whole seconds, as busybox tells it. */
function readClock(line: string): readonly { readonly took: number; readonly boot: number; readonly within: number }[] {
  const match = /^clock (\d+\.\d+) (\d+\.\d+) (\d+\.\d+)$/.exec(line);
  if (!match) return [];
  const [now, before, after] = match.slice(1).map(Number) as [number, number, number];
  return [{ took: after - before, boot: now - after, within: FINE_SECONDS }];
}

function wordsIn(line: string): readonly string[] {
  if (!line.startsWith('words ')) return [];
  const words = manyLines(line.slice('words '.length)).split(WORD_END);
  return words.at(-1) === '' ? words.slice(0, -1) : words;
}

/** The names in the lines `kept NAME` from there on. */
function keptFrom(lines: readonly string[], index: number): readonly string[] {
  const end = lines.findIndex((line, at) => at >= index && !line.startsWith('kept '));
  return lines.slice(index, end < 0 ? lines.length : end).map((line) => line.slice('kept '.length));
}

function containerOf(groups: string, outer: string, names: readonly string[]): ContainerIdentity | undefined {
  const id = containerIdIn(groups, outer);
  return id === undefined ? undefined : { id, pod: podIdIn(groups, id), names };
}

export const processes = factRef(processesFact, {});
