import { type Fact, factRef } from '../core/fact.ts';
import type { Probe, ProbeOutput } from '../core/probe.ts';
import { sh } from '../core/shell.ts';
import { interpretHost } from '../kubeadm/interpret.ts';
import type { KubeadmHost } from '../kubeadm/model.ts';
import { ASIDE_DIRECTORY } from '../kubeadm/raw-files.ts';
import {
  AUTHORITIES,
  KUBELET_CONFIG,
  KUBELET_FLAGS,
  KUBERNETES_DIRECTORY,
  PAIRS,
  SERVICE_ACCOUNT_BASE,
} from '../kubeadm/table.ts';
import { DUMP_FUNCTIONS, parseDump } from './file-dump.ts';

const BASES = [...AUTHORITIES, ...PAIRS].map(({ base }) => base).concat(SERVICE_ACCOUNT_BASE);

/**
 * Everything that kubeadm and kubelet keep on a host: certificates, the public halves of keys, kubeconfigs without their
 * secrets, static pod manifests. Files that manifests or kubelet.conf name elsewhere are read as well.
 */
const kubernetesFilesFact: Fact<Record<string, never>, KubeadmHost> = {
  name: 'kubernetes_files',
  summary: 'certificates, kubeconfigs and static pod manifests',
  probe: probeFiles,
  parse(output: ProbeOutput): KubeadmHost {
    const lines = output.stdout.split('\n');
    const value = (name: string): string => lines.find((line) => line.startsWith(`=${name} `))?.slice(3) ?? '';
    const files = parseDump(lines, value('R'));
    return interpretHost({ manifestsDirectory: value('M') || `${KUBERNETES_DIRECTORY}/manifests`, files });
  },
};

export const kubernetesFiles = factRef(kubernetesFilesFact, {});

function probeFiles(): Probe {
  return {
    script: sh`${DUMP_FUNCTIONS}
k="$R"${KUBERNETES_DIRECTORY}
m=$(sed -n 's/^staticPodPath: *//p' "$R"${KUBELET_CONFIG} 2>/dev/null | head -n 1)
m=$(printf %s "$m" | tr -d '"')
m="\${m:-${KUBERNETES_DIRECTORY}/manifests}"
printf '=R %s\n=M %s\n' "$R" "$m"
paths=$(sed -n 's/.*--\([a-z-]*=\/[^", ]*\).*/\1/p' "$R$m"/* "$R"${ASIDE_DIRECTORY}"$m"/* 2>/dev/null)
# Files that manifests and kubelet.conf name, wherever they are.
named() {
  {
    printf '%s\n' "$paths" | sed 's/^[^=]*=//'
    sed -n 's/^[ -]*client-certificate: *\(\/[^ ]*\) *$/\1/p;s/^[ -]*client-key: *\(\/[^ ]*\) *$/\1/p' "$k"/kubelet.conf 2>/dev/null
  } | grep -E "$1" | sed "s|^|$R|"
}
# What is in certificatesDir, wherever that is: CA keys and the pair of a client of etcd are named by no manifest.
tabled() {
  for flag in client-ca-file tls-cert-file root-ca-file; do
    printf '%s\n' "$paths" | sed -n "s|^$flag=\(/.*\)/.*|\1|p"
  done | sort -u | while IFS= read -r d; do
    for b in ${BASES}; do printf '%s\n' "$R$d/$b$1"; done
  done
}
listed() { find "$k"/pki/ "$R"${ASIDE_DIRECTORY}/ "$R"/var/lib/kubelet/pki/ -name "$1" 2>/dev/null | sed 's|//*|/|g' | head -n 300; }
listed_aside() { find "$R"${ASIDE_DIRECTORY}/ -name '*.conf' 2>/dev/null | sed 's|//*|/|g'; }
existing() { sort -u | while IFS= read -r f; do [ ! -f "$f" ] || printf '%s\n' "$f"; done; }
IFS='
'
set -f
dump certificate $({ listed '*.crt'; tabled .crt; named '[.]crt$'; } | existing)
dump key $({ listed '*.key'; tabled .key; named '[.]key$'; } | existing)
dump pem $({ listed '*.pem'; named '[.]pem$'; } | existing)
dump digest $({ listed '*.pub'; tabled .pub; named '[.]pub$'; } | existing)
aside=$(listed_aside)
set +f
dump kubeconfig $(printf '%s\n' "$k"/*.conf $aside | existing)
dump text $(printf '%s\n' "$R$m"/* "$R"${ASIDE_DIRECTORY}"$m"/* "$R"${KUBELET_CONFIG} "$R"${KUBELET_FLAGS} | existing)
`,
  };
}
