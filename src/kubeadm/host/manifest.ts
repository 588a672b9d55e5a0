import { cached } from '../../core/cached.ts';
import { Problems } from '../../core/diagnostic.ts';
import { isJsonObject, type Json, type JsonObject, objectsIn } from '../../core/json.ts';
import { SourceFile } from '../../core/source.ts';
import { parseYamlDocuments, treeToJson } from '../../core/yaml/yaml.ts';

/** A YAML file of kubelet (the manifest of a pod, its own configuration) as JSON; null for an unreadable text. As with kubelet nothing counts behind the first document. */
export const readKubeletYaml = cached((text): Json => {
  const [tree] = parseYamlDocuments(new SourceFile('manifest', text), new Problems(), 'kubernetes') ?? [];
  return tree ? treeToJson(tree) : null;
});

/** `namespace/name` of the pod in a manifest; undefined if it describes none, and kubelet ignores it. */
export function podIn(text: string): string | undefined {
  const root = readKubeletYaml(text);
  if (!isJsonObject(root) || root['kind'] !== 'Pod' || !isJsonObject(root['metadata'])) return undefined;
  const { namespace, name } = root['metadata'];
  return typeof name === 'string' ? `${typeof namespace === 'string' ? namespace : 'default'}/${name}` : undefined;
}

/** `spec` of a manifest; empty without one. */
export function specOf(root: Json): JsonObject {
  const spec = isJsonObject(root) ? root['spec'] : undefined;
  return isJsonObject(spec) ? spec : {};
}

/** The containers in a manifest; none without a `spec`, or if they are no list. */
export function containersOf(root: Json, of: 'containers' | 'initContainers' = 'containers'): readonly JsonObject[] {
  return objectsIn(specOf(root)[of]);
}

/** `metadata.uid`: an id of the pod set in its manifest. */
export function uidIn(root: Json): string | undefined {
  const metadata = isJsonObject(root) ? root['metadata'] : undefined;
  const uid = isJsonObject(metadata) ? metadata['uid'] : undefined;
  return typeof uid === 'string' && uid !== '' ? uid : undefined;
}

/** The strings in a list; none for other values. */
export function stringsIn(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
