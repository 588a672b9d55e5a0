import type { ScalarTag, Tags } from 'yaml';

/**
 * Which scalars a plain word may be. Inventories, playbooks and all that belongs to them follow Ansible's YAML 1.1: `yes` is true,
 * `0644` is octal. What hosts keep of Kubernetes follows YAML 1.2.
 */
export type Dialect = 'ansible' | 'kubernetes';

/** The tags by which plain words become values. Timestamps and base-60 numbers of YAML 1.1 surprise everybody: 2026-11-24 and 12:30:45 stay words. */
export function tagsOf(dialect: Dialect, tags: Tags): Tags {
  const kept = tags.filter((tag) => typeof tag === 'string' || !isDateOrBase60(tag));
  return dialect === 'ansible' ? kept.map(asPyYaml) : kept;
}

function isDateOrBase60({ tag, format }: TagLike): boolean {
  return tag.endsWith(':timestamp') || format === 'TIME';
}

interface TagLike {
  readonly tag: string;
  readonly format?: string;
}

/**
 * Ansible reads with PyYAML, which takes fewer plain words for numbers and booleans than YAML 1.1 says: `y`, `1e3` and `08`
 * are words there (PyYAML, resolver.py).
 */
function asPyYaml(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || !isScalarTag(tag) || !tag.test) return tag;
  const test = plainWords(tag, tag.test);
  return test ? { ...tag, test } : tag;
}

function plainWords({ tag, format }: ScalarTag, test: RegExp): RegExp | undefined {
  const name = tag.replace(/^.*:/, '');
  if (name === 'bool') return new RegExp(test.source.replace(/(Y\|y|N\|n)\|/, ''));
  if (name === 'float' && format === 'EXP') return /^[-+]?[0-9][0-9_]*\.[0-9_]*[eE][-+][0-9]+$/;
  if (name === 'float' && test.test('1.5')) return /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)$/;
  if (name === 'int' && test.test('08')) return /^[-+]?(?:0|[1-9][0-9_]*)$/;
  return undefined;
}

function isScalarTag(tag: Exclude<Tags[number], string>): tag is ScalarTag {
  return tag.collection === undefined;
}
