import { type Fact, FactError, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { DEFAULT_KUBELET_ROOT, KUBERNETES_DIRECTORY } from '../../kubeadm/table.ts';

/** Properties of a host that determine whether it may be changed at all. */
export interface System {
  /** The name that programs which start now are told; undefined if it is observed from a container, which has its own. */
  readonly hostname: string | undefined;
  /** User id of the session: 0 is root. */
  readonly uid: number;
  /** The host's time when it was asked, in seconds since the epoch; whole seconds if `processes` knows no better. */
  readonly clock: number;
  /**
   * Free kilobytes and inodes for new files and backups, in /etc and /var, and in the directories of Kubernetes that are on file
   * systems of their own; inodes are undefined if the file system does not count them.
   */
  readonly space: readonly {
    readonly path: string;
    readonly freeKilobytes: number;
    readonly freeInodes: number | undefined;
  }[];
  /** Whether /etc/kubernetes is writable; undefined if it does not exist. */
  readonly kubernetesWritable: boolean | undefined;
  /** Directories in which a run puts its lock, and what restores the host if the run is lost, that the session cannot write. */
  readonly closed: readonly string[];
}

const systemFact: Fact<Record<string, never>, System> = {
  name: 'system',
  summary: 'user, clock, free space',
  probe: () => ({
    script: sh`echo "uid $(id -u)"
# Fractions are of use only where processes have them too.
if [ -r "$R"/proc/uptime ]; then echo "clock $(date +%s.%N)"; else echo "clock $(date +%s)"; fi
[ -n "$R" ] || echo "hostname $(uname -n)"
if [ -d "$R"/etc/kubernetes ]; then
  if [ -w "$R"/etc/kubernetes ]; then echo 'writable yes'; else echo 'writable no'; fi
fi
# Of /var/lib/kplay, which is made when it is needed, the directory above. The unit is only for systemd.
for d in /run /var/lib /var/lib/kplay /etc/systemd/system /etc/systemd/system/multi-user.target.wants; do
  [ -d "$R$d" ] && [ ! -w "$R$d" ] || continue
  case $d in /etc/*) [ -d "$R"/run/systemd/system ] || continue ;; /var/lib) [ ! -d "$R"/var/lib/kplay ] || continue ;; esac
  echo "closed $d"
done
set --
places=
for d in /etc /var ${KUBERNETES_DIRECTORY} ${DEFAULT_KUBELET_ROOT}; do
  [ -d "$R$d" ] || continue
  set -- "$@" "$R$d"
  places="$places $d"
done
[ $# -eq 0 ] || stat -L -c 'device %d' "$@" 2>/dev/null
echo "places$places"
if [ $# -gt 0 ]; then
  df -Pk "$@" 2>/dev/null
  echo inodes
  df -Pi "$@" 2>/dev/null
fi
`,
  }),
  parse({ stdout }) {
    const [facts = '', sizes = ''] = stdout.split(/^(?=places)/m);
    const [kilobytes = [], inodes = []] = sizes.split(/^inodes$/m).map(readFree);
    const lines = facts.split('\n').map((line) => line.split(' '));
    const first = (key: string): readonly string[] => lines.find(([name]) => name === key) ?? [];
    // busybox prints %N literally.
    const clock = Number.parseFloat(first('clock')[1] ?? '');
    if (!(clock > 0)) throw new FactError('the host does not report its time');
    const writable = first('writable')[1];
    const places = (/^places(.*)/.exec(sizes)?.[1] ?? '').split(' ').filter((path) => path !== '');
    const all = (key: string): readonly string[] =>
      lines.flatMap(([name, value = '']) => (name === key ? [value] : []));
    const devices = all('device');
    const deviceOf = (path: string): string | undefined => devices[places.indexOf(path)];
    // A directory of Kubernetes usually shares the room of /etc or /var.
    const isApart = (path: string): boolean => {
      const above = path.replace(/(?<=.)\/.*/, '');
      return above === path || deviceOf(above) !== deviceOf(path);
    };
    return {
      hostname: first('hostname')[1],
      uid: Number(first('uid')[1] ?? Number.NaN),
      clock,
      space: places
        .map((path, index) => ({
          path,
          freeKilobytes: Number(kilobytes[index]) || 0,
          freeInodes: Number(inodes[index]) || undefined,
        }))
        .filter(({ path }) => isApart(path)),
      kubernetesWritable: writable === undefined ? undefined : writable === 'yes',
      closed: all('closed'),
    };
  },
};

/** The available size in lines of `df -P`: total, used, available, and a percentage; uncounted inodes are `-`. */
function readFree(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const words = line.split(/ +/);
    // Both the device, which comes first, and the mount point, which comes last, may contain blanks.
    const percentage = words.findIndex((word, index) => index >= 4 && /^(?:\d{1,3}%|-)$/.test(word));
    return percentage < 0 ? [] : [words[percentage - 1] ?? ''];
  });
}

export const system = factRef(systemFact, {});
