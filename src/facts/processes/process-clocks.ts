import { type ShellScript, sh } from '../../core/shell.ts';
import type { HostProcess } from '../../kubeadm/restarts/reader-process.ts';

/** The boot time in /proc/stat is rounded to whole seconds. */
const COARSE_SECONDS = 1;
/** The kernel's uptime and start times of processes are in hundredths of a second. */
const FINE_SECONDS = 0.05;

/** Prints how to interpret the kernel's process times, and whether all processes are visible. Goes before the processes. */
export const CLOCKS: ShellScript = sh`awk '/^btime/ { print "boot " $2 }' "$R"/proc/stat 2>/dev/null
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
echo "first$first"`;

/** Goes after the processes. */
export const SEEN: ShellScript = sh`echo "seen $(date +%s.%N)"`;

/** The start of a process according to the clocks. */
type Start = Pick<HostProcess, 'startedAt' | 'within' | 'age'>;

export interface Clocks {
  readonly visible: boolean;
  /** The control groups of the host's first process. If the host is itself a container, all processes share them. */
  readonly outer: string;
  /** @param startTicks as the kernel tells it */
  startOf(startTicks: number): Start;
  /** They would have started in the future: by such times no process would ever be older than its files. */
  isMisdated(processes: readonly Pick<Start, 'startedAt'>[]): boolean;
}

/** Parses the lines of `CLOCKS` and `SEEN`. */
export function readClocks(lines: readonly string[]): Clocks {
  // busybox prints something else than a number for %N.
  const number = (key: string): number =>
    Number.parseFloat(lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1) ?? '');
  const [best] = lines.flatMap(readClock).sort((a, b) => a.took - b.took);
  const { boot, within } = best ?? { boot: number('boot'), within: COARSE_SECONDS };
  const ticks = number('ticks') || 100;
  const clock = number('clock');
  const latest = number('seen') + within + COARSE_SECONDS;
  return {
    visible: lines.includes('visible'),
    outer: lines.find((line) => line.startsWith('first ')) ?? '',
    startOf: (startTicks) => {
      const startedAt = boot + startTicks / ticks;
      return { startedAt, within, age: clock - startedAt };
    },
    isMisdated: (processes) =>
      [boot + number('own') / ticks, ...processes.map(({ startedAt }) => startedAt)].some(
        (startedAt) => startedAt > latest,
      ),
  };
}

/** `clock NOW UPTIME_BEFORE UPTIME_AFTER`; nothing if NOW has whole seconds only, as with busybox. */
function readClock(line: string): readonly { readonly took: number; readonly boot: number; readonly within: number }[] {
  const match = /^clock (\d+\.\d+) (\d+\.\d+) (\d+\.\d+)$/.exec(line);
  if (!match) return [];
  const [now, before, after] = match.slice(1).map(Number) as [number, number, number];
  return [{ took: after - before, boot: now - after, within: FINE_SECONDS }];
}
