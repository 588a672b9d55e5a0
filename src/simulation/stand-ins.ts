import type { ComponentContext } from './components/component.ts';
import type { ProgramCalls } from './program-calls.ts';
import type { ProgramName } from './programs/run-program.ts';
import type { TreeState } from './tree-state.ts';

/** How stand-in programs are run. */
export interface StandInRuntime {
  readonly platform: NodeJS.Platform;
}

export interface StandInParts {
  readonly context: Pick<ComponentContext, 'files' | 'host'>;
  readonly state: TreeState;
  readonly runtime: StandInRuntime;
}

export const STAND_IN_DIRECTORY = '/usr/bin';

/** Accepts the options of sudo that kplay uses, and runs the command as the user of the simulation. */
const SUDO = `while [ $# -gt 0 ]; do
  case $1 in
    -u | -p) shift 2 ;;
    -*) shift ;;
    *) break ;;
  esac
done
exec "$@"
`;

const FULL_DISK = `echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'
echo '/dev/simulated 20480000 20480000 0 100% /'
`;

const NOISY_SHELL = `echo 'Welcome to a simulated host. Last login: yesterday'
echo 'stty: standard input: Inappropriate ioctl for device' >&2
exec /bin/sh "$@"
`;

/** The formats of `stat -c` that kplay uses, translated for BSD's. */
const BSD_STAT = `follow=
[ "$1" != -L ] || { follow=-L; shift; }
[ "$1" = -c ] || exec /usr/bin/stat $follow "$@"
format=$(printf %s "$2" | sed 's/%a/%Lp/;s/%U/%Su/;s/%G/%Sg/;s/%s/%z/;s/%Y/%m/;s/%y/%Sm/;s/%n/%N/')
shift 2
exec /usr/bin/stat $follow -t '%F %T +0000' -f "$format" "$@"
`;

const BSD_SHA256SUM = 'exec shasum -a 256 "$@"\n';

/**
 * Writes the stand-in programs of an embedded host, which come first in its PATH. A worker has no kubeadm, which is not needed
 * after joining.
 */
export function writeStandIns({ context: { files, host }, state, runtime }: StandInParts, calls: ProgramCalls): void {
  const write = (name: string, body: string): void =>
    files.write(`${STAND_IN_DIRECTORY}/${name}`, `#!/bin/sh\n${body}`, 0o755);
  const hasKubeadm = host.role === 'master' && state.kubeadm !== false;
  const call = (name: ProgramName): void => write(name, calls.script(name));
  call('systemctl');
  if (state.kubectl !== false) call('kubectl');
  if (hasKubeadm) call('kubeadm');
  write('sudo', SUDO);
  if (state.clockOffsetSeconds) write('date', shiftedDate(state.clockOffsetSeconds));
  if (state.diskFull) write('df', FULL_DISK);
  if (state.noisyProfile) write('noisy-shell', NOISY_SHELL);
  if (runtime.platform === 'darwin') {
    write('stat', BSD_STAT);
    write('sha256sum', BSD_SHA256SUM);
  }
}

/** GNU's and busybox's `date` use -d for another time, BSD's -r. */
function shiftedDate(seconds: number): string {
  return `time=$(($(/bin/date +%s) + ${seconds}))
/bin/date -d "@$time" "$@" 2>/dev/null || exec /bin/date -r "$time" "$@"
`;
}
