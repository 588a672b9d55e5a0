import { Problems } from '../core/diagnostic.ts';
import type { Host } from '../core/host.ts';
import { isJsonObject, type Json } from '../core/json.ts';
import { formatPosition, type Located, type SourceRange } from '../core/source.ts';
import { nearest, suggestion } from '../core/suggest.ts';
import { entry, type Tree, treeToJson } from '../core/yaml/yaml.ts';
import { CLUSTER_VARIABLE, type Cluster, type Group, type Selector, type Written } from './inventory.ts';

/** The supported keys of a cluster. */
const KEYS = ['name', 'labels', 'wave', 'site', 'window', 'closed', 'expected', 'contact'] as const;
type Key = (typeof KEYS)[number];

const SELECTORS: readonly Selector[] = ['name', 'labels', 'wave', 'site'];

/** How many hosts of two clusters an error names. */
const SHOWN_HOSTS = 5;

/**
 * The clusters by name: groups whose variables contain `kplay_cluster`. All problems are added to `problems`; nothing is
 * silently ignored.
 */
export function declaredClusters(
  groups: ReadonlyMap<string, Group>,
  hosts: ReadonlyMap<string, Host>,
  problems: Problems,
): ReadonlyMap<string, Cluster> {
  const clusters = new Map<string, Cluster>();
  const clusterOf = new Map<string, string>();
  const shared = new Map<string, SharedHosts>();
  const places = new Set<SourceRange>();
  for (const group of groups.values()) {
    const declared = group.vars.get(CLUSTER_VARIABLE);
    if (!declared) continue;
    places.add(declared.range);
    const cluster = readCluster(group, declared, problems);
    const known = clusters.get(cluster.name);
    clusters.set(cluster.name, known ? mergeClusters(known, cluster, problems) : cluster);
    for (const host of group.hosts) {
      const other = clusterOf.get(host);
      if (other !== undefined && other !== cluster.name) {
        const names = `${other} and ${cluster.name}`;
        shared.set(names, { range: declared.range, hosts: [...(shared.get(names)?.hosts ?? []), host] });
      }
      clusterOf.set(host, cluster.name);
    }
  }
  for (const [names, { hosts: both, range }] of shared) reportSeveral(both, names, range, problems);
  for (const { name, vars } of hosts.values()) {
    const own = vars.get(CLUSTER_VARIABLE);
    if (own && !places.has(own.range)) reportOfHost(name, own.range, problems);
  }
  return clusters;
}

/** Hosts that two clusters claim. */
interface SharedHosts {
  readonly hosts: readonly string[];
  /** Where the later of the two is declared. */
  readonly range: SourceRange;
}

/** Merges two groups that form one cluster: its settings must be in one of them. */
function mergeClusters(a: Cluster, b: Cluster, problems: Problems): Cluster {
  const unread = new Set([...(a.unread ?? []), ...(b.unread ?? [])]);
  for (const key of ['window', 'closed', 'expected'] as const) {
    const [first, second] = [a[key], b[key]];
    if (first && second && JSON.stringify(treeToJson(first)) !== JSON.stringify(treeToJson(second)))
      problems.error(
        `cluster ${a.name} has two groups, and each sets '${key}'`,
        second.range,
        `remove it here, or at ${formatPosition(first.range)}`,
      );
  }
  for (const [label, value] of b.labels)
    if ((a.labels.get(label) ?? value) !== value) {
      unread.add('labels');
      problems.error(
        `cluster ${a.name} has two groups, and each sets the label ${label}`,
        b.range,
        `set it in only one of them: at ${formatPosition(a.range)} it is ${a.labels.get(label)}`,
      );
    }
  for (const key of ['wave', 'site', 'contact'] as const) {
    const [first, second] = [a[key], b[key]];
    if (first && second && first.value !== second.value) {
      if (key === 'wave') unread.add(key);
      problems.error(
        `cluster ${a.name} has two groups, and each sets '${key}'`,
        second.range,
        `remove it here, or at ${formatPosition(first.range)}`,
      );
    }
  }
  const labels = new Map([...b.labels, ...a.labels]);
  return { ...b, ...a, labels, hosts: [...new Set([...a.hosts, ...b.hosts])], ...(unread.size > 0 && { unread }) };
}

/** Its name is the given one, else the group's. */
function readCluster(group: Group, { value, range, tree }: Written, problems: Problems): Cluster {
  const mapping = tree ?? treeOfJson(value, range);
  if (mapping.kind !== 'mapping') {
    problems.error(
      `${CLUSTER_VARIABLE} must be a mapping`,
      range,
      `write ${CLUSTER_VARIABLE}: { name: ${group.name} }`,
    );
    return { name: group.name, range, hosts: group.hosts, labels: new Map(), unread: new Set(SELECTORS) };
  }
  const unread = new Set<Selector>();
  for (const { key, keyRange } of mapping.entries) {
    if (isKey(key)) continue;
    problems.error(`${CLUSTER_VARIABLE} has no '${key}'`, keyRange, suggestion(key, KEYS, 'it has'));
    const meant = nearest(key, KEYS);
    for (const selector of SELECTORS) if (meant === undefined || meant === selector) unread.add(selector);
  }
  const of = (key: Key): Tree | undefined => entry(mapping, key)?.value;
  const read = <T>(selector: Selector, by: (given: Tree | undefined, found: Problems) => T): T => {
    const found = new Problems();
    const result = by(of(selector), found);
    if (found.hasErrors) unread.add(selector);
    problems.addAll(found.all);
    return result;
  };
  const [window, closed, expected] = [of('window'), of('closed'), of('expected')];
  const name = read('name', (given, found) => nameOf(given, group, range, found));
  const labels = read('labels', readLabels);
  const wave = read('wave', (given, found) => readName('wave', given, found));
  const site = read('site', (given, found) => readName('site', given, found));
  const contact = readContact(of('contact'), problems);
  return {
    name,
    range,
    hosts: group.hosts,
    labels,
    ...(wave && { wave }),
    ...(site && { site }),
    ...(contact && { contact }),
    ...(window && { window }),
    ...(closed && { closed }),
    ...(expected && { expected }),
    ...(unread.size > 0 && { unread }),
  };
}

/** The given name, else the group's, which also replaces an invalid one. */
function nameOf(given: Tree | undefined, group: Group, range: SourceRange, problems: Problems): string {
  const name = given ? treeToJson(given) : group.name;
  if (typeof name === 'string' && /^[\w.-]+$/.test(name)) return name;
  problems.error(
    `the name of a cluster must be a word, not ${JSON.stringify(name)}`,
    given?.range ?? range,
    'use letters, digits, dots, - and _',
  );
  return group.name;
}

function readName(key: 'wave' | 'site', tree: Tree | undefined, problems: Problems): Located<string> | undefined {
  if (!tree) return undefined;
  if (tree.kind === 'scalar' && tree.value !== null && /^[\w.-]+$/.test(tree.raw))
    return { value: tree.raw, range: tree.range };
  const example = { wave: 'canary', site: 'frankfurt' }[key];
  problems.error(
    `${key} must be the name of a ${key}`,
    tree.range,
    `use letters, digits, dots, - and _: ${key}: ${example}`,
  );
  return undefined;
}

function readContact(tree: Tree | undefined, problems: Problems): Located<string> | undefined {
  if (!tree) return undefined;
  if (tree.kind === 'scalar' && tree.value !== null && tree.raw.trim() !== '')
    return { value: tree.raw.trim(), range: tree.range };
  problems.error(
    'contact must be a text',
    tree.range,
    'write whom to contact, such as contact: Platform team, +49 30 1234',
  );
  return undefined;
}

function readLabels(tree: Tree | undefined, problems: Problems): ReadonlyMap<string, string> {
  if (!tree) return new Map();
  if (tree.kind !== 'mapping') {
    problems.error('labels must be a mapping', tree.range, 'write labels: { env: prod }');
    return new Map();
  }
  return new Map(
    tree.entries.flatMap(({ key, keyRange, value }): [string, string][] => {
      if (!/^[\w./-]+$/.test(key))
        problems.error(`'${key}' cannot be selected by`, keyRange, 'use letters, digits, dots, /, - and _');
      if (value.kind === 'scalar' && value.value !== null && /^[\w./-]+$/.test(value.raw)) return [[key, value.raw]];
      problems.error(
        `the label ${key} must have a word as its value`,
        value.range,
        'use letters, digits, dots, /, - and _',
      );
      return [];
    }),
  );
}

function isKey(key: string): key is Key {
  return KEYS.some((known) => known === key);
}

function reportSeveral(hosts: readonly string[], names: string, range: SourceRange, problems: Problems): void {
  const isOne = hosts.length === 1;
  const shown = `${hosts.slice(0, SHOWN_HOSTS).join(', ')}${hosts.length > SHOWN_HOSTS ? ', …' : ''}`;
  problems.error(
    `${shown} ${isOne ? 'is' : 'are'} in two clusters, ${names}`,
    range,
    `take the ${isOne ? 'host' : `${hosts.length} hosts`} out of one of the groups, or give both the same name`,
  );
}

function reportOfHost(host: string, range: SourceRange, problems: Problems): void {
  problems.error(
    `${CLUSTER_VARIABLE} describes a group, but is set for the host ${host}`,
    range,
    'move it to the vars of the group of the cluster',
  );
}

/** A value that is in no YAML file: everything in it has the range of the whole, or of its key. */
function treeOfJson(value: Json, range: SourceRange): Tree {
  if (Array.isArray(value)) return { kind: 'sequence', items: value.map((item) => treeOfJson(item, range)), range };
  if (isJsonObject(value)) {
    const entries = Object.entries(value).map(([key, inner]) => {
      const at = keyRange(key, range);
      return { key, keyRange: at, value: treeOfJson(inner, at) };
    });
    return { kind: 'mapping', entries, range };
  }
  const raw = value === null ? '' : String(value);
  const plain = typeof value === 'object' ? null : value;
  return { kind: 'scalar', value: plain, raw, quoted: typeof value === 'string', range, contentStart: range.start };
}

/** The range of a key in a mapping. */
function keyRange(key: string, range: SourceRange): SourceRange {
  const { file, start, end } = range;
  const escaped = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const found = new RegExp(`(?<![\\w-])(["']?)${escaped}\\1\\s*:`).exec(file.text.slice(start, end));
  if (!found) return range;
  const at = start + found.index;
  return file.range(at, at + key.length + 2 * (found[1]?.length ?? 0));
}
