import type { IncludePart, Node } from '../program/compiled.ts';
import type { Inclusion } from '../program/inclusions.ts';
import type { Reach } from './judging.ts';
import type { Verdict } from './request.ts';

type Round = readonly [body: readonly Node[], hosts: Pick<Reach, 'certain' | 'uncertain'>];

/** What hosts include, each part with the hosts that include it, in the order in which they are first met, host by host, as in Ansible. */
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

/** The verdict of an include that has not failed, by what it includes. */
export function verdictOf(inclusions: readonly Inclusion[]): Verdict {
  if (inclusions.length === 0) return 'skipped';
  return inclusions.every(({ isOpen }) => isOpen) ? 'unknown' : 'ok';
}
