import { type Diagnostic, Problems } from '../../core/diagnostic.ts';
import { DURATION_PATTERN, parseDuration } from '../../core/duration.ts';
import type { JsonSchema } from '../../core/schema.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import { missingKeys, suggestion } from '../../core/suggest.ts';
import { entry, type Tree } from '../../core/yaml/yaml.ts';
import { type Keywords, keyword, namesOf, readKeywords, schemasOf } from '../readers/keywords.ts';
import { listOf, oneOrMore, type Reader, refuse, scalar } from '../readers/reader.ts';
import { text } from '../readers/readers.ts';
import { checks } from './checks.ts';
import type { Rollout, Share, Wave, WaveChoice } from './rollout-model.ts';

const PERCENT = /^(\d|[1-9]\d|100)%$/;

/** @param minimum 0 or 1 */
function share(minimum: 0 | 1): Reader<Located<Share>> {
  const schema: JsonSchema = {
    anyOf: [
      { type: 'integer', minimum: minimum },
      { type: 'string', pattern: PERCENT.source, examples: ['10%'] },
    ],
  };
  return scalar<Share>(
    schema,
    (value) => {
      if (typeof value === 'number')
        return Number.isInteger(value) && value >= minimum ? { kind: 'count', clusters: value } : undefined;
      const percent = PERCENT.exec(String(value))?.[1];
      return percent === undefined || Number(percent) < minimum
        ? undefined
        : { kind: 'share', percent: Number(percent) };
    },
    `write how many clusters, or ${minimum}% to 100% of them`,
  );
}

const order = scalar<'urgency' | 'name'>({ enum: ['urgency', 'name'], default: 'urgency' }, (value) =>
  value === 'urgency' || value === 'name' ? value : undefined,
);

/** @param without what applies without it */
const maxFailed = (without: string) =>
  keyword(
    'max_failed',
    `how many clusters may fail, as a number or a percentage: after one more failure, no further cluster starts; 0 stops at the first; ${without}`,
    share(0),
  );

const duration = scalar<number>(
  { type: 'string', pattern: DURATION_PATTERN, minLength: 2, examples: ['30m'] },
  (value) => {
    try {
      return parseDuration(String(value));
    } catch {
      return undefined;
    }
  },
  'write it with its unit, such as 45s, 30m or 1h30m',
);

/** `KEY=VALUE` */
const label: Reader<Located<string>> = {
  schema: { type: 'string', pattern: '.=', examples: ['env=prod'] },
  read(tree, site) {
    const read = text.read(tree, site);
    if (!read || /.=/s.test(read.value)) return read;
    site.problems.error(`'${read.value}' does not say which value the label has`, read.range, 'write KEY=VALUE');
    return undefined;
  },
};

const approval = scalar<'manual'>({ enum: ['manual'] }, (value) => (value === 'manual' ? value : undefined));

/** The keys of a wave. */
export const WAVE_KEYWORDS = {
  name: keyword('name', 'name of the wave; includes clusters that name it: kplay_cluster: { wave: canary }', text),
  clusters: keyword('clusters', 'the clusters of the wave, by name', oneOrMore(text)),
  label: keyword('label', 'clusters with this label: env=prod', label),
  size: keyword(
    'size',
    'a number of the remaining clusters, or a percentage of all, chosen to cover each Kubernetes version and topology early',
    share(1),
  ),
  approval: keyword('approval', 'manual: it starts when somebody runs kplay approve RUN', approval),
  soak: keyword(
    'soak',
    'how long its clusters are left alone when all have ended; then they are observed again before the next wave starts',
    duration,
  ),
  maxFailed: maxFailed(
    'without it and without that of the rollout: any number, but after a failure the next wave does not start',
  ),
} as const;

/** The keys that select the clusters of a wave. */
const CHOICES = namesOf({
  clusters: WAVE_KEYWORDS.clusters,
  label: WAVE_KEYWORDS.label,
  size: WAVE_KEYWORDS.size,
});

/** The keys that say nothing about which clusters it has. */
const CONDITIONS = namesOf({
  approval: WAVE_KEYWORDS.approval,
  soak: WAVE_KEYWORDS.soak,
  maxFailed: WAVE_KEYWORDS.maxFailed,
});

const waveSchema: JsonSchema = objectOf(WAVE_KEYWORDS, 'name');

const wave: Reader<Wave> = {
  schema: waveSchema,
  read(tree, { label, problems }) {
    const found = new Problems();
    const read = readWave(tree, label, found);
    problems.addAll(found.all);
    if (!read || tree.kind !== 'mapping') return undefined;
    const conditions = tree.entries.filter(({ key }) => CONDITIONS.includes(key));
    const isOfConditions = ({ range }: Diagnostic) => conditions.some(({ value }) => isWithin(range, value.range));
    return found.all.every(isOfConditions) ? read : { ...read, isUnread: true };
  },
};

/** The wave, as far as it can be read; undefined if it has no name. */
function readWave(tree: Tree, label: string, problems: Problems): Wave | undefined {
  const values = valuesOf(WAVE_KEYWORDS, tree, label, waveSchema, problems);
  if (!values || tree.kind !== 'mapping') return undefined;
  const { name, clusters, label: chosen, size, soak, approval: needed, maxFailed } = values;
  const present = tree.entries.map(({ key }) => key);
  if (missingKeys(['name'], present, namesOf(WAVE_KEYWORDS)).length > 0)
    problems.error('a wave has no name', tree.range, 'add name: canary');
  const [first, second] = tree.entries.filter(({ key }) => CHOICES.includes(key));
  if (first && second)
    problems.error(
      `a wave selects its clusters by '${first.key}' or by '${second.key}', not by both`,
      second.keyRange,
      'remove one of them',
    );
  if (!name) return undefined;
  const choices: readonly WaveChoice[] = [
    ...(clusters ? [{ kind: 'named', clusters } as const] : []),
    ...(chosen ? [{ kind: 'label', label: chosen } as const] : []),
    ...(size ? [{ kind: 'size', size } as const] : []),
  ];
  const [choice = { kind: 'rest' }] = choices;
  return {
    name,
    choice,
    ...(soak && { soak }),
    ...(needed && { approval: needed }),
    ...(maxFailed && { maxFailed }),
  };
}

/** The keys of a rollout. */
export const ROLLOUT_KEYWORDS = {
  waves: keyword('waves', 'groups of clusters that are worked on one after another', listOf(wave, { minItems: 1 })),
  order: keyword('order', 'order within a wave: by expiry, or by name', order),
  maxFailed: maxFailed('without it: any number, as far as the waves allow it'),
  checks: keyword(
    'checks',
    'checks, run on the machine of kplay, that have to pass before a cluster starts, and after it has ended',
    checks,
  ),
} as const;

/** The JSON Schema of a rollout. */
export const ROLLOUT_SCHEMA: JsonSchema = objectOf(ROLLOUT_KEYWORDS);

/** A rollout: how a play goes through its clusters. */
export const rollout: Reader<Rollout> = {
  schema: ROLLOUT_SCHEMA,
  read(tree, { label, problems }) {
    const values = valuesOf(ROLLOUT_KEYWORDS, tree, label, ROLLOUT_SCHEMA, problems);
    const read = values?.waves ?? [];
    const ambiguous = new Set([...reportRepeatedNames(read, problems), ...reportRepeatedClusters(read, problems)]);
    const waves = read.map((one): Wave => (ambiguous.has(one) ? { ...one, isUnread: true } : one));
    const list = tree.kind === 'mapping' ? entry(tree, 'waves')?.value : undefined;
    const isRead =
      tree.kind === 'mapping' && (!list || (list.kind === 'sequence' && list.items.length === read.length));
    return {
      waves,
      order: values?.order?.value ?? 'urgency',
      ...(values?.maxFailed && { maxFailed: values.maxFailed }),
      checks: values?.checks ?? [],
      ...(!isRead && { hasUnreadWaves: true }),
      range: tree.range,
    };
  },
};

/** Reports the waves that have the name of an earlier one. @returns these */
function reportRepeatedNames(waves: readonly Wave[], problems: Problems): readonly Wave[] {
  const repeated = waves.filter(
    ({ name }, index) => waves.findIndex((other) => other.name.value === name.value) < index,
  );
  for (const { name } of repeated)
    problems.error(`two waves have the name ${name.value}`, name.range, 'give each a name of its own');
  return repeated;
}

/** Reports clusters that are named twice: only the first of these waves would have them. @returns the other ones */
function reportRepeatedClusters(waves: readonly Wave[], problems: Problems): readonly Wave[] {
  const waveOf = new Map<string, Wave>();
  return waves.filter((wave) => {
    if (wave.choice.kind !== 'named') return false;
    let isMistaken = false;
    for (const { value, range } of wave.choice.clusters) {
      const first = waveOf.get(value);
      waveOf.set(value, first ?? wave);
      if (!first) continue;
      isMistaken ||= first !== wave;
      if (first === wave)
        problems.error(`wave ${wave.name.value} names cluster ${value} twice`, range, 'remove one of them');
      else
        problems.error(
          `cluster ${value} is also in wave ${first.name.value}`,
          range,
          'remove it from one of the waves',
        );
    }
    return isMistaken;
  });
}

function isWithin(range: SourceRange | undefined, { start, end }: SourceRange): boolean {
  return range !== undefined && start <= range.start && range.end <= end;
}

function objectOf(keywords: Keywords, ...required: readonly string[]): JsonSchema {
  return {
    type: 'object',
    properties: schemasOf(keywords),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

/** The values of a mapping; unknown keys are reported. */
function valuesOf<K extends Keywords>(
  keywords: K,
  tree: Tree,
  label: string,
  schema: JsonSchema,
  problems: Problems,
): ReturnType<typeof readKeywords<K>>['values'] | undefined {
  if (tree.kind !== 'mapping') return refuse(schema, tree, { label, problems });
  const { values, others } = readKeywords(tree, keywords, problems);
  for (const { key, keyRange } of others)
    problems.error(`${label} has no '${key}'`, keyRange, suggestion(key, namesOf(keywords), 'it has'));
  return values;
}
