import type { Problems } from '../core/diagnostic.ts';
import { globTest } from '../core/glob.ts';
import type { Host } from '../core/host.ts';
import { suggestion } from '../core/suggest.ts';
import type { Cluster, Inventory, Selector } from './inventory.ts';
import type { PatternPart } from './pattern.ts';

/** Prefixes with which a part of a limit selects clusters. */
export const CLUSTER_SELECTORS = ['cluster', 'label', 'wave'] as const;

/** Whether they have that meaning in an inventory: a group or host of that name takes precedence, as in Ansible. */
export function hasClusterSelectors({ groups, hosts }: Inventory): boolean {
  return !CLUSTER_SELECTORS.some((name) => groups.has(name) || hosts.has(name));
}

/** All of them that select something in an inventory. */
export function clusterSelections(inventory: Inventory): readonly string[] {
  if (!hasClusterSelectors(inventory)) return [];
  const all = [...inventory.clusters.values()].flatMap(({ name, wave, labels }) => [
    `cluster:${name}`,
    ...(wave ? [`wave:${wave.value}`] : []),
    ...[...labels].map(([key, value]) => `label:${key}=${value}`),
  ]);
  return [...new Set(all)];
}

/**
 * The hosts of `cluster:NAME`, `label:KEY=VALUE` or `wave:NAME`; NAME and VALUE may be globs. A selector without any matching
 * cluster is an error, unless a declaration that could not be read may match it.
 * @returns undefined for any other expression
 */
export function matchClusters(
  inventory: Inventory,
  { expression, range }: PatternPart,
  problems: Problems,
): readonly Host[] | undefined {
  const [, selector, text = ''] = /^(cluster|label|wave):(.*)$/s.exec(expression) ?? [];
  if (selector === undefined) return undefined;
  const all = [...inventory.clusters.values()];
  const chosen =
    selector === 'cluster' ? byName(all, text) : selector === 'wave' ? byWave(all, text) : byLabel(all, text);
  if (chosen.length > 0) return chosen.flatMap(({ hosts }) => hosts.flatMap((name) => inventory.hosts.get(name) ?? []));
  if (selector === 'label' && !text.includes('=')) {
    problems.error(`'${expression}' has no value for the label`, range, 'write label:KEY=VALUE');
    return [];
  }
  // What one of them says of this cannot be read, which was reported: it may be the one that is meant.
  const property = SELECTED_BY.get(selector);
  if (all.some(({ unread }) => property && unread?.has(property))) return [];
  if (selector === 'cluster')
    problems.error(
      `there is no cluster '${text}'`,
      range,
      all.length > 0 ? suggestion(text, inventory.clusters.keys(), 'the clusters are') : NO_CLUSTERS,
    );
  else if (selector === 'wave')
    problems.error(`no cluster of the inventory names a wave '${text}'`, range, waveHint(all, text));
  else problems.error(`no cluster has the label ${text}`, range, labelHint(all, text));
  return [];
}

/** The property of clusters that each of the prefixes selects by. */
const SELECTED_BY: ReadonlyMap<string, Selector> = new Map([
  ['cluster', 'name'],
  ['label', 'labels'],
  ['wave', 'wave'],
]);

const NO_CLUSTERS = 'the inventory declares no clusters: give a group kplay_cluster';

function byName(clusters: readonly Cluster[], name: string): readonly Cluster[] {
  const isMatch = globTest(name);
  return clusters.filter((cluster) => isMatch(cluster.name));
}

function byLabel(clusters: readonly Cluster[], text: string): readonly Cluster[] {
  const [key = '', value] = text.split(/=(.*)/s);
  const isMatch = globTest(value ?? '');
  return value === undefined ? [] : clusters.filter(({ labels }) => isMatch(labels.get(key) ?? '') && labels.has(key));
}

function byWave(clusters: readonly Cluster[], name: string): readonly Cluster[] {
  const isMatch = globTest(name);
  return clusters.filter(({ wave }) => wave && isMatch(wave.value));
}

function waveHint(clusters: readonly Cluster[], text: string): string {
  const known = new Set(clusters.flatMap(({ wave }) => wave?.value ?? []));
  return known.size > 0
    ? suggestion(text, known, 'the waves that clusters name are')
    : 'no cluster names a wave; example: kplay_cluster: { wave: canary }';
}

function labelHint(clusters: readonly Cluster[], text: string): string {
  const known = new Set(clusters.flatMap(({ labels }) => [...labels].map(([key, value]) => `${key}=${value}`)));
  return known.size > 0
    ? suggestion(text, known, 'the labels are')
    : 'no cluster has labels; example: kplay_cluster: { labels: { env: prod } }';
}
