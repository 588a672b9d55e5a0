import type { Problems } from '../../core/diagnostic.ts';
import { type Located, SourceFile } from '../../core/source.ts';
import { readHostEntry } from '../../inventory/host-entry.ts';
import type { FoundHosts } from './inventory-text.ts';

/** Lists of hosts from options. */
export interface HostLists {
  readonly masters: string;
  readonly workers?: string;
}

/** Splits a list at its commas. @param option that gives the list, for positions in it. */
export function listed(option: string, list: string): readonly Located<string>[] {
  const source = new SourceFile(option, list);
  return [...list.matchAll(/[^,\s][^,]*/g)].map(({ 0: piece, index }) => {
    const value = piece.trimEnd();
    return { value, range: source.range(index, index + value.length) };
  });
}

/** The hosts of such lists. Invalid and duplicate names are added to `problems`. */
export function hostsOfLists({ masters, workers = '' }: HostLists, problems: Problems): FoundHosts {
  const roles = new Map<string, string>();
  const read = (option: string, list: string) =>
    listed(option, list).flatMap((one) => {
      const named = readHostEntry(one, problems, 'list');
      for (const name of named?.names ?? []) {
        const before = roles.get(name);
        if (before !== undefined) reportTwice(one, name, [before, option], problems);
        roles.set(name, option);
      }
      return named ? [{ name: one.value, vars: {} }] : [];
    });
  const found = { masters: read('--masters', masters), workers: read('--workers', workers), remarks: [] };
  if (listed('--masters', masters).length === 0)
    problems.error('--masters names no host', ['--masters'], 'name them: --masters m1,m2,m3');
  return found;
}

/** @param options the options that name it. */
export function reportTwice(
  { range }: Located<string>,
  name: string,
  [first, second]: readonly [string, string],
  problems: Problems,
): void {
  const message =
    first === second ? `${name} is named twice` : `${name} is named by ${first} and by ${second}: a host has one role`;
  problems.error(message, range, 'name it once');
}
