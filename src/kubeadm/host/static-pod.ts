import { Problems } from '../../core/diagnostic.ts';
import { baseName } from '../../core/host-path.ts';
import { isJsonObject, type Json } from '../../core/json.ts';
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

const readManifest = remembering((text): Json => {
  const problems = new Problems();
  const tree = parseYaml(new SourceFile('manifest', text), problems, 'kubernetes');
  return tree && !problems.hasErrors ? treeToJson(tree) : null;
});

function containersOf(root: Json): readonly { readonly [key: string]: Json }[] {
  const spec = isJsonObject(root) ? root['spec'] : undefined;
  const containers = isJsonObject(spec) ? spec['containers'] : undefined;
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
