import type { Cluster } from '../../inventory/inventory.ts';
import type { Rollout, Share, WaveChoice } from '../../playbook/rollout/rollout-model.ts';

/** The properties of a cluster that determine its wave. */
export interface Candidate {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** The wave set in the inventory. */
  readonly wave?: string;
  /** When its first certificate expires, in milliseconds since the epoch; absent: unknown. */
  readonly expires?: number;
  /** Properties such as the Kubernetes version and the topology: canaries should cover all of them early. */
  readonly traits: readonly string[];
}

/** A wave with its clusters, in the order in which they start. */
export interface PlannedWave {
  readonly name: string;
  readonly clusters: readonly string[];
  /** How many of them may fail. */
  readonly maxFailed: number;
  /** What happens before the next wave if one of them has failed; absent: nothing. `ask`: somebody has to approve that wave. */
  readonly onFailure?: 'stop' | 'ask';
  /** Milliseconds after which they are observed again; absent: they are not. */
  readonly soak?: number;
  /** It has to be approved. */
  readonly approval?: 'manual';
}

/** The name of the only wave of a rollout that defines none. */
const ONLY_WAVE = 'all';

/**
 * The waves of a rollout over these clusters. A cluster that names its wave is in that one. Otherwise a wave takes the
 * clusters that it selects and no earlier wave has; the last one, unless it selects, takes all that are left. A wave with a
 * size takes no cluster that a later one selects by name or label, so the size of a wave never depends on the clusters' order.
 * @param total how many clusters the play has, including those that `--limit` leaves out: percentages refer to it
 */
export function planWaves(
  { waves, order, maxFailed }: Pick<Rollout, 'waves' | 'order' | 'maxFailed'>,
  candidates: readonly Candidate[],
  total: number,
): readonly PlannedWave[] {
  const sorted = candidates.toSorted(order === 'name' ? byName : byUrgency);
  if (waves.length === 0)
    return [{ name: ONLY_WAVE, clusters: namesOf(sorted), maxFailed: failureLimit(maxFailed?.value, sorted.length) }];
  let free = sorted.filter(({ wave }) => wave === undefined);
  const coveredTraits = new Set<string>();
  return waves.map(({ name: { value: name }, choice, soak, approval, maxFailed: allowed }, index) => {
    const own = new Set(sorted.filter(({ wave }) => wave === name));
    for (const { traits } of own) for (const trait of traits) coveredTraits.add(trait);
    const isLast = index === waves.length - 1;
    const later = waves.slice(index + 1).map((wave) => wave.choice);
    const chosen = new Set(choose(choice, free, { isLast, later, total, taken: own.size, coveredTraits }));
    free = free.filter((candidate) => !chosen.has(candidate));
    const clusters = namesOf(sorted.filter((candidate) => own.has(candidate) || chosen.has(candidate)));
    const budget = failureLimit(allowed?.value, clusters.length);
    return {
      name,
      clusters,
      maxFailed: budget,
      ...(soak && { soak: soak.value }),
      ...(approval && { approval: approval.value }),
    };
  });
}

/** How many clusters may fail; any number if nothing is set. A percentage is rounded down. */
export function failureLimit(share: Share | undefined, of: number): number {
  if (!share) return Number.POSITIVE_INFINITY;
  return share.kind === 'count' ? share.clusters : Math.floor((share.percent * of) / 100);
}

interface SelectionContext {
  readonly isLast: boolean;
  /** The selections of later waves. */
  readonly later: readonly WaveChoice[];
  /** How many clusters the play has. */
  readonly total: number;
  /** How many clusters the wave has already. */
  readonly taken: number;
  /** Traits of the clusters of this wave and of earlier ones. */
  readonly coveredTraits: Set<string>;
}

function choose(
  choice: WaveChoice,
  free: readonly Candidate[],
  { isLast, later, total, taken, coveredTraits }: SelectionContext,
): readonly Candidate[] {
  switch (choice.kind) {
    case 'named':
    case 'label':
      return free.filter((candidate) => isChosenBy(choice, candidate));
    case 'size': {
      const { value } = choice.size;
      const size = value.kind === 'count' ? value.clusters : Math.ceil((value.percent * total) / 100);
      const open = free.filter((candidate) => !later.some((other) => isChosenBy(other, candidate)));
      return representatives(open, size - taken, coveredTraits);
    }
    case 'rest':
      return isLast ? free : [];
  }
}

/** Whether the cluster is selected by name or label. */
export function isChosenBy(choice: WaveChoice, { name, labels }: Candidate): boolean {
  if (choice.kind === 'named') return choice.clusters.some(({ value }) => value === name);
  if (choice.kind !== 'label') return false;
  const [key = '', value] = choice.label.value.split(/=(.*)/s);
  return labels.get(key) === value;
}

/** Up to `size` clusters: those with new traits first, otherwise in their order. Adds to `coveredTraits`. */
function representatives(free: readonly Candidate[], size: number, coveredTraits: Set<string>): readonly Candidate[] {
  const left = [...free];
  const chosen: Candidate[] = [];
  while (chosen.length < size && left.length > 0) {
    const newTraits = left.map(({ traits }) => traits.filter((trait) => !coveredTraits.has(trait)).length);
    const most = newTraits.reduce((a, b) => Math.max(a, b), 0);
    if (most === 0) return [...chosen, ...left.slice(0, size - chosen.length)];
    const [next] = left.splice(newTraits.indexOf(most), 1);
    if (!next) break;
    chosen.push(next);
    for (const trait of next.traits) coveredTraits.add(trait);
  }
  return chosen;
}

/**
 * The clusters, each in the wave that it had in an earlier run, as far as the rollout chooses by what the clusters are like: in waves with a
 * size, and in the wave of all that are left.
 * @param recorded the wave of each cluster, by its name
 */
export function withRecordedWaves(
  { waves }: Pick<Rollout, 'waves'>,
  candidates: readonly Candidate[],
  recorded: ReadonlyMap<string, string>,
): readonly Candidate[] {
  const open = new Set(
    waves.flatMap(({ name, choice: { kind } }) => (kind === 'size' || kind === 'rest' ? [name.value] : [])),
  );
  return candidates.map((candidate) => {
    const wave = recorded.get(candidate.name);
    const isChosen = waves.some(({ choice }) => isChosenBy(choice, candidate));
    return candidate.wave !== undefined || isChosen || wave === undefined || !open.has(wave)
      ? candidate
      : { ...candidate, wave };
  });
}

/** The wave of each cluster, by its name. */
export function waveByCluster(waves: readonly Pick<PlannedWave, 'name' | 'clusters'>[]): ReadonlyMap<string, string> {
  return new Map(waves.flatMap(({ name, clusters }) => clusters.map((cluster) => [cluster, name] as const)));
}

/** What is known about a cluster before it is observed. */
export function candidateOf({ name, labels, wave }: Cluster): Candidate {
  return { name, labels, traits: [], ...(wave && { wave: wave.value }) };
}

function byName(a: Candidate, b: Candidate): number {
  return a.name < b.name ? -1 : 1;
}

function byUrgency(a: Candidate, b: Candidate): number {
  const [first, second] = [a, b].map(({ expires = Number.POSITIVE_INFINITY }) => expires) as [number, number];
  return first === second ? byName(a, b) : first - second;
}

function namesOf(candidates: readonly Candidate[]): readonly string[] {
  return candidates.map(({ name }) => name);
}
