import type { Problems } from '../core/diagnostic.ts';
import type { Host } from '../core/host.ts';
import { isJsonObject, type Json } from '../core/json.ts';
import type { Located, SourceRange } from '../core/source.ts';
import { suggestion } from '../core/suggest.ts';
import type { Group } from './inventory.ts';

/** Of a group: it is a cluster. */
const CLUSTER_VARIABLE = 'kplay_cluster';

/** What a cluster says of itself that kplay acts on. */
const KEYS = ['name'];

/** What a fleet will act on. Until there is one, a cluster that says it would be changed against its owner's word. */
const FLEET_KEYS: Readonly<Record<string, string>> = {
  window: 'the cluster would be changed at any time',
  closed: 'the cluster would be changed at any time',
  wave: 'clusters go one after another, as the play names them',
  labels: 'no pattern can select by it',
  contact: 'nobody would be told',
  site: 'every cluster is reached from here',
};

/**
 * The name of each host's cluster, for the hosts of groups whose variables hold `kplay_cluster`. What is wrong with one is
 * added to `problems`: nothing that it says is passed over.
 */
export function declaredClusters(
  groups: ReadonlyMap<string, Group>,
  hosts: ReadonlyMap<string, Host>,
  problems: Problems,
): ReadonlyMap<string, string> {
  const clusters = new Map<string, string>();
  const places = new Set<SourceRange>();
  for (const group of groups.values()) {
    const declared = group.vars.get(CLUSTER_VARIABLE);
    if (!declared) continue;
    places.add(declared.range);
    const name = readCluster(group.name, declared, problems);
    if (name === undefined) continue;
    for (const host of group.hosts) {
      const other = clusters.get(host);
      if (other !== undefined && other !== name) reportTwo(host, [other, name], declared.range, problems);
      clusters.set(host, name);
    }
  }
  for (const { name, vars } of hosts.values()) {
    const own = vars.get(CLUSTER_VARIABLE);
    if (own && !places.has(own.range)) reportOfHost(name, own.range, problems);
  }
  return clusters;
}

/** The cluster's name: the one that is given, else the group's. */
function readCluster(group: string, { value, range }: Located<Json>, problems: Problems): string | undefined {
  if (!isJsonObject(value)) {
    problems.error(`${CLUSTER_VARIABLE} must be a mapping`, range, `write ${CLUSTER_VARIABLE}: { name: ${group} }`);
    return undefined;
  }
  for (const key of Object.keys(value)) if (!KEYS.includes(key)) reportKey(key, range, problems);
  const { name = group } = value;
  if (typeof name === 'string' && /^[\w.-]+$/.test(name)) return name;
  problems.error(
    `the name of a cluster must be a word, not ${JSON.stringify(name)}`,
    keyRange('name', range),
    'use letters, digits, dots, - and _',
  );
  return undefined;
}

function reportKey(key: string, range: SourceRange, problems: Problems): void {
  const without = FLEET_KEYS[key];
  const at = keyRange(key, range);
  if (without === undefined) {
    problems.error(`${CLUSTER_VARIABLE} has no '${key}'`, at, suggestion(key, KEYS, 'it has'));
    return;
  }
  problems.error(
    `${CLUSTER_VARIABLE}: '${key}' has no effect in this version of kplay: ${without}`,
    at,
    key === 'window' || key === 'closed'
      ? 'remove it, and start kplay when the cluster may be changed (cron, a systemd timer, a pipeline)'
      : 'remove it, and choose the clusters of a run with --limit',
  );
}

function reportTwo(host: string, names: readonly string[], range: SourceRange, problems: Problems): void {
  problems.error(
    `${host} is in two clusters, ${names.join(' and ')}`,
    range,
    'take the host out of one of the groups, or give both the same name',
  );
}

function reportOfHost(host: string, range: SourceRange, problems: Problems): void {
  problems.error(
    `${CLUSTER_VARIABLE} says what a group is, and stands here at the host ${host}`,
    range,
    'put it into the vars of the group that is the cluster',
  );
}

/** Where a key stands in a mapping: a value has one place, whatever is in it. */
function keyRange(key: string, range: SourceRange): SourceRange {
  const { file, start, end } = range;
  const escaped = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const found = new RegExp(`(?<![\\w-])(["']?)${escaped}\\1\\s*:`).exec(file.text.slice(start, end));
  if (!found) return range;
  const at = start + found.index;
  return file.range(at, at + key.length + 2 * (found[1]?.length ?? 0));
}
