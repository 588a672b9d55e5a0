import { baseName } from '../../core/host-path.ts';
import { isJsonObject, type Json, type JsonObject, objectsIn } from '../../core/json.ts';
import { COMPONENTS, KUBERNETES_DIRECTORY } from '../table.ts';
import { containersOf, readKubeletYaml, specOf, stringsIn, uidIn } from './manifest.ts';
import type { FileState, StaticPod } from './model.ts';
import { hostFileAt } from './pod-files.ts';

/** The control plane component in a manifest; undefined for other static pods and unreadable texts. */
export function readStaticPod(file: FileState, text: string): StaticPod | undefined {
  const root = readKubeletYaml(text);
  for (const container of containersOf(root)) {
    const command = [...stringsIn(container['command']), ...stringsIn(container['args'])];
    const component = COMPONENTS.find((candidate) => candidate === baseName(command[0] ?? ''));
    if (!component) continue;
    const flags = flagsOf(command);
    const read = flags.get('--kubeconfig');
    const kubeconfig = read === undefined ? undefined : (hostFileAt(root, container, read) ?? read);
    const sniFiles = certificatesIn(flags.get(SNI_FLAG)).map((path) => hostFileAt(root, container, path) ?? path);
    const image = typeof container['image'] === 'string' ? container['image'] : undefined;
    return {
      component,
      file,
      image,
      version: image === undefined ? undefined : versionOf(image),
      container: typeof container['name'] === 'string' ? container['name'] : '',
      uid: uidIn(root),
      runsAs: userOf(container) ?? userOf(specOf(root)) ?? 0,
      command,
      flags: onHost(root, container, flags),
      ...(kubeconfig !== undefined && { kubeconfig }),
      ...(sniFiles.length > 0 && { sniFiles }),
      ...(isToldSha1(container) && { isToldSha1: true as const }),
    };
  }
  return undefined;
}

/** The release notes of Kubernetes 1.24 name this setting for certificates with SHA-1 that cannot be replaced yet. */
function isToldSha1(container: JsonObject): boolean {
  return objectsIn(container['env']).some(
    ({ name, value }) => name === 'GODEBUG' && typeof value === 'string' && value.split(',').includes('x509sha1=1'),
  );
}

/** Flags with the paths of the host's own files: a volume may show those of kubeadm's directory elsewhere to the container. */
function onHost(root: Json, container: JsonObject, flags: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const isOwn = (path: string): boolean => path.startsWith(`${KUBERNETES_DIRECTORY}/`);
  return new Map(
    [...flags].map(([flag, value]) => {
      const file = value.startsWith('/') && !isOwn(value) ? hostFileAt(root, container, value) : undefined;
      return [flag, file !== undefined && isOwn(file) ? file : value];
    }),
  );
}

/** The commands of a manifest's containers, with their arguments; none for other texts. */
export function commandsIn(text: string): readonly (readonly string[])[] {
  return containersOf(readKubeletYaml(text)).map((container) => [
    ...stringsIn(container['command']),
    ...stringsIn(container['args']),
  ]);
}

/** `runAsUser` of a container or of a whole pod: kubeadm sets it with RootlessControlPlane; otherwise its images run as root. */
function userOf(of: Json | undefined): number | undefined {
  const context = isJsonObject(of) ? of['securityContext'] : undefined;
  const user = isJsonObject(context) ? context['runAsUser'] : undefined;
  return typeof user === 'number' ? user : undefined;
}

/** The flag of the API server for certificates under other names: `CERTIFICATE,KEY[:NAME,…]`, several with semicolons between them. */
export const SNI_FLAG = '--tls-sni-cert-key';

/** Whether the certificate that a client gets may depend on the server name that it asks for (SNI). */
export function servesByName(staticPods: readonly StaticPod[]): boolean {
  return staticPods.some(({ flags }) => flags.has(SNI_FLAG));
}

function certificatesIn(pairs = ''): readonly string[] {
  return pairs.split(';').flatMap((pair) => /^\/[^,:]*/.exec(pair.trim()) ?? []);
}

/** Flags whose values add up if they are repeated, and what stands between the values in one of them. */
const ADDING: ReadonlyMap<string, string> = new Map([
  ['--etcd-servers', ','],
  ['--service-account-issuer', ','],
  [SNI_FLAG, ';'],
]);

/** `--a=b` and `--a b` are equivalent; a flag alone is `true`, and of others the last one counts, as in Go's flag packages. */
function flagsOf(command: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  const set = (flag: string, value: string): void => {
    const [separator, before] = [ADDING.get(flag), flags.get(flag)];
    flags.set(flag, separator === undefined || !before ? value : `${before}${separator}${value}`);
  };
  command.forEach((word, index) => {
    if (!word.startsWith('--')) return;
    const equals = word.indexOf('=');
    const next = command[index + 1];
    if (equals > 0) set(word.slice(0, equals), word.slice(equals + 1));
    else set(word, next !== undefined && !next.startsWith('--') ? next : 'true');
  });
  return flags;
}

/**
 * `registry.k8s.io/kube-apiserver:v1.33.13` gives `1.33.13`, and so does `v1.33.13_vendor.1`: a tag has no +, so kubeadm writes _. A digest, or a tag
 * that is not a version, gives undefined.
 */
function versionOf(image: string): string | undefined {
  return /:v?(\d+\.\d+\.\d+)(?:[-+_@].*)?$/.exec(image)?.[1];
}
