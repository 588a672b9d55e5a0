import { Problems } from '../../core/diagnostic.ts';
import { baseName, normalPath } from '../../core/host-path.ts';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import { remembering } from '../../core/remembering.ts';
import { SourceFile } from '../../core/source.ts';
import { parseYaml, treeToJson } from '../../core/yaml/yaml.ts';
import { COMPONENTS } from '../table.ts';
import type { FileState, StaticPod } from './model.ts';

/** The control plane component that a manifest runs; undefined when it is some other static pod or cannot be read. */
export function readStaticPod(file: FileState, text: string): StaticPod | undefined {
  const root = readManifest(text);
  for (const container of containersOf(root)) {
    const command = [...strings(container['command']), ...strings(container['args'])];
    const component = COMPONENTS.find((candidate) => candidate === baseName(command[0] ?? ''));
    if (!component) continue;
    const image = typeof container['image'] === 'string' ? container['image'] : undefined;
    return {
      component,
      file,
      image,
      version: image === undefined ? undefined : versionOf(image),
      container: typeof container['name'] === 'string' ? container['name'] : '',
      uid: uidIn(root),
      runsAs: userOf(container) ?? userOf(isJsonObject(root) ? root['spec'] : undefined) ?? 0,
      command,
      flags: flagsOf(command),
    };
  }
  return undefined;
}

/** What the containers of a manifest run, each with its arguments; none for a text that is no manifest. */
export function commandsIn(text: string): readonly (readonly string[])[] {
  return containersOf(readManifest(text)).map((container) => [
    ...strings(container['command']),
    ...strings(container['args']),
  ]);
}

/** `namespace/name` of the pod that a manifest describes; undefined when it describes none, and kubelet passes it over. */
export function podIn(text: string): string | undefined {
  const root = readManifest(text);
  if (!isJsonObject(root) || root['kind'] !== 'Pod' || !isJsonObject(root['metadata'])) return undefined;
  const { namespace, name } = root['metadata'];
  return typeof name === 'string' ? `${typeof namespace === 'string' ? namespace : 'default'}/${name}` : undefined;
}

/** What the pod of a manifest has of its host's files. */
export interface PodFiles {
  /** Names of its containers, with those that run before the others. */
  readonly containers: readonly string[];
  /** Id of the pod, where the manifest gives one. */
  readonly uid: string | undefined;
  /**
   * Whether a container is given the file itself, and so sees what was there when it started; or a directory above it, and names the
   * file in its command, arguments or environment.
   */
  has(path: string): boolean;
}

export function podFilesIn(text: string): PodFiles {
  const root = readManifest(text);
  const shared = hostPathsIn(root);
  const containers = containersOf(root);
  return {
    containers: [...containersOf(root, 'initContainers'), ...containers].flatMap(({ name }) =>
      typeof name === 'string' ? [name] : [],
    ),
    uid: uidIn(root),
    has: (path) => containers.some((container) => isGiven(container, shared, path)),
  };
}

/** The `hostPath` volumes of a pod, by name. */
function hostPathsIn(root: Json): ReadonlyMap<string, string> {
  const spec = isJsonObject(root) ? root['spec'] : undefined;
  const volumes = isJsonObject(spec) && Array.isArray(spec['volumes']) ? spec['volumes'].filter(isJsonObject) : [];
  return new Map(
    volumes.flatMap(({ name, hostPath }) => {
      const path = isJsonObject(hostPath) ? hostPath['path'] : undefined;
      return typeof name === 'string' && typeof path === 'string' ? [[name, normalPath(path)] as const] : [];
    }),
  );
}

function isGiven(container: JsonObject, shared: ReadonlyMap<string, string>, path: string): boolean {
  const mounts = Array.isArray(container['volumeMounts']) ? container['volumeMounts'].filter(isJsonObject) : [];
  return mounts.some(({ name, mountPath, subPath }) => {
    const volume = typeof name === 'string' ? shared.get(name) : undefined;
    if (volume === undefined || typeof mountPath !== 'string') return false;
    const source = typeof subPath === 'string' ? normalPath(`${volume}/${subPath}`) : volume;
    if (source === path) return true;
    const below = source === '/' ? path : path.startsWith(`${source}/`) ? path.slice(source.length) : undefined;
    return below !== undefined && wordsOf(container).some((word) => names(word, normalPath(`${mountPath}${below}`)));
  });
}

/** Whatever a container is told. */
function wordsOf(container: JsonObject): readonly string[] {
  const environment = Array.isArray(container['env']) ? container['env'].filter(isJsonObject) : [];
  const values = environment.flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  return [...strings(container['command']), ...strings(container['args']), ...values];
}

/** `--kubeconfig=PATH`, `PATH:…`, or a script with the path in it; not one of a longer name. */
function names(word: string, path: string): boolean {
  for (let at = word.indexOf(path); at >= 0; at = word.indexOf(path, at + 1))
    if (!/[A-Za-z0-9._/-]/.test(word.charAt(at + path.length))) return true;
  return false;
}

const readManifest = remembering((text): Json => {
  const problems = new Problems();
  const tree = parseYaml(new SourceFile('manifest', text), problems, 'kubernetes');
  return tree && !problems.hasErrors ? treeToJson(tree) : null;
});

function containersOf(root: Json, of: 'containers' | 'initContainers' = 'containers'): readonly JsonObject[] {
  const spec = isJsonObject(root) ? root['spec'] : undefined;
  const containers = isJsonObject(spec) ? spec[of] : undefined;
  return Array.isArray(containers) ? containers.filter(isJsonObject) : [];
}

function uidIn(root: Json): string | undefined {
  const metadata = isJsonObject(root) ? root['metadata'] : undefined;
  const uid = isJsonObject(metadata) ? metadata['uid'] : undefined;
  return typeof uid === 'string' && uid !== '' ? uid : undefined;
}

/** `runAsUser` of a container or of a whole pod: kubeadm sets it with RootlessControlPlane, and its images run as root. */
function userOf(of: Json | undefined): number | undefined {
  const context = isJsonObject(of) ? of['securityContext'] : undefined;
  const user = isJsonObject(context) ? context['runAsUser'] : undefined;
  return typeof user === 'number' ? user : undefined;
}

/** `--a=b` and `--a b` alike; a flag alone is `true`, as Go's flag packages take it. */
function flagsOf(command: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  command.forEach((word, index) => {
    if (!word.startsWith('--')) return;
    const equals = word.indexOf('=');
    const next = command[index + 1];
    if (equals > 0) flags.set(word.slice(0, equals), word.slice(equals + 1));
    else flags.set(word, next !== undefined && !next.startsWith('--') ? next : 'true');
  });
  return flags;
}

/** `registry.k8s.io/kube-apiserver:v1.33.13` is `1.33.13`; a digest or a tag that is no version is nothing. */
function versionOf(image: string): string | undefined {
  return /:v?(\d+\.\d+\.\d+)(?:[-+@].*)?$/.exec(image)?.[1];
}

function strings(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
