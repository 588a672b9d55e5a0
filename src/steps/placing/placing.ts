import { baseName, directoryOf } from '../../core/host-path.ts';
import { joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import type { ClusterSettings } from '../../kubeadm/cluster/cluster-settings.ts';
import { CLIENT_PAIR, KUBELET_KUBECONFIG } from '../../kubeadm/host/kubelet-files.ts';
import type { Credential, KubeadmHost } from '../../kubeadm/host/model.ts';
import { asidePath } from '../../kubeadm/host/raw-files.ts';
import { oldPath } from '../../kubeadm/pattern.ts';
import { KPLAY_PEM } from '../../kubeadm/restarts/restart.ts';
import { kubeconfigSkeleton } from '../kubeconfig/kubeconfig-skeleton.ts';
import { byDirectory } from './by-directory.ts';
import { putKubeletConfBack } from './kubelet-back.ts';
import { type Attributes, attributesOf, attributeWords } from './place-functions.ts';
import { certificateIn, keyIn, stagedCertificate, stagedKey, stageFile } from './staging.ts';

/** A leaf in the stage, its place, and its owner's name. */
interface PlacedLeaf {
  readonly credential: Credential;
  readonly identity: { readonly commonName: string };
}

/**
 * Moves leaves from the stage to their places, with `placeFunctions` and `COMPOSE_FUNCTIONS`. `settings` are for kubeconfigs
 * that are written from scratch.
 */
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

/** The private key first: a certificate without its key is detected and renewed, and so is a key without its certificate. */
function placePairs(leaves: readonly PlacedLeaf[]): ShellScript {
  return placeTogether(
    leaves.flatMap(({ credential }) => {
      const { name, certificatePath, keyPath } = credential;
      return [
        { staged: keyIn(name), path: keyPath, ...ownState(credential, keyPath, '0600') },
        { staged: certificateIn(name), path: certificatePath, ...ownState(credential, certificatePath, '0644') },
      ];
    }),
  );
}

/** The old kubeconfigs with new certificates and keys; written from scratch if there is no readable one. */
function placeKubeconfigs(
  leaves: readonly PlacedLeaf[],
  host: KubeadmHost,
  settings: ClusterSettings | undefined,
): ShellScript {
  const puts = leaves.map(({ credential }): Placement => {
    const { certificatePath: path } = credential;
    return { staged: composedIn(path), path, ...ownState(credential, path, '0600') };
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
  const template = oldPath(credential);
  const lines = kubeconfig?.lines;
  const composed = lines
    ? sh`compose "$R"${template} ${lines.certificate} ${lines.key} "$S"/${composedIn(path)}`
    : sh`${stageFile('skeleton', kubeconfigSkeleton(credential, identity.commonName, host, settings))}
compose "$S"/skeleton "$(grep -n client-certificate-data: "$S"/skeleton | cut -d: -f1)" "$(grep -n client-key-data: "$S"/skeleton | cut -d: -f1)" "$S"/${composedIn(path)}`;
  return sh`encode ${stagedCertificate(name)} ${stagedKey(name)}
${composed}`;
}

/**
 * The kubelet's pair as its certificate store keeps it: one PEM named after its time, and a link to the current one. A
 * kubelet.conf that embedded the certificate refers to the link afterwards, so that rotation works again.
 */
function placeKubelet({ credential }: PlacedLeaf, host: KubeadmHost): ShellScript {
  const embedded = host.kubelet.kubeconfig?.method === 'embedded';
  const current = embedded ? CLIENT_PAIR : credential.certificatePath;
  const directory = directoryOf(current);
  const lines = host.kubelet.kubeconfig?.lines;
  const { aside } = host.kubelet;
  const conf = aside ? { ...aside, path: KUBELET_KUBECONFIG } : host.kubelet.file;
  const convert =
    embedded && lines && conf
      ? sh`awk -v certificate_line=${lines.certificate} -v key_line=${lines.key} -v path=${current} '
  NR == certificate_line { sub(/client-certificate-data:.*/, "client-certificate: "); print $0 path; next }
  NR == key_line { sub(/client-key-data:.*/, "client-key: "); print $0 path; next }
  { print }
' "$R"${conf.path} >"$S"/composed
${place(sh`"$S"/composed`, conf.path, attributesOf(conf, '0600'))}`
      : sh`:`;
  return sh`${putKubeletConfBack(host)}
p=${directory}/kubelet-client-"$(date -u +%Y-%m-%d-%H-%M-%S)"${KPLAY_PEM}
cat ${stagedCertificate(credential.name)} ${stagedKey(credential.name)} >"$S"/pair.pem
${place(sh`"$S"/pair.pem`, sh`"$p"`, ownState(credential, credential.certificatePath, '0600').attributes)}
relink "$R$p" ${current}
${convert}`;
}

interface Placement {
  /** Relative to the stage, as for `stageFile`. */
  readonly staged: string;
  readonly path: string;
  readonly attributes: Attributes;
  /** There was no file, so nothing was saved. */
  readonly isNew: boolean;
}

/** Moves files of the stage to their places, those of a directory together; separately if their names differ there. */
function placeTogether(puts: readonly Placement[]): ShellScript {
  const isNamed = ({ staged, path }: Placement): boolean => baseName(staged) === baseName(path);
  const alone = puts.filter((put) => !isNamed(put));
  const newPaths = puts.filter(({ isNew }) => isNew).map(({ path }) => path);
  return joinScripts([
    // A file that was not observed, for whatever reason, is in no backup. A container runtime may have created a directory in
    // its place.
    sh`for f in ${newPaths}; do
  [ ! -e "$R$f" ] || [ -d "$R$f" ] || { error "$f has appeared since the host was read: it is in no backup"; exit 1; }
done`,
    ...[...byDirectory(puts.filter(isNamed), ({ path }) => path)].map(([directory, all]) => placeInto(directory, all)),
    ...alone.map(({ staged, path, attributes: own }) => place(sh`"$S"/${staged}`, path, own)),
  ]);
}

function placeInto(directory: string, puts: readonly Placement[]): ShellScript {
  const staged = joinScripts(
    puts.map((put) => sh`"$S"/${put.staged}`),
    ' ',
  );
  const byAttributes = new Map<string, Placement[]>();
  for (const put of puts) {
    const key = attributeWords(put.attributes).join(' ');
    byAttributes.set(key, [...(byAttributes.get(key) ?? []), put]);
  }
  const dressed = [...byAttributes.values()].flatMap((same): readonly ShellScript[] => {
    const [first] = same;
    return first ? [sh`dress ${attributeWords(first.attributes)} ${same.map(relativeName)}`] : [];
  });
  return sh`beside ${directory} ${staged}
${joinScripts(dressed)}
put_in_place ${puts.map(relativeName)}`;
}

/** A name that is not mistaken for an option. */
function relativeName({ path }: Placement): string {
  return `./${baseName(path)}`;
}

function place(staged: ShellScript, path: string | ShellScript, own: Attributes): ShellScript {
  return sh`place ${staged} ${path} ${attributeWords(own)}`;
}

/** The attributes of the replaced file, in place or moved aside; kubeadm's own for a new file. */
function ownState(credential: Credential, path: string, mode: string): Pick<Placement, 'attributes' | 'isNew'> {
  const old =
    credential.files.find((file) => file.path === path) ??
    credential.aside?.files.find((file) => file.path === asidePath(path));
  // Of an empty file, such as kubelet makes for a pod that mounts one (FileOrCreate, 0644), the mode says nothing about a key.
  const like = old?.size === 0 ? { ...old, mode } : old;
  return { attributes: attributesOf(like, mode), isNew: old === undefined };
}
