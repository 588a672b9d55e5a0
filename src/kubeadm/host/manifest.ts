import { Problems } from '../../core/diagnostic.ts';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import { remembering } from '../../core/remembering.ts';
import { SourceFile } from '../../core/source.ts';
import { parseYaml, treeToJson } from '../../core/yaml/yaml.ts';

/** The manifest of a pod as JSON; null for a text that cannot be read. */
export const readManifest = remembering((text): Json => {
  const problems = new Problems();
  const tree = parseYaml(new SourceFile('manifest', text), problems, 'kubernetes');
  return tree && !problems.hasErrors ? treeToJson(tree) : null;
});

/** `namespace/name` of the pod that a manifest describes; undefined when it describes none, and kubelet passes it over. */
export function podIn(text: string): string | undefined {
  const root = readManifest(text);
  if (!isJsonObject(root) || root['kind'] !== 'Pod' || !isJsonObject(root['metadata'])) return undefined;
  const { namespace, name } = root['metadata'];
  return typeof name === 'string' ? `${typeof namespace === 'string' ? namespace : 'default'}/${name}` : undefined;
}

/** `spec` of a manifest; empty where there is none. */
export function specOf(root: Json): JsonObject {
  const spec = isJsonObject(root) ? root['spec'] : undefined;
  return isJsonObject(spec) ? spec : {};
}

export function containersOf(root: Json, of: 'containers' | 'initContainers' = 'containers'): readonly JsonObject[] {
  return objectsIn(specOf(root)[of]);
}

/** `metadata.uid`: an id of the pod that its manifest gives. */
export function uidIn(root: Json): string | undefined {
  const metadata = isJsonObject(root) ? root['metadata'] : undefined;
  const uid = isJsonObject(metadata) ? metadata['uid'] : undefined;
  return typeof uid === 'string' && uid !== '' ? uid : undefined;
}

/** The strings in a list; none where it is no list. */
export function stringsIn(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The objects in a list; none where it is no list. */
export function objectsIn(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
