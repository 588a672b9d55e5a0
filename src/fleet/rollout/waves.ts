import { Problems } from '../../core/diagnostic.ts';
import { suggestion } from '../../core/suggest.ts';
import type { Cluster } from '../../inventory/inventory.ts';
import type { Rollout, Share, WaveChoice } from '../../playbook/rollout/rollout-model.ts';

/** A cluster as far as waves are made by it. */
export interface Candidate {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** The wave that the inventory says it is in. */
  readonly wave?: string;
  /** When its first certificate ends, in milliseconds since the epoch; absent: not known. */
  readonly expires?: number;
  /** What it is like, such as its Kubernetes version and its topology: a canary is to meet each of them early. */
  readonly traits: readonly string[];
}

/** A wave with its clusters, in the order in which they start. */
export interface PlannedWave {
  readonly name: string;
  readonly clusters: readonly string[];
  /** So many of them may fail. */
  readonly maxFailed: number;
  /** Milliseconds after which they are looked at again; absent: they are not. */
  readonly soak?: number;
  /** Somebody has to let it begin. */
  readonly approval?: 'manual';
}

/** What a rollout without waves calls the only one that it has. */
const ONLY_WAVE = 'all';

/**
 * The waves of a rollout over these clusters. A cluster that names its wave is in that one; of the others a wave takes what it
 * chooses and no wave before it has, and the last one, unless it chooses, all that are left. A wave of a size takes none that a later
 * one names or labels: so how many clusters a wave has never depends on their order.
 * @param total how many clusters the play has, those included that `--limit` leaves out: a percentage is one of these
 */
export function planWaves(
  { waves, order, maxFailed }: Pick<Rollout, 'waves' | 'order' | 'maxFailed'>,
  candidates: readonly Candidate[],
  total: number,
): readonly PlannedWave[] {
  const sorted = candidates.toSorted(order === 'name' ? byName : byUrgency);
  if (waves.length === 0)
    return [{ name: ONLY_WAVE, clusters: namesOf(sorted), maxFailed: allowedOf(maxFailed?.value, sorted.length) }];
  let free = sorted.filter(({ wave }) => wave === undefined);
  const met = new Set<string>();
  return waves.map(({ name: { value: name }, choice, soak, approval, maxFailed: allowed }, index) => {
    const own = sorted.filter(({ wave }) => wave === name);
    for (const { traits } of own) for (const trait of traits) met.add(trait);
    const isLast = index === waves.length - 1;
    const later = waves.slice(index + 1).map((wave) => wave.choice);
    const chosen = new Set(choose(choice, free, { isLast, later, total, taken: own.length, met }));
    free = free.filter((candidate) => !chosen.has(candidate));
    const clusters = namesOf(sorted.filter((candidate) => own.includes(candidate) || chosen.has(candidate)));
    const budget = allowedOf(allowed?.value, clusters.length);
    return {
      name,
      clusters,
      maxFailed: budget,
      ...(soak && { soak: soak.value }),
      ...(approval && { approval: approval.value }),
    };
  });
}

/** How many clusters may fail; any number where nothing is said. A share is rounded down. */
export function allowedOf(share: Share | undefined, of: number): number {
  if (!share) return Number.POSITIVE_INFINITY;
  return share.kind === 'count' ? share.clusters : Math.floor((share.percent * of) / 100);
}

interface Choosing {
  readonly isLast: boolean;
  /** What the waves behind it choose. */
  readonly later: readonly WaveChoice[];
  /** How many clusters the play has. */
  readonly total: number;
  /** How many the wave has already. */
  readonly taken: number;
  /** Traits of clusters of this wave and of those before it. */
  readonly met: Set<string>;
}

function choose(
  choice: WaveChoice,
  free: readonly Candidate[],
  { isLast, later, total, taken, met }: Choosing,
): readonly Candidate[] {
  switch (choice.kind) {
    case 'named':
    case 'label':
      return free.filter((candidate) => isMeant(choice, candidate));
    case 'size': {
      const { value } = choice.size;
      const size = value.kind === 'count' ? value.clusters : Math.ceil((value.percent * total) / 100);
      const open = free.filter((candidate) => !later.some((other) => isMeant(other, candidate)));
      return representatives(open, size - taken, met);
    }
    case 'rest':
      return isLast ? free : [];
  }
}

/** Whether it is named or labelled. */
function isMeant(choice: WaveChoice, { name, labels }: Candidate): boolean {
  if (choice.kind === 'named') return choice.clusters.some(({ value }) => value === name);
  if (choice.kind !== 'label') return false;
  const [key = '', value] = choice.label.value.split(/=(.*)/s);
  return labels.get(key) === value;
}

/** So many of the clusters, those first that are like none before; otherwise in their order. `met` grows. */
function representatives(free: readonly Candidate[], size: number, met: Set<string>): readonly Candidate[] {
  const left = [...free];
  const chosen: Candidate[] = [];
  while (chosen.length < size && left.length > 0) {
    const news = left.map(({ traits }) => traits.filter((trait) => !met.has(trait)).length);
    const [next] = left.splice(news.indexOf(Math.max(...news)), 1);
    if (!next) break;
    chosen.push(next);
    for (const trait of next.traits) met.add(trait);
  }
  return chosen;
}

/** What is wrong with a rollout over these clusters, as far as that can be known without looking at them. */
export function checkRollout(
  rollout: Rollout,
  inventory: ReadonlyMap<string, Cluster>,
  /** Those of the play, before anything is left out by --limit. */
  clusters: readonly Cluster[],
  problems: Problems,
): void {
  const found = new Problems();
  for (const { choice } of rollout.waves) checkChoice(choice, rollout, inventory, found);
  checkDeclaredWaves(clusters, rollout, found);
  problems.addAll(found.all);
  if (found.hasErrors) return;
  checkCovered(rollout, clusters, problems);
}

/** Whether the clusters that a wave names are there and in no other wave, and a label that it asks for has a value. */
function checkChoice(
  choice: WaveChoice,
  { waves }: Rollout,
  inventory: ReadonlyMap<string, Cluster>,
  problems: Problems,
): void {
  if (choice.kind === 'label' && !choice.label.value.includes('='))
    problems.error(
      `'${choice.label.value}' does not say which value the label has`,
      choice.label.range,
      'write KEY=VALUE',
    );
  if (choice.kind !== 'named') return;
  for (const { value, range } of choice.clusters) {
    const cluster = inventory.get(value);
    const other = waves.find(({ name }) => name.value === cluster?.wave?.value)?.name.value;
    if (!cluster)
      problems.error(
        `there is no cluster '${value}'`,
        range,
        suggestion(value, [...inventory.keys()], 'the clusters are'),
      );
    else if (other !== undefined)
      problems.error(
        `cluster ${value} is in wave ${other}: the inventory says so`,
        range,
        'take it out of one of them',
      );
  }
}

/** Whether the rollout has the waves in which the inventory puts clusters. */
function checkDeclaredWaves(clusters: readonly Cluster[], { waves }: Rollout, problems: Problems): void {
  const names = waves.map(({ name }) => name.value);
  if (names.length === 0) return;
  for (const { name, wave } of clusters)
    if (wave && !names.includes(wave.value))
      problems.error(
        `cluster ${name} is in wave ${wave.value}, which the rollout does not have`,
        wave.range,
        suggestion(wave.value, names, 'its waves are'),
      );
}

/** Whether every wave has a cluster, and every cluster a wave. */
function checkCovered(rollout: Rollout, clusters: readonly Cluster[], problems: Problems): void {
  const planned = planWaves(rollout, clusters.map(candidateOf), clusters.length);
  for (const [index, { name }] of rollout.waves.entries())
    if (planned[index]?.clusters.length === 0)
      problems.error(
        `wave ${name.value} matches no cluster`,
        name.range,
        'remove it, or select clusters that are left at that point',
      );
  const reached = new Set(planned.flatMap((wave) => wave.clusters));
  const left = clusters.filter(({ name }) => !reached.has(name)).map(({ name }) => name);
  if (left.length > 0)
    problems.error(
      `no wave has ${left.join(', ')}`,
      rollout.range,
      'add a last wave without a selection: it takes all remaining clusters',
    );
}

/**
 * The clusters, each in the wave in which the record has it where the rollout itself leaves that to how clusters are: a wave of a
 * size, or that of all that are left.
 * @param recorded the wave of each cluster, by its name
 */
export function asRecorded(
  { waves }: Pick<Rollout, 'waves'>,
  candidates: readonly Candidate[],
  recorded: ReadonlyMap<string, string>,
): readonly Candidate[] {
  const open = new Set(
    waves.flatMap(({ name, choice: { kind } }) => (kind === 'size' || kind === 'rest' ? [name.value] : [])),
  );
  return candidates.map((candidate) => {
    const wave = recorded.get(candidate.name);
    const isChosen = waves.some(({ choice }) => isMeant(choice, candidate));
    return candidate.wave !== undefined || isChosen || wave === undefined || !open.has(wave)
      ? candidate
      : { ...candidate, wave };
  });
}

/** What is known of a cluster before it is looked at. */
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
