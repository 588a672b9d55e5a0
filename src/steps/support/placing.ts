import { stringify } from 'yaml';
import { baseName, directoryOf } from '../../core/host-path.ts';
import { joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import type { WriteContext } from '../../core/step.ts';
import type { ClusterSettings } from '../../kubeadm/cluster-settings.ts';
import type { HomeEntry } from '../../kubeadm/home.ts';
import type { Credential, FileState, KubeadmHost } from '../../kubeadm/model.ts';
import { asidePath } from '../../kubeadm/raw-files.ts';
import { KPLAY_PEM } from '../../kubeadm/restart.ts';
import { DEFAULT_KUBELET_PKI, KUBECONFIGS } from '../../kubeadm/table.ts';
import { parseVersion } from '../../kubeadm/version.ts';
import { certificatePem } from '../../pki/certificate.ts';
import { byDirectory } from './by-directory.ts';
import {
  certificateIn,
  EMBEDDED,
  enterStage,
  keyIn,
  patternPath,
  stagedCertificate,
  stagedKey,
  stageFile,
} from './staging.ts';

/**
 * How staged leaves get to their places: files are copied beside their targets with the targets' owner, mode and label, and
 * renamed over them, so that no reader ever sees half a file. What goes into one directory does so together: few programs
 * are started, and nothing is replaced when there is no room for all of it.
 */
export const PLACE_FUNCTIONS: ShellScript = sh`# A container that starts while a file that it mounts is away gets an empty directory in its place, made by its runtime.
vacate() {
  [ -d "$1" ] && [ ! -L "$1" ] || return 0
  rm -f "$1"/.kplay-new-*
  rmdir "$1"
}
me=$(id -u)
# dress MODE UID GID LABEL FILE...: what copies are to be like, before they have their names.
dress() {
  mode=$1 owner=$2:$3 label=$4
  shift 4
  chmod "$mode" "$@"
  [ "$me" != 0 ] || chown "$owner" "$@"
  if [ "$label" != - ]; then chcon "$label" "$@"
  elif [ -d /sys/fs/selinux ] && tool restorecon >/dev/null; then restorecon "$@" || :
  fi
}
# place STAGED PATH MODE UID GID LABEL: one file.
place() {
  t="$R$2"
  n="\${t%/*}/.kplay-new-\${t##*/}"
  [ -d "\${t%/*}" ] || mkdir -p "\${t%/*}"
  cp "$1" "$n" || { rm -f "$n"; return 1; }
  dress "$3" "$4" "$5" "$6" "$n"
  vacate "$t" && mv -f "$n" "$t"
}
# beside DIRECTORY STAGED...: enters a directory there, with copies that have the names which they are to have.
beside() {
  n="$R$1"/.kplay-new
  shift
  rm -rf "$n"
  mkdir -p "$n"
  cp "$@" "$n" || { rm -rf "$n"; return 1; }
  cd "$n"
}
# settle NAME...: gives the copies their places, in this order.
settle() {
  for name; do vacate "../$name"; done
  mv -f "$@" ..
  cd "$S"
  rmdir "$n"
}
# relink TARGET LINK: -f, for an attempt that was cut short may have left the new link.
relink() { ln -sf "$R$1" "$R$2.kplay-new" && mv -f "$R$2.kplay-new" "$R$2"; }
# compose TEMPLATE CERTIFICATE_LINE KEY_LINE OUT: puts "$S"/c and "$S"/k, both base64 in any number of lines, into a kubeconfig.
compose() {
  awk -v certificate_line="$2" -v key_line="$3" -v certificate_file="$S/c" -v key_file="$S/k" '
    function joined(file,  line, all) { while ((getline line <file) > 0) all = all line; return all }
    BEGIN { certificate = joined(certificate_file); key = joined(key_file) }
    NR == certificate_line { if (!sub(/client-certificate(-data)?:.*/, "client-certificate-data: ")) exit 3; print $0 certificate; next }
    NR == key_line { if (!sub(/client-key(-data)?:.*/, "client-key-data: ")) exit 3; print $0 key; next }
    { print }
  ' "$1" >"$4"
}
encode() {
  base64 <"$1" >"$S/c"
  base64 <"$2" >"$S/k"
}
${EMBEDDED}
unchanged() { echo "$2  $R$1" | sha256sum -c - >/dev/null 2>&1 || { echo "$1 has changed since it was looked at" >&2; exit 1; }; }
`;

/** What is in the stage, where it belongs, and whose it is. */
export interface PlacedLeaf {
  readonly credential: Credential;
  readonly identity: { readonly commonName: string };
}

/** Takes leaves from the stage to their places. `settings` are for kubeconfigs that are written from scratch. */
export function placeLeaves(
  leaves: readonly PlacedLeaf[],
  host: KubeadmHost,
  settings: ClusterSettings | undefined,
): ShellScript {
  const of = (kind: Credential['kind']) => leaves.filter(({ credential }) => credential.kind === kind);
  return joinScripts([
    placePairs(of('pair')),
    placeKubeconfigs(of('kubeconfig'), host, settings),
    ...of('kubelet').map((leaf) => placeKubelet(leaf, host)),
  ]);
}

/** Private key first: a certificate without its key is found and made again, a key without its certificate as well. */
function placePairs(leaves: readonly PlacedLeaf[]): ShellScript {
  return placeTogether(
    leaves.flatMap(({ credential }) => {
      const { name, certificatePath, keyPath } = credential;
      return [
        { staged: keyIn(name), path: keyPath, attributes: attributesOf(credential, keyPath, '0600') },
        {
          staged: certificateIn(name),
          path: certificatePath,
          attributes: attributesOf(credential, certificatePath, '0644'),
        },
      ];
    }),
  );
}

/** The old kubeconfigs with other certificates and keys in them; one from scratch where there is none to be read. */
function placeKubeconfigs(
  leaves: readonly PlacedLeaf[],
  host: KubeadmHost,
  settings: ClusterSettings | undefined,
): ShellScript {
  const puts = leaves.map(({ credential }): Put => {
    const { certificatePath: path } = credential;
    return { staged: composedIn(path), path, attributes: attributesOf(credential, path, '0600') };
  });
  return sh`${joinScripts(leaves.map((leaf) => composeKubeconfig(leaf, host, settings)))}
${placeTogether(puts)}`;
}

function composedIn(path: string): string {
  return `new/${baseName(path)}`;
}

function composeKubeconfig(
  { credential, identity }: PlacedLeaf,
  host: KubeadmHost,
  settings: ClusterSettings | undefined,
): ShellScript {
  const { name, certificatePath: path, kubeconfig } = credential;
  const template = patternPath(credential);
  const lines = kubeconfig?.lines;
  const composed = lines
    ? sh`compose "$R"${template} ${lines.certificate} ${lines.key} "$S"/${composedIn(path)}`
    : sh`${stageFile('skeleton', skeleton(credential, identity.commonName, host, settings))}
compose "$S"/skeleton "$(grep -n client-certificate-data: "$S"/skeleton | cut -d: -f1)" "$(grep -n client-key-data: "$S"/skeleton | cut -d: -f1)" "$S"/${composedIn(path)}`;
  return sh`encode ${stagedCertificate(name)} ${stagedKey(name)}
${composed}`;
}

/**
 * The kubelet's pair as its certificate store keeps it: one PEM named after its time, and a link that names the current one.
 * A kubelet.conf that held the certificate itself refers to the link afterwards, so that rotation works again.
 */
function placeKubelet({ credential }: PlacedLeaf, host: KubeadmHost): ShellScript {
  const embedded = host.kubelet.kubeconfig?.method === 'embedded';
  const current = embedded ? `${DEFAULT_KUBELET_PKI}/kubelet-client-current.pem` : credential.certificatePath;
  const directory = directoryOf(current);
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
embedded "$R"${path} "$S/c" "$S/k"
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

interface Put {
  /** As `stageFile` takes it. */
  readonly staged: string;
  readonly path: string;
  readonly attributes: Attributes;
}

/** Files of the stage to their places, those of a directory together; each by itself that has another name there. */
function placeTogether(puts: readonly Put[]): ShellScript {
  const isNamed = ({ staged, path }: Put): boolean => baseName(staged) === baseName(path);
  const alone = puts.filter((put) => !isNamed(put));
  return joinScripts([
    ...[...byDirectory(puts.filter(isNamed), ({ path }) => path)].map(([directory, all]) => placeInto(directory, all)),
    ...alone.map(({ staged, path, attributes: own }) => place(sh`"$S"/${staged}`, path, own)),
  ]);
}

function placeInto(directory: string, puts: readonly Put[]): ShellScript {
  const staged = joinScripts(
    puts.map((put) => sh`"$S"/${put.staged}`),
    ' ',
  );
  const alike = new Map<string, Put[]>();
  for (const put of puts) {
    const key = words(put.attributes).join(' ');
    alike.set(key, [...(alike.get(key) ?? []), put]);
  }
  const dressed = [...alike.values()].flatMap((same): readonly ShellScript[] => {
    const [first] = same;
    return first ? [sh`dress ${words(first.attributes)} ${same.map(({ path }) => baseName(path))}`] : [];
  });
  return sh`beside ${directory} ${staged}
${joinScripts(dressed)}
settle ${puts.map(({ path }) => baseName(path))}`;
}

function words({ mode, uid, gid, label }: Attributes): readonly (string | number)[] {
  return [mode, uid, gid, label];
}

function place(staged: ShellScript, path: string | ShellScript, own: Attributes): ShellScript {
  return sh`place ${staged} ${path} ${words(own)}`;
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
