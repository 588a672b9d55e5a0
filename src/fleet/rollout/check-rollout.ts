import type { Problems } from '../../core/diagnostic.ts';
import { nearest, suggestion } from '../../core/suggest.ts';
import type { Cluster, Selector } from '../../inventory/inventory.ts';
import type { Rollout, Wave } from '../../playbook/rollout/rollout-model.ts';
import { candidateOf, isChosenBy, planWaves } from './waves.ts';

/**
 * Problems of a rollout over these clusters that can be found without observing them. Only what would still be wrong after other
 * mistakes are corrected is reported: a wave whose only cluster is mistyped is not empty as well.
 */
export function checkRollout(
  rollout: Rollout,
  inventory: ReadonlyMap<string, Cluster>,
  /** All clusters of the play, regardless of --limit. */
  clusters: readonly Cluster[],
  problems: Problems,
): void {
  const { waves, hasUnreadWaves } = rollout;
  const mistaken = new Set(waves.filter((wave) => checkChoice(wave, rollout, inventory, problems) || wave.isUnread));
  // A pattern that matches no host, or is wrong, is reported itself.
  if (clusters.length === 0) return;
  const names = waves.map(({ name }) => name.value);
  const astray = clusters.filter(({ wave }) => wave && waves.length > 0 && !names.includes(wave.value));
  if (!hasUnreadWaves) reportAstray(astray, names, problems);
  reportEmptyWaves(rollout, clusters, { mistaken, astray }, problems);
  if (!hasUnreadWaves && mistaken.size === 0 && !clusters.some(({ unread }) => unread))
    reportLeftClusters(rollout, clusters, astray, problems);
}

/** Checks that the clusters named by a wave exist and are in no other wave. @returns whether one does not or is */
function checkChoice(
  wave: Wave,
  { waves }: Rollout,
  inventory: ReadonlyMap<string, Cluster>,
  problems: Problems,
): boolean {
  const { name: own, choice } = wave;
  if (choice.kind !== 'named') return false;
  const earlier = waves.slice(0, waves.indexOf(wave));
  let isMistaken = false;
  for (const { value, range } of choice.clusters) {
    const cluster = inventory.get(value);
    const other = waves.find(({ name }) => name !== own && name.value === cluster?.wave?.value)?.name.value;
    const taker = cluster && takerByLabel(cluster, earlier);
    if (cluster && other === undefined && !taker) continue;
    isMistaken = true;
    if (!cluster) {
      if (isUnread(inventory.values(), 'name')) continue;
      problems.error(
        `there is no cluster '${value}'`,
        range,
        suggestion(value, [...inventory.keys()], 'the clusters are'),
      );
    } else if (other !== undefined)
      problems.error(
        `cluster ${value} is in wave ${other}: the inventory says so`,
        range,
        'take it out of one of them',
      );
    else if (taker)
      problems.error(
        `cluster ${value} is already in wave ${taker.name.value}, by its label`,
        range,
        `remove it here, or move wave ${own.value} before wave ${taker.name.value}`,
      );
  }
  return isMistaken;
}

/** The first of these waves that selects the cluster by its label. A cluster that names its wave is in that one. */
function takerByLabel(cluster: Cluster, waves: readonly Wave[]): Wave | undefined {
  if (cluster.wave) return undefined;
  return waves.find(({ choice }) => choice.kind === 'label' && isChosenBy(choice, candidateOf(cluster)));
}

/** Reports the clusters that the inventory assigns to waves that the rollout does not define. */
function reportAstray(astray: readonly Cluster[], names: readonly string[], problems: Problems): void {
  for (const { name, wave } of astray)
    if (wave)
      problems.error(
        `cluster ${name} is in wave ${wave.value}, which the rollout does not have`,
        wave.range,
        suggestion(wave.value, names, 'its waves are'),
      );
}

interface OtherMistakes {
  /** Waves with a mistake in what they select. */
  readonly mistaken: ReadonlySet<Wave>;
  /** Clusters that the inventory assigns to a wave that is not known. */
  readonly astray: readonly Cluster[];
}

/** Reports the waves that have no cluster, and would have none if the other mistakes were corrected. */
function reportEmptyWaves(
  rollout: Rollout,
  clusters: readonly Cluster[],
  { mistaken, astray }: OtherMistakes,
  problems: Problems,
): void {
  const names = rollout.waves.map(({ name }) => name.value);
  const meant = new Set(astray.map(({ wave }) => wave && nearest(wave.value, names)));
  const waves = rollout.waves.map((wave): Wave => (wave.isUnread ? { ...wave, choice: { kind: 'rest' } } : wave));
  const candidates = clusters.map((cluster) => {
    const { wave: _, ...free } = candidateOf(cluster);
    return astray.includes(cluster) ? free : candidateOf(cluster);
  });
  const planned = planWaves({ ...rollout, waves }, candidates, clusters.length);
  if (isUnread(clusters, 'wave')) return;
  const areLabelsUnread = isUnread(clusters, 'labels');
  for (const [index, wave] of rollout.waves.entries()) {
    if (areLabelsUnread && wave.choice.kind === 'label') continue;
    if (planned[index]?.clusters.length === 0 && !mistaken.has(wave) && !meant.has(wave.name.value))
      reportEmpty(wave, clusters, problems);
  }
}

/** Whether the value of this property is not known for one of the clusters. */
function isUnread(clusters: Iterable<Cluster>, selector: Selector): boolean {
  return [...clusters].some(({ unread }) => unread?.has(selector));
}

/** A label that no cluster has is most likely mistyped. */
function reportEmpty({ name, choice }: Wave, clusters: readonly Cluster[], problems: Problems): void {
  const labels = new Set(clusters.flatMap((cluster) => [...cluster.labels].map((pair) => pair.join('='))));
  if (choice.kind === 'label' && !labels.has(choice.label.value))
    problems.error(
      `wave ${name.value} matches no cluster: none has the label ${choice.label.value}`,
      choice.label.range,
      labels.size > 0
        ? suggestion(choice.label.value, labels, 'the labels are')
        : 'clusters have labels by kplay_cluster: { labels: { env: prod } }',
    );
  else
    problems.error(
      `wave ${name.value} matches no cluster`,
      name.range,
      'remove it, or select clusters that are left at that point',
    );
}

/** Reports clusters that are in no wave, as far as nothing else about their wave is reported. */
function reportLeftClusters(
  rollout: Rollout,
  clusters: readonly Cluster[],
  astray: readonly Cluster[],
  problems: Problems,
): void {
  const planned = planWaves(rollout, clusters.map(candidateOf), clusters.length);
  const reached = new Set(planned.flatMap((wave) => wave.clusters));
  const left = clusters.filter((cluster) => !reached.has(cluster.name) && !astray.includes(cluster));
  // Which clusters a wave with a size takes is known only when all have been observed.
  const isChosenLater = rollout.waves.some(({ choice }) => choice.kind === 'size');
  if (left.length > 0)
    problems.error(
      isChosenLater
        ? `no wave takes the last ${left.length} of ${clusters.length} clusters`
        : `no wave has ${left.map(({ name }) => name).join(', ')}`,
      rollout.range,
      'add a last wave without a selection: it takes all remaining clusters',
    );
}
