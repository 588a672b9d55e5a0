import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import {
  ANONYMOUS,
  type KubeconfigCluster,
  type KubeconfigUser,
  mayHideUsers,
  readKubeconfig,
  UNINTELLIGIBLE,
} from '../../kubeadm/host/kubeconfig.ts';
import { DUMP_FUNCTIONS, PRINT_ROOTFS, parseDump, rootfsIn } from './file-dump.ts';

/** What is on a host at the path of an expected kubeconfig. */
export type GivenKubeconfig = { readonly path: string } & (
  | { readonly state: 'absent' }
  /** The user of the session, by name, or by number if it has none. */
  | { readonly state: 'not readable'; readonly user: string }
  | { readonly state: 'unreadable'; readonly reason: string }
  /** Only users with an embedded certificate. */
  | {
      readonly state: 'read';
      readonly users: readonly KubeconfigUser[];
      readonly clusters: readonly KubeconfigCluster[];
    }
);

const kubeconfigsFact: Fact<{ readonly paths: readonly string[] }, readonly GivenKubeconfig[]> = {
  name: 'given_kubeconfigs',
  summary: 'kubeconfigs at given paths, without their secrets',
  ifTooLong: 'name only kubeconfigs, or fewer of them at once',
  probe: ({ paths }) => ({
    script: sh`${DUMP_FUNCTIONS}
${PRINT_ROOTFS}
hidden() { printf '=H %s\n' "$1"; printf '=U %s\n' "$(id -un 2>/dev/null || id -u)"; }
for f in ${paths}; do
  f="$R$f"
  if [ ! -e "$f" ]; then
    # What is below a directory that this user may not enter is not absent.
    d=\${f%/*}
    while [ ! -e "$d" ] && [ "$d" != "\${d%/*}" ]; do d=\${d%/*}; done
    [ ! -d "$d" ] || [ -x "$d" ] || hidden "$f"
  elif [ ! -f "$f" ]; then printf '=N %s\n' "$f"
  elif [ ! -r "$f" ]; then hidden "$f"
  else
    states "$f"
    contents kind=kubeconfig "$f"
  fi
done
:
`,
  }),
  parse({ stdout }, { paths }) {
    const lines = stdout.split('\n');
    const rootfs = rootfsIn(lines);
    const files = parseDump(lines, rootfs);
    const valuesOf = (mark: string) => lines.flatMap((line) => (line.startsWith(`=${mark} `) ? [line.slice(3)] : []));
    const pathsOf = (mark: string) => new Set(valuesOf(mark).map((path) => path.slice(rootfs.length)));
    const [hidden, others] = [pathsOf('H'), pathsOf('N')];
    const [user = ''] = valuesOf('U');
    return paths.map((path): GivenKubeconfig => {
      if (hidden.has(path)) return { path, state: 'not readable', user };
      if (others.has(path)) return { path, state: 'unreadable', reason: 'it is not a file' };
      const file = files.get(path);
      if (!file) return { path, state: 'absent' };
      const read = readKubeconfig(file.text ?? '');
      if ('unreadable' in read) return { path, state: 'unreadable', reason: read.unreadable };
      const { users, clusters, shape } = read;
      if (mayHideUsers(read)) return { path, state: 'unreadable', reason: ANONYMOUS };
      // Any other file is sent with its values replaced, and the rest of it may happen to be YAML.
      return users.length === 0 && shape.contexts.length === 0 && shape.cluster === undefined
        ? { path, state: 'unreadable', reason: UNINTELLIGIBLE }
        : { path, state: 'read', users, clusters };
    });
  },
};

/** The kubeconfigs at these absolute paths, in the same order. */
export function givenKubeconfigs(paths: readonly string[]): FactRef<readonly GivenKubeconfig[]> {
  return factRef(kubeconfigsFact, { paths });
}
