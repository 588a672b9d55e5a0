import type { ScalarTag, Tags } from 'yaml';

/**
 * How plain scalars are read. Inventories, playbooks and their files follow Ansible's YAML 1.1: `yes` is true, `0644` is
 * octal. Kubernetes files of hosts follow YAML 1.2, but for these words.
 */
export type Dialect = 'ansible' | 'kubernetes';

/**
 * The tags that turn plain scalars into values. Timestamps and base-60 numbers of YAML 1.1 surprise everybody: 2026-11-24 and
 * 12:30:45 stay strings. What JSON lacks, which has to be asked for by a tag, is unknown.
 */
export function tagsOf(dialect: Dialect, tags: Tags): Tags {
  const supported = tags.filter((tag) => typeof tag === 'string' || !(isDateOrBase60(tag) || isBeyondJson(tag)));
  return supported.map(dialect === 'ansible' ? asPyYaml : asGoYaml);
}

function isDateOrBase60({ tag, format }: TagLike): boolean {
  return tag.endsWith(':timestamp') || format === 'TIME';
}

function isBeyondJson({ tag }: TagLike): boolean {
  return /:(?:binary|omap|pairs|set)$/.test(tag);
}

interface TagLike {
  readonly tag: string;
  readonly format?: string;
}

/**
 * Ansible reads with PyYAML, which takes fewer plain scalars as numbers and booleans than YAML 1.1: `y`, `1e3` and `08` are
 * strings (PyYAML, resolver.py).
 */
function asPyYaml(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || !isScalarTag(tag) || !tag.test) return tag;
  const test = plainWords(tag, tag.test);
  return test ? { ...tag, test } : tag;
}

/** Kubernetes reads with sigs.k8s.io/yaml: to kubelet `rotateCertificates: yes` is true (goyaml.v2, resolve.go). */
function asGoYaml(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || !isScalarTag(tag) || !/:bool$/.test(tag.tag)) return tag;
  const test = /^(?:[YyNn]|[Yy]es|YES|[Nn]o|NO|[Tt]rue|TRUE|[Ff]alse|FALSE|[Oo]n|ON|[Oo]ff|OFF)$/;
  return { ...tag, test, resolve: (word) => /^(?:[yt]|on$)/i.test(word) };
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
