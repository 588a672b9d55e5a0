import { stringify } from 'yaml';
import { joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import type { WriteContext } from '../../core/step.ts';
import type { ClusterSettings } from '../../kubeadm/cluster-settings.ts';
import type { HomeEntry } from '../../kubeadm/home.ts';
import type { LeafOrder } from '../../kubeadm/leaf-order.ts';
import type { Credential, FileState, KubeadmHost } from '../../kubeadm/model.ts';
import { asidePath } from '../../kubeadm/raw-files.ts';
import { KPLAY_PEM } from '../../kubeadm/restart.ts';
import { DEFAULT_KUBELET_PKI, KUBECONFIGS } from '../../kubeadm/table.ts';
import { parseVersion } from '../../kubeadm/version.ts';
import { certificatePem } from '../../pki/certificate.ts';
import { enterStage, stagedCertificate, stagedKey, stageFile } from './staging.ts';

/**
 * How staged leaves get to their places: each file is copied beside its target with the target's owner, mode and label, and
 * renamed over it, so that no reader ever sees half a file.
 */
export const PLACE_FUNCTIONS: ShellScript = sh`# A container that starts while a file that it mounts is away gets an empty directory in its place, made by its runtime.
vacate() {
  [ -d "$1" ] && [ ! -L "$1" ] || return 0
  rm -f "$1"/.kplay-new-*
  rmdir "$1"
}
me=$(id -u)
place() {
  t="$R$2"
  n="\${t%/*}/.kplay-new-\${t##*/}"
  [ -d "\${t%/*}" ] || mkdir -p "\${t%/*}"
  cp "$1" "$n" || { rm -f "$n"; return 1; }
  chmod "$3" "$n"
  [ "$me" != 0 ] || chown "$4:$5" "$n"
  if [ "$6" != - ]; then chcon "$6" "$n"
  elif [ -d /sys/fs/selinux ] && tool restorecon >/dev/null; then restorecon "$n" || :
  fi
  vacate "$t" && mv -f "$n" "$t"
}
# relink TARGET LINK: -f, for an attempt that was cut short may have left the new link.
relink() { ln -sf "$R$1" "$R$2.kplay-new" && mv -f "$R$2.kplay-new" "$R$2"; }
# compose TEMPLATE CERTIFICATE_LINE KEY_LINE OUT: puts "$S"/c and "$S"/k, both base64, into a kubeconfig.
compose() {
  awk -v certificate_line="$2" -v key_line="$3" -v certificate_file="$S/c" -v key_file="$S/k" '
    BEGIN { getline certificate <certificate_file; getline key <key_file }
    NR == certificate_line { if (!sub(/client-certificate(-data)?:.*/, "client-certificate-data: ")) exit 3; print $0 certificate; next }
    NR == key_line { if (!sub(/client-key(-data)?:.*/, "client-key-data: ")) exit 3; print $0 key; next }
    { print }
  ' "$1" >"$4"
}
encode() {
  base64 <"$1" | tr -d '\n' >"$S/c"
  base64 <"$2" | tr -d '\n' >"$S/k"
}
unchanged() { echo "$2  $R$1" | sha256sum -c - >/dev/null 2>&1 || { echo "$1 has changed since it was looked at" >&2; exit 1; }; }
`;

/** What is in the stage, and where it belongs. */
type PlacedLeaf = Pick<LeafOrder, 'credential'>;

/** Private key first: a certificate without its key is found and made again, a key without its certificate as well. */
export function placePair({ credential }: PlacedLeaf): ShellScript {
  const { name, certificatePath, keyPath } = credential;
  return sh`${place(stagedKey(name), keyPath, attributesOf(credential, keyPath, '0600'))}
${place(stagedCertificate(name), certificatePath, attributesOf(credential, certificatePath, '0644'))}`;
}

/** The old kubeconfig with another certificate and key in it; one from scratch where there is none to be read. */
export function placeKubeconfig(
  { credential, identity }: PlacedLeaf & { readonly identity: { readonly commonName: string } },
  host: KubeadmHost,
  settings: ClusterSettings | undefined,
): ShellScript {
  const { name, certificatePath: path, kubeconfig } = credential;
  const template = credential.files.some((file) => file.path === path) ? path : asidePath(path);
  const lines = kubeconfig?.lines;
  const composed = lines
    ? sh`compose "$R"${template} ${lines.certificate} ${lines.key} "$S"/composed`
    : sh`${stageFile('skeleton', skeleton(credential, identity.commonName, host, settings))}
compose "$S"/skeleton "$(grep -n client-certificate-data: "$S"/skeleton | cut -d: -f1)" "$(grep -n client-key-data: "$S"/skeleton | cut -d: -f1)" "$S"/composed`;
  return sh`encode ${stagedCertificate(name)} ${stagedKey(name)}
${composed}
${place(sh`"$S"/composed`, path, attributesOf(credential, path, '0600'))}`;
}

/**
 * The kubelet's pair as its certificate store keeps it: one PEM named after its time, and a link that names the current one.
 * A kubelet.conf that held the certificate itself refers to the link afterwards, so that rotation works again.
 */
export function placeKubelet({ credential }: PlacedLeaf, host: KubeadmHost): ShellScript {
  const embedded = host.kubelet.kubeconfig?.method === 'embedded';
  const current = embedded ? `${DEFAULT_KUBELET_PKI}/kubelet-client-current.pem` : credential.certificatePath;
  const directory = current.slice(0, current.lastIndexOf('/'));
  const lines = host.kubelet.kubeconfig?.lines;
  const conf = host.kubelet.file;
  const convert =
    embedded && lines && conf
      ? sh`awk -v certificate_line=${lines.certificate} -v key_line=${lines.key} -v path=${current} '
  NR == certificate_line { sub(/client-certificate-data:.*/, "client-certificate: "); print $0 path; next }
  NR == key_line { sub(/client-key-data:.*/, "client-key: "); print $0 path; next }
  { print }
' "$R"${conf.path} >"$S"/composed
${place(sh`"$S"/composed`, conf.path, attributes(conf, '0600'))}`
      : sh`:`;
  return sh`p=${directory}/kubelet-client-"$(date -u +%Y-%m-%d-%H-%M-%S)"${KPLAY_PEM}
cat ${stagedCertificate(credential.name)} ${stagedKey(credential.name)} >"$S"/pair.pem
${place(sh`"$S"/pair.pem`, sh`"$p"`, attributesOf(credential, credential.certificatePath, '0600'))}
relink "$p" ${current}
${convert}`;
}

/** Certificate and key of an entry in a user's kubeconfig replaced by those of its original; all else stays as it is. */
export function placeHome({ home, entry, source }: HomeEntry): ShellScript {
  if (!entry.lines) return sh`:`;
  const { path } = source.files[0] ?? { path: source.certificatePath };
  return sh`unchanged ${home.path} ${home.file.sha256}
sed -n 's/^[ -]*client-certificate-data: *//p' "$R"${path} | tr -d '"\n' >"$S/c"
sed -n 's/^[ -]*client-key-data: *//p' "$R"${path} | tr -d '"\n' >"$S/k"
compose "$R"${home.path} ${entry.lines.certificate} ${entry.lines.key} "$S"/composed
${place(sh`"$S"/composed`, home.path, attributes(home.file, '0600'))}`;
}

/** Users' copies alone, when their original is as it should be already. */
export async function placeHomes(context: WriteContext, entries: readonly HomeEntry[]): Promise<void> {
  await context.run(sh`set -eu
${enterStage()}
rm -rf "$S"
mkdir "$S"
${PLACE_FUNCTIONS}
${joinScripts(entries.map(placeHome))}
rm -rf "$S"
`);
}

interface Attributes {
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly label: string;
}

function place(staged: ShellScript, path: string | ShellScript, { mode, uid, gid, label }: Attributes): ShellScript {
  return sh`place ${staged} ${path} ${mode} ${uid} ${gid} ${label}`;
}

/** Owner, mode and label of the file that is replaced, in place or moved aside; kubeadm's own for a file that never was. */
function attributesOf(credential: Credential, path: string, mode: string): Attributes {
  const old =
    credential.files.find((file) => file.path === path) ??
    credential.aside?.files.find((file) => file.path === asidePath(path));
  return attributes(old, mode);
}

function attributes(file: FileState | undefined, mode: string): Attributes {
  return { mode: file?.mode ?? mode, uid: file?.uid ?? 0, gid: file?.gid ?? 0, label: file?.label ?? '-' };
}

/** From 1.20 on these two speak to the API server of their own host (kubernetes/kubernetes#94398). */
const LOCAL_ENDPOINT_MINOR = 20;

function skeleton({ name }: Credential, commonName: string, host: KubeadmHost, settings?: ClusterSettings): string {
  if (!settings) throw new Error(`${name} cannot be written without the settings of its cluster`);
  const authority = host.authorities.find((candidate) => candidate.name === 'ca');
  const bundle = (authority?.bundle ?? []).map(certificatePem).join('');
  const readBy = KUBECONFIGS.find((row) => row.name === name)?.readBy;
  const minor = parseVersion(settings.kubernetesVersion)?.minor ?? LOCAL_ENDPOINT_MINOR;
  const address = settings.advertiseAddress.includes(':')
    ? `[${settings.advertiseAddress}]`
    : settings.advertiseAddress;
  const local = `${address}:${settings.bindPort}`;
  const endpoint = readBy && minor >= LOCAL_ENDPOINT_MINOR ? local : (settings.controlPlaneEndpoint ?? local);
  const cluster = settings.clusterName ?? 'kubernetes';
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          cluster: {
            'certificate-authority-data': Buffer.from(bundle).toString('base64'),
            server: `https://${endpoint}`,
          },
          name: cluster,
        },
      ],
      contexts: [{ context: { cluster, user: commonName }, name: `${commonName}@${cluster}` }],
      'current-context': `${commonName}@${cluster}`,
      preferences: {},
      users: [{ name: commonName, user: { 'client-certificate-data': 'x', 'client-key-data': 'x' } }],
    },
    { lineWidth: 0 },
  );
}
