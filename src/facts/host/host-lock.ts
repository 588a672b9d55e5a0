import { type Fact, factRef } from '../../core/fact.ts';
import { type ShellScript, sh } from '../../core/shell.ts';

/** Who is at work on a host, so that nobody else may be. */
export type HostHolder =
  | RunHolder
  /** The host itself: it restores itself after a lost run, or is about to. */
  | { readonly kind: 'host' };

export interface RunHolder {
  readonly kind: 'run';
  /** In its own words. */
  readonly name: string;
  /** Its shell's pid on the host. */
  readonly shell: number | undefined;
  /** The first of all hosts that it wants to hold, by name, and where it is. */
  readonly first: string | undefined;
}

/**
 * The lock that keeps two runs off one host: a directory that names its holder (`holder`), the first of all hosts that the
 * holder wants (`first`), the holder's shell on the host (`shell`: pid, and start as the kernel counts it) and, while the run has
 * something half done, the process of the host (`watcher`) that watches the run's shells (`watched`). It is void when neither
 * holder nor watcher is there any more, so no run that was killed leaves a lock behind. `held` says who has it, and fails when
 * nobody has. Every run that changes something pays for this on every host: the shell does itself what it can without starting
 * a program.
 */
export const LOCK_FUNCTIONS: ShellScript = sh`L="$R"/run/kplay.lock
first_line() { line=; read -r line 2>/dev/null <"$1"; }
started() { first_line "/proc/$1/stat"; set -- \${line##*') '}; echo "\${20}"; }
alive() { [ -n "$1" ] && [ -d "/proc/$1" ] && [ "$(started "$1")" = "$2" ]; }
held() {
  first_line "$L/shell"
  shell=$line
  first_line "$L/watcher"
  watcher=$line
  if [ "$shell" != "$watcher" ] && alive $shell; then
    echo "run $shell"
    first_line "$L/first"
    printf '%s\\n' "$line"
    cat "$L/holder" 2>/dev/null
    return 0
  fi
  alive $watcher && echo host
}
`;

/**
 * Tells the process of the host that watches the run's shells that the run is there still. Costs nothing where there is none. What it
 * counts on is root's alone: a shell carries out what stands in an arithmetic expression.
 */
export const BEAT: ShellScript = sh`l="$R"/run/kplay.lock
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

/** Who is at work on the host; null when nobody is, or a session that is not root cannot see it. */
export const hostLock = factRef(hostLockFact, {});

/** What `held` has printed. */
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
