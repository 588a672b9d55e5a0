import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';

/**
 * Whether a container runtime can be present: `silent` means that nothing can answer on the socket, `hung` that something
 * listens there, and does not answer.
 */
export type RuntimeSocket = 'listening' | 'silent' | 'hung' | 'unknown';

/** What crictl says of one that takes connections and answers nothing, by how far it has come; the last when too many wait. */
const UNANSWERED = 'DeadlineExceeded|deadline exceeded|reading server preface|temporarily unavailable';

/** Programs that listen there, by the kernel's names. The shims of containers keep running without them. */
const RUNTIMES = ['containerd', 'crio', 'dockerd', 'cri-dockerd'];

const socketFact: Fact<{ readonly path: string }, RuntimeSocket> = {
  name: 'runtime_socket',
  summary: 'whether a container runtime listens on its socket, and answers there',
  // The kernel's own list: needs no program of the runtime, and cannot hang. The path is the one that the runtime was configured
  // with, which may contain a link (/var/run). Of a runtime that hangs the kernel still takes connections: crictl, where it is,
  // tells that. It gives up after 5 to 10 s, so an overloaded host is asked a second time.
  probe: ({ path }) => ({
    script: sh`list="$R"/proc/1/net/unix
[ -r "$list" ] || exit 0
echo listed
for comm in $(grep -lxE ${RUNTIMES.join('|')} "$R"/proc/[0-9]*/comm 2>/dev/null); do echo runs; break; done
awk '$4 == "00010000" { print "socket " $8 }' "$list" | grep -xF ${`socket ${path}
socket ${otherName(path)}`} || exit 0
crictl=$(tool crictl) || exit 0
hangs() { "$crictl" --runtime-endpoint ${`unix://${path}`} --timeout 10s version 2>&1 | grep -qE ${UNANSWERED}; }
! hangs || ! hangs || echo hangs
:
`,
  }),
  parse({ stdout }) {
    const lines = stdout.split('\n');
    if (!lines.includes('listed')) return 'unknown';
    if (lines.includes('hangs')) return 'hung';
    if (lines.some((line) => line.startsWith('socket '))) return 'listening';
    return lines.includes('runs') ? 'unknown' : 'silent';
  },
};

/** With systemd /var/run is a link to /run: a runtime may use either name. */
function otherName(path: string): string {
  return path.startsWith('/var/run/') ? path.slice('/var'.length) : path.startsWith('/run/') ? `/var${path}` : path;
}

/** @param path of the socket on the host. */
export function runtimeSocket(path: string): FactRef<RuntimeSocket> {
  return factRef(socketFact, { path });
}
