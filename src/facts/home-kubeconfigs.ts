import { type Fact, type FactRef, factRef } from '../core/fact.ts';
import { sh } from '../core/shell.ts';
import type { HomeKubeconfig } from '../kubeadm/home.ts';
import { readKubeconfig } from '../kubeadm/kubeconfig.ts';
import { KUBERNETES_DIRECTORY } from '../kubeadm/table.ts';
import { DUMP_FUNCTIONS, parseDump } from './file-dump.ts';

const homesFact: Fact<{ readonly users: readonly string[] }, readonly HomeKubeconfig[]> = {
  name: 'home_kubeconfigs',
  summary: "users' own kubeconfigs, but for links to the host's",
  probe: ({ users }) => ({
    script: sh`${DUMP_FUNCTIONS}
printf '=R %s\n' "$R"
k="$R"${KUBERNETES_DIRECTORY}
for u in ${users}; do
  h=$(awk -F: -v u="$u" '$1 == u { print $6; exit }' "$R"/etc/passwd 2>/dev/null)
  if [ -z "$h" ] && [ -z "$R" ]; then h=$(getent passwd "$u" 2>/dev/null | cut -d: -f6); fi
  f="$R$h"/.kube/config
  [ -n "$h" ] && [ -f "$f" ] || continue
  # A link to the original follows it by itself.
  if [ -L "$f" ] && { [ "$f" -ef "$k"/admin.conf ] || [ "$f" -ef "$k"/super-admin.conf ]; }; then continue; fi
  printf '=U %s\t%s\n' "$u" "$f"
  dump kubeconfig "$f"
done
`,
  }),
  parse({ stdout }) {
    const lines = stdout.split('\n');
    const rootfs = lines.find((line) => line.startsWith('=R '))?.slice(3) ?? '';
    const files = parseDump(lines, rootfs);
    return lines.flatMap((line): readonly HomeKubeconfig[] => {
      const [user = '', printed = ''] = line.startsWith('=U ') ? line.slice(3).split('\t') : [];
      const path = rootfs !== '' && printed.startsWith(`${rootfs}/`) ? printed.slice(rootfs.length) : printed;
      const file = files.get(path);
      if (!file) return [];
      const read = readKubeconfig(file.text ?? '');
      return [{ user, path, file: file.state, read: 'shape' in read ? read : undefined }];
    });
  },
};

/** The kubeconfigs of these users, of those who have one. */
export function homeKubeconfigs(users: readonly string[]): FactRef<readonly HomeKubeconfig[]> {
  return factRef(homesFact, { users });
}
