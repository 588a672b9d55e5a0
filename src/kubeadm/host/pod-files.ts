import { normalPath } from '../../core/host-path.ts';
import { isJsonObject, type Json, type JsonObject, objectsIn } from '../../core/json.ts';
import { containersOf, readKubeletYaml, specOf, stringsIn, uidIn } from './manifest.ts';

/**
 * The access of a running pod to a file of its host. `reads`: the file itself is mounted, so the container sees the version
 * from its start; or a directory above it is, and the command, arguments or environment name the file. `may read`: such a
 * directory is mounted and nothing names the file, as with kube-vip and admin.conf; or kubelet would not start the container
 * again after a successful end.
 */
export type FileAccess = 'reads' | 'may read' | 'none';

/** How the pod of a manifest uses its host's files. */
export interface PodFiles {
  /** Names of its containers, including the init containers. */
  readonly containers: readonly string[];
  /** Id of the pod, if the manifest sets one. */
  readonly uid: string | undefined;
  accessTo(path: string): FileAccess;
}

/** Reads a manifest. One that describes no pod has no containers and access to nothing. */
export function podFilesIn(text: string): PodFiles {
  const root = readKubeletYaml(text);
  const hostPaths = hostPathsIn(root);
  const [initial, containers] = [containersOf(root, 'initContainers'), containersOf(root)];
  // An init container with this policy is a sidecar: it runs as long as the others.
  const running = [...initial.filter(({ restartPolicy }) => restartPolicy === 'Always'), ...containers];
  const { restartPolicy = 'Always' } = specOf(root);
  return {
    containers: [...initial, ...containers].flatMap(({ name }) => (typeof name === 'string' ? [name] : [])),
    uid: uidIn(root),
    accessTo(path) {
      const all = running.map((container) => accessOf(container, hostPaths, path));
      if (all.every((access) => access === 'none')) return 'none';
      return restartPolicy === 'Always' && all.includes('reads') ? 'reads' : 'may read';
    },
  };
}

/** The `hostPath` volumes of a pod, by name. Without a path there is none: kubelet starts no such pod. */
function hostPathsIn(root: Json): ReadonlyMap<string, string> {
  return new Map(
    objectsIn(specOf(root)['volumes']).flatMap(({ name, hostPath }) => {
      const path = isJsonObject(hostPath) ? hostPath['path'] : undefined;
      return typeof name === 'string' && typeof path === 'string' && path !== ''
        ? [[name, normalPath(path)] as const]
        : [];
    }),
  );
}

function accessOf(container: JsonObject, hostPaths: ReadonlyMap<string, string>, path: string): FileAccess {
  const places = objectsIn(container['volumeMounts']).flatMap((mount) => placeIn(mount, hostPaths, path) ?? []);
  if (places.length === 0) return 'none';
  const words = wordsOf(container);
  return places.some(({ isFile, inside }) => isFile || words.some((word) => names(word, inside)))
    ? 'reads'
    : 'may read';
}

/**
 * Where a mount makes a file of the host visible to its container, and whether it mounts only that file; undefined if it does
 * not.
 */
function placeIn(
  { name, mountPath, subPath }: JsonObject,
  hostPaths: ReadonlyMap<string, string>,
  path: string,
): { readonly isFile: boolean; readonly inside: string } | undefined {
  const volume = typeof name === 'string' ? hostPaths.get(name) : undefined;
  if (volume === undefined || typeof mountPath !== 'string') return undefined;
  const source = typeof subPath === 'string' ? normalPath(`${volume}/${subPath}`) : volume;
  if (source === path) return { isFile: true, inside: normalPath(mountPath) };
  const directory = source === '/' ? source : `${source}/`;
  if (!path.startsWith(directory)) return undefined;
  return { isFile: false, inside: normalPath(`${mountPath}/${path.slice(directory.length)}`) };
}

/** The host's file that a container finds at a path: of several mounts the closest one has it. Undefined if none is of the host. */
export function hostFileAt(root: Json, container: JsonObject, path: string): string | undefined {
  const inside = normalPath(path);
  const mounts = objectsIn(container['volumeMounts']).flatMap(({ name, mountPath, subPath, subPathExpr }) => {
    if (typeof mountPath !== 'string') return [];
    const at = normalPath(mountPath);
    if (inside !== at && !inside.startsWith(at === '/' ? at : `${at}/`)) return [];
    // What an expression leads to is not known.
    const volume = subPathExpr === undefined ? name : undefined;
    return [{ name: volume, at, below: typeof subPath === 'string' ? subPath : '' }];
  });
  const [closest] = mounts.sort((one, other) => other.at.length - one.at.length);
  const volume = typeof closest?.name === 'string' ? hostPathsIn(root).get(closest.name) : undefined;
  return closest && volume && normalPath(`${volume}/${closest.below}/${inside.slice(closest.at.length)}`);
}

/** The command, arguments and environment of a container. */
function wordsOf(container: JsonObject): readonly string[] {
  const values = objectsIn(container['env']).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  return [...stringsIn(container['command']), ...stringsIn(container['args']), ...values];
}

/** `--kubeconfig=PATH`, `PATH:…`, or a script that contains the path; not a longer path. */
function names(word: string, path: string): boolean {
  for (let at = word.indexOf(path); at >= 0; at = word.indexOf(path, at + 1))
    if (!/[A-Za-z0-9._/-]/.test(word.charAt(at + path.length))) return true;
  return false;
}
