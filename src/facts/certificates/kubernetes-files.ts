import { type Fact, FactError, factRef } from '../../core/fact.ts';
import type { Probe, ProbeOutput } from '../../core/probe.ts';
import { type ShellScript, sh } from '../../core/shell.ts';
import { interpretHost } from '../../kubeadm/host/interpret.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { ASIDE_DIRECTORY } from '../../kubeadm/host/raw-files.ts';
import { SNI_FLAG } from '../../kubeadm/host/static-pod.ts';
import {
  AUTHORITIES,
  DEFAULT_KUBELET_PKI,
  KUBELET_CONFIG,
  KUBELET_EXTRA_FLAGS,
  KUBELET_FLAGS,
  KUBERNETES_DIRECTORY,
  PAIRS,
  SERVICE_ACCOUNT_BASE,
} from '../../kubeadm/table.ts';
import { FIND_MANIFESTS } from '../static-pod-path.ts';
import { DUMP_FUNCTIONS, INSTALL_STAT, PRINT_ROOTFS, parseDump, rootfsIn } from './file-dump.ts';

const BASES = [...AUTHORITIES, ...PAIRS].map(({ base }) => base).concat(SERVICE_ACCOUNT_BASE);

/** Without their states it would look as if there were no files, and the host would be none of a cluster's. */
const NO_STATES = 'the host has files of Kubernetes, and its stat does not tell their modes, owners and times';

/**
 * A separate word after a flag is the next entry of the list, usually on the next line. `sni`: the flag with several pairs of files in a value.
 */
const FLAGS_AWK = `
{ sub(/\\r$/, "") }
{
  line = $0
  if (behind) { sub(/^[ -]*["\\047]?/, "", line); line = sni "=" line }
  behind = $0 ~ ("^[ -]*[\\"\\047]?" sni "[\\"\\047]? *$")
  while (match(line, sni "[=\\"\\047, ]+/[^]\\"\\047 ]*")) {
    value = substr(line, RSTART + length(sni), RLENGTH - length(sni))
    line = substr(line, RSTART + RLENGTH)
    sub(/^[^\\/]*/, "", value)
    count = split(value, pair, ";")
    for (i = 1; i <= count; i++) if (pair[i] ~ /^\\//) { sub(/,.*/, "", pair[i]); print substr(sni, 3) "=" pair[i] }
  }
}
{
  gsub(/["\\047,\\[\\]]/, " ")
  count = split($0, word, " ")
  for (i = 1; i <= count; i++) {
    if (word[i] ~ /^--[a-z-]+=\\//) print substr(word[i], 3)
    else if (flag != "" && word[i] ~ /^\\//) print flag "=" word[i]
    if (word[i] ~ /^--[a-z-]+$/) flag = substr(word[i], 3)
    else if (word[i] != "-") flag = ""
  }
}`;

/**
 * Everything that kubeadm and kubelet keep on a host: certificates, the public halves of keys, kubeconfigs without their
 * secrets, static pod manifests; also files elsewhere that manifests or kubelet.conf name.
 */
const kubernetesFilesFact: Fact<Record<string, never>, KubeadmHost> = {
  name: 'kubernetes_files',
  summary: 'certificates, kubeconfigs and static pod manifests',
  ifTooLong:
    'look for unusually large or many files below /etc/kubernetes and /var/lib/kubelet/pki, and among those that manifests name',
  probe: probeFiles,
  parse(output: ProbeOutput): KubeadmHost {
    const lines = output.stdout.split('\n');
    const value = (name: string): string => lines.find((line) => line.startsWith(`=${name} `))?.slice(3) ?? '';
    const rootfs = rootfsIn(lines);
    const files = parseDump(lines, rootfs);
    if (files.size === 0 && lines.some((line) => /^=[SCTK] /.test(line))) throw new FactError(NO_STATES, INSTALL_STAT);
    const manifestsDirectory = value('M') || `${KUBERNETES_DIRECTORY}/manifests`;
    const user = value('N');
    const paths = (name: string): readonly string[] =>
      lines.filter((line) => line.startsWith(`=${name} `)).map((line) => line.slice(3 + rootfs.length));
    const odd = new Set(paths('O'));
    const closed = paths('W');
    const realDirectory = value('P');
    const raw = { manifestsDirectory, ...(realDirectory !== '' && { realDirectory }), files, odd, closed };
    if (user === '') return interpretHost(raw);
    const hidden = { user, files: new Set(paths('X')), directories: paths('D') };
    return interpretHost({ ...raw, hidden });
  },
};

export const kubernetesFiles = factRef(kubernetesFilesFact, {});

/** What is always at the same places: `$kubeconfigs`, `$directories`, `$manifests`, `$texts`, a path a line. */
const FIND_FIXED_PLACES: ShellScript = sh`# Only files are read: from a named pipe nothing may ever come, from a device no end.
kubeconfigs= directories= manifests= texts=
# odd PATH: tells what is no file. An empty directory, which a container runtime makes where a file is mounted that is away, counts as nothing.
odd() { [ ! -e "$1" ] || { [ -d "$1" ] && [ -z "$(ls -A "$1" 2>/dev/null)" ]; } || printf '=O %s\n' "$1"; }
for f in "$k"/*.conf; do if [ -f "$f" ]; then kubeconfigs="$kubeconfigs
$f"; else odd "$f"; fi; done
for f in "$k" "$k"/pki "$k"/pki/etcd "$R$m" "$R"${DEFAULT_KUBELET_PKI}; do
  [ -d "$f" ] || continue
  directories="$directories
$f"
  # Nor can root write on a read-only file system, or in a directory that is immutable.
  [ -w "$f" ] || printf '=W %s\n' "$f"
done
for f in "$R$m"/* "$R"${ASIDE_DIRECTORY}"$m"/*; do [ ! -f "$f" ] || manifests="$manifests
$f"; done
for f in ${KUBELET_CONFIG} ${KUBELET_FLAGS} ${KUBELET_EXTRA_FLAGS}; do f=$R$f; [ ! -f "$f" ] || texts="$texts
$f"; done`;

/** Functions that print paths of certificates, keys and kubeconfigs, a path a line; not all of them exist. */
const CANDIDATE_FUNCTIONS: ShellScript = sh`# kubelet keeps each pair that it has ever had, under its time. The one in use is found by its link, or by what kubelet.conf names.
listed() {
  find "$k"/pki/ "$R"${ASIDE_DIRECTORY}/ "$R"/var/lib/kubelet/pki/ \( -name '*.crt' -o -name '*.key' -o -name '*.pem' -o -name '*.pub' -o -path "$R"${ASIDE_DIRECTORY}'/*.conf' \) ! \( -path "$R"'/var/lib/kubelet/pki/*' \( -name 'kubelet-client-[0-9]*.pem' -o -name 'kubelet-server-[0-9]*.pem' \) \) 2>/dev/null | sed 's|//*|/|g' | head -n 1000
}
# Files that manifests, kubeconfigs and kubelet's configuration name, wherever they are.
named() {
  {
    printf '%s\n' "$paths"
    sed -n 's/^[ -]*certificate-authority: *"*\(\/[^ "]*\)"* *$/=\1/p;s/^ *clientCAFile: *"*\(\/[^ "]*\)"* *$/=\1/p' $kubeconfigs $texts 2>/dev/null </dev/null
  } | awk -v root="$R" '{ sub(/\r$/, "") } /^=/ || /[.](crt|key|pem|pub)$/ || /^([a-z-]*-)?(cert|key|ca)(-?file)?=/ || /-certificate=/ { sub(/^[^=]*=/, ""); print root $0 }'
  # Without a slash before them they are told from where the kubeconfigs are. Quotes and what follows the path are none of it.
  cat $kubeconfigs 2>/dev/null </dev/null | awk -v root="$R" -v here=${KUBERNETES_DIRECTORY} '/^[ -]*client-(certificate|key):/ {
    sub(/^[ -]*client-(certificate|key): */, "")
    sub(/\r$/, "")
    if (!sub(/^["\047]/, "")) sub(/ +#.*$/, "")
    sub(/["\047]? *$/, "")
    print root ($0 ~ /^\// ? $0 : here "/" $0)
  }'
}
# What is in certificatesDir, wherever that is: CA keys and the pair of a client of etcd are named by no manifest.
tabled() {
  printf '%s\n' "$paths" | awk -v root="$R" -v bases=${BASES.join(' ')} '
    /^(client-ca-file|tls-cert-file|root-ca-file)=\/.*\// {
      sub(/^[^=]*=/, "")
      sub(/\/[^\/]*$/, "")
      if (seen[$0]++) next
      count = split(bases, base, " ")
      for (i = 1; i <= count; i++) print root $0 "/" base[i] ".crt\n" root $0 "/" base[i] ".key\n" root $0 "/" base[i] ".pub"
    }'
}`;

/** What exists of these, by kind: `$certificates`, `$keys`, `$public`, `$pems` (any of these), and more `$kubeconfigs`. */
const SORT_BY_KIND: ShellScript = sh`for f in $({ listed; tabled; named; } | sort -u); do
  [ -f "$f" ] || { odd "$f"; continue; }
  case $f in
    *.crt) certificates="$certificates
$f" ;;
    *.key) keys="$keys
$f" ;;
    *.pub) public="$public
$f" ;;
    *.conf) kubeconfigs="$kubeconfigs
$f" ;;
    *) pems="$pems
$f" ;;
  esac
done`;

/** What of all these the user may not read, or not write. */
const TELL_NO_ACCESS: ShellScript = sh`# What this user may not read is told, and who that is: it is not to be taken for missing.
hidden=
for f in $certificates $keys $pems $public $kubeconfigs $texts; do
  # A run may have moved it meanwhile.
  [ -f "$f" ] || continue
  [ -r "$f" ] || { hidden=1; printf '=X %s\n' "$f"; }
  # What root may not write is immutable.
  [ -w "$f" ] || printf '=W %s\n' "$f"
done
for d in "$k" "$k"/pki "$k"/pki/etcd "$R$m" "$R"${ASIDE_DIRECTORY} "$R"/var/lib/kubelet "$R"/var/lib/kubelet/pki; do
  [ ! -d "$d" ] || { [ -r "$d" ] && [ -x "$d" ]; } || { hidden=1; printf '=D %s\n' "$d"; }
done
[ -z "$hidden" ] || printf '=N %s\n' "$(id -un 2>/dev/null || id -u)"`;

/**
 * Beside the lines of a dump (`file-dump`) the answer has these, with a path each:
 * `=M` the directory of the manifests, `=P` where /etc/kubernetes leads if it is a link, `=O` what is no file although its place is one's,
 * `=W` what the user cannot write, `=X` a file and `=D` a directory that the user may not read; and `=N`, with the name of that user.
 */
function probeFiles(): Probe {
  return {
    script: sh`${DUMP_FUNCTIONS}
k="$R"${KUBERNETES_DIRECTORY}
${FIND_MANIFESTS}
${PRINT_ROOTFS}
printf '=M %s\n' "$m"
# The volumes of manifests may name where a link in the place of the directory leads.
top=$(cd -P "$R/" && pwd -P) real=$(cd -P "$k" 2>/dev/null && pwd -P)
case $real in "\${top%/}"${KUBERNETES_DIRECTORY}) ;; "\${top%/}"/*) printf '=P %s\n' "\${real#"\${top%/}"}" ;; esac
${FIND_FIXED_PLACES}
IFS='
'
set -f
# FLAG=PATH of all flags with paths, in whatever form of YAML they stand, the value behind a sign or in a word of its own.
paths=$(sed -n p $manifests 2>/dev/null </dev/null | awk -v sni=${SNI_FLAG} ${FLAGS_AWK})
texts="$manifests$texts"
certificates= keys= pems= public=
${CANDIDATE_FUNCTIONS}
${SORT_BY_KIND}
${TELL_NO_ACCESS}
states $certificates $keys $pems $public $kubeconfigs $texts $directories
halves $keys $pems $kubeconfigs
contents kind=certificate $certificates $pems kind=kubeconfig $kubeconfigs kind=text $texts
`,
  };
}
