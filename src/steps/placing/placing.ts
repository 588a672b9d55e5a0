import { baseName, directoryOf } from '../../core/host-path.ts';
import { joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import type { ClusterSettings } from '../../kubeadm/cluster/cluster-settings.ts';
import type { Credential, KubeadmHost } from '../../kubeadm/host/model.ts';
import { asidePath } from '../../kubeadm/host/raw-files.ts';
import { oldPath } from '../../kubeadm/pattern.ts';
import { KPLAY_PEM } from '../../kubeadm/restarts/restart.ts';
import { DEFAULT_KUBELET_PKI } from '../../kubeadm/table.ts';
import { kubeconfigSkeleton } from '../kubeconfig/kubeconfig-skeleton.ts';
import { byDirectory } from './by-directory.ts';
import { type Attributes, attributesOf, attributeWords } from './place-functions.ts';
import { certificateIn, keyIn, stagedCertificate, stagedKey, stageFile } from './staging.ts';

/** What is in the stage, where it belongs, and whose it is. */
export interface PlacedLeaf {
  readonly credential: Credential;
  readonly identity: { readonly commonName: string };
}

/** Takes leaves from the stage to their places, with `placeFunctions` and `COMPOSE_FUNCTIONS`. `settings` are for kubeconfigs that are written from scratch. */
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
        { staged: keyIn(name), path: keyPath, ...ownState(credential, keyPath, '0600') },
        { staged: certificateIn(name), path: certificatePath, ...ownState(credential, certificatePath, '0644') },
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
${place(sh`"$S"/composed`, conf.path, attributesOf(conf, '0600'))}`
      : sh`:`;
  return sh`p=${directory}/kubelet-client-"$(date -u +%Y-%m-%d-%H-%M-%S)"${KPLAY_PEM}
cat ${stagedCertificate(credential.name)} ${stagedKey(credential.name)} >"$S"/pair.pem
${place(sh`"$S"/pair.pem`, sh`"$p"`, ownState(credential, credential.certificatePath, '0600').attributes)}
relink "$R$p" ${current}
${convert}`;
}

interface Put {
  /** As `stageFile` takes it. */
  readonly staged: string;
  readonly path: string;
  readonly attributes: Attributes;
  /** Nothing was seen there, and so nothing was saved. */
  readonly isNew: boolean;
}

/** Files of the stage to their places, those of a directory together; each by itself that has another name there. */
function placeTogether(puts: readonly Put[]): ShellScript {
  const isNamed = ({ staged, path }: Put): boolean => baseName(staged) === baseName(path);
  const alone = puts.filter((put) => !isNamed(put));
  const unseen = puts.filter(({ isNew }) => isNew).map(({ path }) => path);
  return joinScripts([
    // What a look does not find for whatever reason is in no backup. A container may have been given a directory in its place.
    sh`for f in ${unseen}; do
  [ ! -e "$R$f" ] || [ -d "$R$f" ] || { error "$f has appeared since the host was read: it is in no backup"; exit 1; }
done`,
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
    const key = attributeWords(put.attributes).join(' ');
    alike.set(key, [...(alike.get(key) ?? []), put]);
  }
  const dressed = [...alike.values()].flatMap((same): readonly ShellScript[] => {
    const [first] = same;
    return first ? [sh`dress ${attributeWords(first.attributes)} ${same.map(inHere)}`] : [];
  });
  return sh`beside ${directory} ${staged}
${joinScripts(dressed)}
settle ${puts.map(inHere)}`;
}

/** A name that is no option, whatever it begins with. */
function inHere({ path }: Put): string {
  return `./${baseName(path)}`;
}

function place(staged: ShellScript, path: string | ShellScript, own: Attributes): ShellScript {
  return sh`place ${staged} ${path} ${attributeWords(own)}`;
}

/** What is known of the file that is replaced, in place or moved aside; owner and mode are kubeadm's own for one that never was. */
function ownState(credential: Credential, path: string, mode: string): Pick<Put, 'attributes' | 'isNew'> {
  const old =
    credential.files.find((file) => file.path === path) ??
    credential.aside?.files.find((file) => file.path === asidePath(path));
  return { attributes: attributesOf(old, mode), isNew: old === undefined };
}
