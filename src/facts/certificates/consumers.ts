import { type Fact, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { holdingOf, readKubeconfig } from '../../kubeadm/host/kubeconfig.ts';
import type { Holding } from '../../kubeadm/host/model.ts';
import { type CredentialName, KUBECONFIGS, PAIRS } from '../../kubeadm/table.ts';
import { FIND_MANIFESTS } from '../static-pod-path.ts';
import { DUMP_FUNCTIONS, LINE_GROWTH, PRINT_ROOTFS, parseDump, rootfsIn } from './file-dump.ts';

/** Users of renewed certificates on a host, besides the control plane itself. */
export interface Consumers {
  /** Copies of certificates outside kubeadm's places: in kubeconfigs, and in files of their own. */
  readonly copies: readonly CopiedCredential[];
  /** Units and their settings, scripts, cron jobs and static pods that name a kubeconfig or key pair of kubeadm's. */
  readonly users: readonly ConsumingFile[];
}

export interface CopiedCredential {
  readonly path: string;
  /** The user in a kubeconfig. */
  readonly user: string | undefined;
  readonly holding: Holding;
}

export interface ConsumingFile {
  readonly path: string;
  /** What it names; undefined if that could not be found out. */
  readonly uses?: readonly CredentialName[];
  readonly kind: 'static pod' | 'unit' | 'environment file' | 'script' | 'cron job';
}

/** Limit on kubeconfigs and certificates that are sent: users may put anything there, and the answer must stay readable. */
const MAX_BYTES = 131_072;
/** Maximum number of records of a file that name it. */
const TIMES_NAMED = 8;

/** The paths to search for. certificatesDir may have another name than pki. */
const NAMED =
  '/etc/kubernetes/(admin|super-admin|controller-manager|scheduler)[.]conf|/etc/kubernetes/[A-Za-z0-9_.-]+/(etcd/(healthcheck-client|peer|server)|apiserver[.](crt|key)|apiserver-etcd-client|apiserver-kubelet-client|front-proxy-client)';

const consumersFact: Fact<Record<string, never>, Consumers> = {
  name: 'consumers',
  summary: 'copies of renewed credentials, and what else uses them',
  ifTooLong: 'look for unusually many units, scripts and cron jobs that name files in /etc/kubernetes',
  probe: () => ({
    script: sh`${DUMP_FUNCTIONS}
${PRINT_ROOTFS}
IFS='
'
# Where kubeadm's directories are links to: what is there is no copy.
own=
for d in "$R"/etc/kubernetes "$R"/etc/kubernetes/* "$R"/etc/kubernetes/*/etcd; do
  [ ! -L "$d" ] || { [ ! -e "$d"/ca.crt ] && [ ! -e "$d"/pki ]; } || own="$own
-o
-path
$(cd -P "$d" && pwd)"
done
set -f
# Small files that are not too deep, in places that no package fills: where people and tools keep copies.
kept() {
  find "$R"/root "$R"/home "$R"/opt "$R"/srv "$R"/etc -xdev -maxdepth 3 \( -path "$R"/etc/kubernetes -o -path "$R"/etc/ssl -o -path "$R"/etc/pki -o -name cache -o -name .git -o -name node_modules $own \) -prune -o -type f -size -64k \( "$@" \) -print 2>/dev/null | head -n 2000
}
copies=$(grep -l client-certificate-data: $(kept -name '*.conf' -o -name '*.yaml' -o -name '*.yml' -o -name '*.json' -o -name '*config*' -o -path '*/.kube/*') /dev/null 2>/dev/null | head -n 200)
pems=$(grep -l -e '-----BEGIN CERTIFICATE-----' $(kept -name '*.crt' -o -name '*.pem' -o -name '*.cert') /dev/null 2>/dev/null | head -n 200)
set +f
for f in "$R"/var/lib/*/.kube/config; do
  [ ! -f "$f" ] || copies="$copies
$f"
done
set -f
# The smallest, as far as there is room for what is sent of them: their lines may grow, and their names are sent several times.
fitting() {
  wc -lc "$@" /dev/null 2>/dev/null | sed '$d' | awk '{ name = $0; sub(/^ *[0-9]+ +[0-9]+ +/, "", name); if (name != "/dev/null") print $2 + ${LINE_GROWTH} * $1 + ${TIMES_NAMED} * length(name) " " name }' |
    sort -n | awk -v room=${MAX_BYTES} '{ room -= $1; if (room < 0) exit; sub(/^[0-9]+ /, ""); print }'
}
copies=$(fitting $copies)
[ -z "$copies" ] || { states $copies; contents kind=kubeconfig $copies; }
pems=$(fitting $pems)
[ -z "$pems" ] || { states $pems; contents kind=certificate $pems; }
# uses KIND FILE...: these files, each with what it names, below kubeadm's directories. Of a binary file grep does not tell it.
uses() {
  kind=$1
  shift
  { printf '%s\n' "$@"; grep -oE ${NAMED} "$@" /dev/null 2>/dev/null; } | awk -v kind="$kind" -v count=$# '
    NR <= count { files[NR] = $0; next }
    match($0, /:\/etc\/kubernetes\/[^:]*$/) {
      file = substr($0, 1, RSTART - 1)
      name = substr($0, RSTART + length(":/etc/kubernetes/"))
      sub(/^[A-Za-z0-9_.-]*\//, "", name)
      if (!seen[file, name]++) names[file] = names[file] "\n=W " name
    }
    END { for (i = 1; i <= count; i++) print "=N " kind " " files[i] names[files[i]] }'
}
# named KIND FILE...: those of the files that name anything
named() (
  set -f
  kind=$1
  shift
  uses "$kind" $(grep -lE ${NAMED} "$@" /dev/null 2>/dev/null)
)
named script $(kept -name '*.sh' -o -name '*.py') $(find "$R"/usr/local/bin "$R"/usr/local/sbin -type f -size -64k 2>/dev/null)
set +f
${FIND_MANIFESTS}
named manifest $(for f in "$R$m"/*; do
  case \${f##*/} in etcd.yaml | kube-apiserver.yaml | kube-controller-manager.yaml | kube-scheduler.yaml) ;; *) printf '%s\n' "$f" ;; esac
done)
set -f
uses unit $(find "$R"/etc/systemd/system "$R"/usr/local/lib/systemd/system "$R"/usr/lib/systemd/system -type f -exec grep -lE ${NAMED} {} + 2>/dev/null)
set +f
named environment "$R"/etc/default/* "$R"/etc/sysconfig/*
named cron "$R"/etc/crontab "$R"/etc/cron.*/* "$R"/var/spool/cron/* "$R"/var/spool/cron/crontabs/* || :
`,
  }),
  parse({ stdout }) {
    const lines = stdout.split('\n');
    const rootfs = rootfsIn(lines);
    return { copies: copiesIn(lines, rootfs), users: usersIn(lines, rootfs) };
  },
};

export const consumers = factRef(consumersFact, {});

function copiesIn(lines: readonly string[], rootfs: string): readonly CopiedCredential[] {
  return [...parseDump(lines, rootfs)].flatMap(([path, { text, certificates }]): readonly CopiedCredential[] => {
    if (certificates !== '') return [{ path, user: undefined, holding: holdingOf(certificates) }];
    const read = text === undefined ? undefined : readKubeconfig(text);
    if (!read || 'unreadable' in read) return [];
    return read.users.map(({ name, holding }) => ({ path, user: name, holding }));
  });
}

const KINDS: ReadonlyMap<string, ConsumingFile['kind']> = new Map([
  ['manifest', 'static pod'],
  ['unit', 'unit'],
  ['environment', 'environment file'],
  ['script', 'script'],
  ['cron', 'cron job'],
]);

function usersIn(lines: readonly string[], rootfs: string): readonly ConsumingFile[] {
  return lines.flatMap((line, index): readonly ConsumingFile[] => {
    const match = /^=N (\w+) (.*)$/.exec(line);
    const kind = KINDS.get(match?.[1] ?? '');
    const path = match?.[2] ?? '';
    if (!kind) return [];
    const uses = namesFrom(lines, index + 1);
    return [
      {
        kind,
        path: rootfs !== '' && path.startsWith(`${rootfs}/`) ? path.slice(rootfs.length) : path,
        ...(uses.length > 0 && { uses }),
      },
    ];
  });
}

/** The credentials that the lines from here name: `=W admin.conf`, `=W etcd/peer`. */
function namesFrom(lines: readonly string[], from: number): readonly CredentialName[] {
  const end = lines.findIndex((line, index) => index >= from && !line.startsWith('=W '));
  const words = lines.slice(from, end < 0 ? undefined : end).map((line) => line.slice(3).replace(/[.](crt|key)$/, ''));
  return [
    ...PAIRS.map(({ name, base }) => ({ name, word: base })),
    ...KUBECONFIGS.map(({ name }) => ({ name, word: name })),
  ]
    .filter(({ word }) => words.includes(word))
    .map(({ name }) => name);
}
