import { type Fact, factRef } from '../core/fact.ts';
import { sh } from '../core/shell.ts';
import { readKubeconfig } from '../kubeadm/kubeconfig.ts';
import type { Holding } from '../kubeadm/model.ts';
import { DUMP_FUNCTIONS, parseDump } from './file-dump.ts';

/** Things on a host that use what is renewed, besides the control plane itself. */
export interface Consumers {
  /** Copies of credentials: a kubeconfig with an embedded certificate, somewhere else than where kubeadm keeps it. */
  readonly copies: readonly CopiedCredential[];
  /** Units, cron jobs and static pods that name a kubeconfig or key pair of kubeadm's. */
  readonly users: readonly ConsumingFile[];
}

export interface CopiedCredential {
  readonly path: string;
  readonly user: string;
  readonly holding: Holding;
}

export interface ConsumingFile {
  readonly path: string;
  readonly kind: 'static pod' | 'unit' | 'cron job';
}

/** What they name. certificatesDir may have another name than pki. */
const NAMED =
  '/etc/kubernetes/(admin|super-admin|controller-manager|scheduler)[.]conf|/etc/kubernetes/[A-Za-z0-9_.-]+/(etcd/(healthcheck-client|peer|server)|apiserver-etcd-client|apiserver-kubelet-client)';

const consumersFact: Fact<Record<string, never>, Consumers> = {
  name: 'consumers',
  summary: 'copies of renewed credentials, and what else uses them',
  probe: () => ({
    script: sh`${DUMP_FUNCTIONS}
printf '=R %s\n' "$R"
# Where people and tools keep copies of admin.conf.
for f in "$R"/root/.kube/config "$R"/root/admin.conf "$R"/home/*/.kube/config "$R"/home/*/admin.conf "$R"/var/lib/*/.kube/config; do
  [ ! -f "$f" ] || dump kubeconfig "$f"
done
named() {
  kind=$1
  shift
  grep -lE ${NAMED} "$@" 2>/dev/null | sed "s|^|=N $kind |"
}
named manifest $(for f in "$R"/etc/kubernetes/manifests/*; do
  case \${f##*/} in etcd.yaml | kube-apiserver.yaml | kube-controller-manager.yaml | kube-scheduler.yaml) ;; *) printf '%s\n' "$f" ;; esac
done) /dev/null
find "$R"/etc/systemd/system -type f -exec grep -lE ${NAMED} {} + 2>/dev/null | sed 's|^|=N unit |'
named cron "$R"/etc/crontab "$R"/etc/cron.d/* "$R"/etc/cron.hourly/* "$R"/etc/cron.daily/* "$R"/etc/cron.weekly/* "$R"/var/spool/cron/* "$R"/var/spool/cron/crontabs/* || :
`,
  }),
  parse({ stdout }) {
    const lines = stdout.split('\n');
    const rootfs = lines.find((line) => line.startsWith('=R '))?.slice(3) ?? '';
    return { copies: copiesIn(lines, rootfs), users: usersIn(lines, rootfs) };
  },
};

export const consumers = factRef(consumersFact, {});

function copiesIn(lines: readonly string[], rootfs: string): readonly CopiedCredential[] {
  return [...parseDump(lines, rootfs)].flatMap(([path, { text }]) => {
    const read = text === undefined ? undefined : readKubeconfig(text);
    if (!read || 'unreadable' in read) return [];
    return read.users.map(({ name, holding }) => ({ path, user: name, holding }));
  });
}

const KINDS: Readonly<Record<string, ConsumingFile['kind']>> = {
  manifest: 'static pod',
  unit: 'unit',
  cron: 'cron job',
};

function usersIn(lines: readonly string[], rootfs: string): readonly ConsumingFile[] {
  return lines.flatMap((line): readonly ConsumingFile[] => {
    const match = /^=N (\w+) (.*)$/.exec(line);
    const kind = KINDS[match?.[1] ?? ''];
    const path = match?.[2] ?? '';
    return kind
      ? [{ kind, path: rootfs !== '' && path.startsWith(`${rootfs}/`) ? path.slice(rootfs.length) : path }]
      : [];
  });
}
