import { type ShellScript, sh } from '../../core/shell.ts';
import type { HostProcess } from '../../kubeadm/restarts/reader-process.ts';

/** The boot time of /proc/stat is of whole seconds, and rounded. */
const COARSE_SECONDS = 1;
/** The kernel tells its uptime, and the start of a process, in hundredths. */
const FINE_SECONDS = 0.05;

/** Tells what the kernel's times of processes mean, and whether all processes can be seen. Comes before they are told. */
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

/** Comes behind them. */
export const SEEN: ShellScript = sh`echo "seen $(date +%s.%N)"`;

/** What the clocks say of a process. */
type Start = Pick<HostProcess, 'startedAt' | 'within' | 'age'>;

export interface Clocks {
  readonly visible: boolean;
  /** The control groups of the host's first process. A host may itself be a container: what that is in, all are in. */
  readonly outer: string;
  /** @param startTicks as the kernel tells it */
  startOf(startTicks: number): Start;
  /** They would have started in the future: by such times none would ever be older than its files. */
  isMisdated(processes: readonly Pick<Start, 'startedAt'>[]): boolean;
}

/** What the lines of `CLOCKS` and `SEEN` say. */
export function readClocks(lines: readonly string[]): Clocks {
  // What busybox makes of %N is no number.
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

/** `clock NOW UPTIME_BEFORE UPTIME_AFTER`; nothing where NOW is of whole seconds, as busybox tells it. */
function readClock(line: string): readonly { readonly took: number; readonly boot: number; readonly within: number }[] {
  const match = /^clock (\d+\.\d+) (\d+\.\d+) (\d+\.\d+)$/.exec(line);
  if (!match) return [];
  const [now, before, after] = match.slice(1).map(Number) as [number, number, number];
  return [{ took: after - before, boot: now - after, within: FINE_SECONDS }];
}
