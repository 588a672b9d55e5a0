import { shortened } from '../../core/shortened.ts';
import { Complaint } from '../errors.ts';

/** How `version` interprets versions: Ansible's `version_type`. */
export type VersionKind = 'loose' | 'strict' | 'semver' | 'semantic';

type Part = number | string;

/**
 * Negative, zero or positive if version `left` is before, equal to or after `right`, as a LooseVersion, StrictVersion or
 * SemanticVersion of Ansible. In loose versions, anything after the numbers makes a version later (`1.30.0-rc.1` is after
 * `1.30.0`), and `1.29` is before `1.29.0`; `semver` puts pre-releases before the release.
 * @throws {Complaint} for an invalid version, and for comparing a number with a word
 */
export function compareVersions(left: string, right: string, kind: VersionKind): number {
  for (const text of [left, right]) {
    if (text === '' || text.length > 256) throw new Complaint(`'${shortened(text, 40)}' is not a version`);
  }
  if (kind === 'loose') return compareLoose(left, right);
  return kind === 'strict' ? compareStrict(left, right) : compareSemantic(left, right);
}

/** Runs of digits, runs of lower-case letters, and whatever is between them, except single dots. */
function looseParts(text: string): readonly Part[] {
  const parts = text.split(/(\d+|[a-z]+|\.)/).filter((part) => part !== '' && part !== '.');
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function compareLoose(left: string, right: string): number {
  const a = looseParts(left);
  const b = looseParts(right);
  const at = a.findIndex((part, index) => part !== b[index]);
  const [one, other] = [a[at], b[at]];
  if (at < 0 || one === undefined || other === undefined) return a.length - b.length;
  if (typeof one === typeof other) return one < other ? -1 : 1;
  throw new Complaint(
    `versions '${shortened(left, 40)}' and '${shortened(right, 40)}' cannot be compared: part ${at + 1} is a number in one and a word in the other`,
    /^v/.test(left) === /^v/.test(right)
      ? "if both are semantic versions, add version_type='semver'"
      : "remove the v: | regex_replace('^v', '')",
  );
}

function compareStrict(left: string, right: string): number {
  return compareParts(strictParts(left), strictParts(right));
}

function strictParts(text: string): readonly Part[] {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(text);
  if (!match) throw new Complaint(`'${shortened(text, 40)}' is not a strict version`, 'one is like 1.29.3 or 1.30b1');
  const [, major, minor, patch = '0', letter, number] = match;
  // A letter after those of pre-releases sorts the release after them.
  return [Number(major), Number(minor), Number(patch), letter ?? 'z', Number(number ?? 0)];
}

const SEMANTIC =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*))?(?:\+[\dA-Za-z.-]+)?$/;

function compareSemantic(left: string, right: string): number {
  const [a, b] = [semantic(left), semantic(right)];
  const order = compareParts(a.release, b.release);
  if (order !== 0) return order;
  if (a.identifiers && b.identifiers) return compareParts(a.identifiers, b.identifiers);
  return Number(b.identifiers !== undefined) - Number(a.identifiers !== undefined);
}

interface Semantic {
  readonly release: readonly number[];
  /** The identifiers of a pre-release. */
  readonly identifiers: readonly Part[] | undefined;
}

function semantic(text: string): Semantic {
  const match = SEMANTIC.exec(text);
  const hint = 'one is like 1.29.3 or 1.30.0-rc.1, without a v before it';
  if (!match) throw new Complaint(`'${shortened(text, 40)}' is not a semantic version`, hint);
  const identifiers = match[4]?.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return { release: match.slice(1, 4).map(Number), identifiers };
}

/** Compares part by part; numbers sort before words, fewer parts before more. */
function compareParts(a: readonly Part[], b: readonly Part[]): number {
  for (const [index, one] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (one === other) continue;
    if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return a.length - b.length;
}
