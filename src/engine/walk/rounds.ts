import type { IncludePart, Node } from '../program/compiled.ts';
import type { Inclusion } from '../program/inclusions.ts';
import type { Reach } from './judging.ts';
import type { Verdict } from './request.ts';

type Round = readonly [body: readonly Node[], hosts: Pick<Reach, 'certain' | 'uncertain'>];

/** The included parts, each with its hosts, in the order in which they first occur, host by host, as in Ansible. */
export function inRounds(found: ReadonlyMap<string, readonly Inclusion[]>): readonly Round[] {
  const rounds = new Map<IncludePart, { readonly certain: string[]; readonly uncertain: string[] }>();
  for (const [host, inclusions] of found)
    for (const { part, isOpen } of inclusions) {
      const round = rounds.get(part) ?? { certain: [], uncertain: [] };
      rounds.set(part, round);
      (isOpen ? round.uncertain : round.certain).push(host);
    }
  return [...rounds].map(([{ body }, hosts]) => [body, hosts]);
}

/** The verdict of an include that has not failed. */
export function verdictOf(inclusions: readonly Inclusion[]): Verdict {
  if (inclusions.length === 0) return 'skipped';
  return inclusions.every(({ isOpen }) => isOpen) ? 'unknown' : 'ok';
}
