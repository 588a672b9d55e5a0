import { Complaint } from './errors.ts';

interface Version {
  readonly release: readonly number[];
  /** -1: a pre-release, before the release itself; 0: the release; 1: a later packaging of it. */
  readonly stage: -1 | 0 | 1;
  readonly suffix: readonly (number | string)[];
}

/**
 * Negative, zero or positive as version `left` is before, equal to or after `right`. A leading v and build metadata (`+…`) do not
 * count; `1.29` is `1.29.0`. What begins with a letter after the numbers is a pre-release (`-rc.1`, `~beta2`), what begins
 * with a digit is a later package of the release (Debian's `1.29.3-1.1`).
 * @throws {Complaint} for what is not a version.
 */
export function compareVersions(left: string, right: string): number {
  const a = parseVersion(left);
  const b = parseVersion(right);
  return compareParts(a.release, b.release, 0) || a.stage - b.stage || compareParts(a.suffix, b.suffix, undefined);
}

function parseVersion(text: string): Version {
  const match = /^[vV]?(\d+(?:\.\d+)*)(?:([-~_.]?)([A-Za-z0-9][\w.~-]*))?(?:\+[\w.~+-]*)?$/.exec(text.trim());
  const [, release = '', , suffix = ''] = match ?? [];
  if (!match || text.length > 256) {
    throw new Complaint(`'${text.slice(0, 40)}' is not a version`, 'a version is written like 1.29.3 or v1.30.0-rc.1');
  }
  const first = suffix.charAt(0);
  return {
    release: release.split('.').map(Number),
    stage: first === '' ? 0 : /\d/.test(first) ? 1 : -1,
    suffix: (suffix.match(/\d+|[A-Za-z]+/g) ?? []).map((part) => (/\d/.test(part) ? Number(part) : part.toLowerCase())),
  };
}

/** Part by part; numbers come before words. Missing parts count as `filler`, or come first. */
function compareParts(
  left: readonly (number | string)[],
  right: readonly (number | string)[],
  filler: number | undefined,
): number {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = comparePart(left[index] ?? filler, right[index] ?? filler);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: number | string | undefined, b: number | string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (typeof a === 'number' && typeof b === 'number') return Math.sign(a - b);
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  return typeof a === 'number' ? -1 : 1;
}
