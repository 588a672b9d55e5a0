import { type Fact, factRef } from '../../core/fact.ts';
import { type ShellScript, sh } from '../../core/shell.ts';

/** Who holds a host's lock. */
export type HostHolder =
  | RunHolder
  /** The host itself: it is restoring itself after a lost run, or about to. */
  | { readonly kind: 'host' };

export interface RunHolder {
  readonly kind: 'run';
  /** The name it gives itself. */
  readonly name: string;
  /** The pid of its shell on the host. */
  readonly shell: number | undefined;
  /** The first of all hosts that it locks, by name, and its address. */
  readonly first: string | undefined;
}

/**
 * The lock that keeps two runs off one host: a directory with the name of its holder (`holder`), the first of all hosts that
 * the holder locks (`first`), the holder's shell on the host (`shell`: pid, and start in the kernel's ticks) and, while the
 * run has something half done, the process of the host (`watcher`) that watches the run's shells (`watched`). The lock is void
 * when neither holder nor watcher exists any more, so a killed run leaves no lock behind. `held` prints the holder, and fails
 * if there is none; `first_line` sets `line`, `started` sets `ticks`. Every run pays for this on every host: the shell does as much as it can without
 * starting a program, or another shell for `$(…)`.
 */
export const LOCK_FUNCTIONS: ShellScript = sh`L="$R"/run/kplay.lock
first_line() { line=; read -r line 2>/dev/null <"$1"; }
started() { first_line "/proc/$1/stat"; set -- \${line##*') '}; ticks=\${20-}; }
alive() { [ -n "$1" ] && [ -d "/proc/$1" ] && started "$1" && [ "$ticks" = "$2" ]; }
held() {
  first_line "$L/shell"
  shell=$line
  first_line "$L/watcher"
  watcher=$line
  if [ "$shell" != "$watcher" ] && alive $shell; then
    echo "run $shell"
    first_line "$L/first"
    printf '%s\n' "$line"
    cat "$L/holder" 2>/dev/null
    return 0
  fi
  alive $watcher && echo host
}
`;

/**
 * For whoever watches a run, or ends it: needs `LOCK_FUNCTIONS`. `watched` tells whether the watcher runs, `any_alive` whether one of the
 * processes on its standard input does, and `has_child` whether a shell with one of these pids is running a script: each script runs in
 * a subshell, and a child that has ended (a zombie) runs none.
 */
export const WATCH_FUNCTIONS: ShellScript = sh`watched() { first_line "$L/watcher"; alive $line; }
any_alive() { while read -r one; do ! alive $one || return 0; done; return 1; }
has_child() {
  parents=" $* "
  for stat in /proc/[0-9]*/stat; do
    first_line "$stat"
    set -- \${line##*') '}
    [ "\${1-Z}" != Z ] || continue
    case $parents in *" $2 "*) return 0 ;; esac
  done
  return 1
}
`;

/**
 * Tells the watcher on the host that the run is still alive. Costs nothing without a watcher. Only root can write what it
 * evaluates: a shell executes the content of an arithmetic expression.
 */
export const HEARTBEAT: ShellScript = sh`l="$R"/run/kplay.lock
if [ -s "$l/watcher" ]; then
  n=0
  read -r n 2>/dev/null <"$l/beat"
  echo $((n + 1)) >"$l/beat"
fi
`;

const hostLockFact: Fact<Record<string, never>, HostHolder | null> = {
  name: 'host_lock',
  summary: 'who is at work on the host',
  probe: () => ({ script: sh`${LOCK_FUNCTIONS}[ ! -d "$L" ] || held` }),
  parse: ({ stdout }) => parseHolder(stdout) ?? null,
};

/** The holder of the lock; null if nobody holds it, or a session that is not root cannot see it. */
export const hostLock = factRef(hostLockFact, {});

/** Parses the output of `held`. */
export function parseHolder(text: string): HostHolder | undefined {
  const [kind = '', first = '', ...rest] = text.split('\n');
  if (kind === 'host') return { kind: 'host' };
  const shell = /^run(?: (\d+))?/.exec(kind);
  if (!shell) return undefined;
  const name = rest.join('\n').trim();
  return {
    kind: 'run',
    name: name === '' ? 'an unknown run' : name,
    shell: shell[1] ? Number(shell[1]) : undefined,
    first: first === '' ? undefined : first,
  };
}
