import type { IncludePart, Node } from '../program/compiled.ts';
import type { Inclusion } from '../program/inclusions.ts';
import type { Judged } from './judging.ts';
import type { Verdict } from './request.ts';

type Round = readonly [body: readonly Node[], hosts: Pick<Judged, 'meant' | 'open'>];

/** What hosts include, each with those that include it, in the order in which it is met: host by host, as Ansible does. */
export function inRounds(found: ReadonlyMap<string, readonly Inclusion[]>): readonly Round[] {
  const rounds = new Map<IncludePart, { readonly meant: string[]; readonly open: string[] }>();
  for (const [host, inclusions] of found)
    for (const { part, isOpen } of inclusions) {
      const round = rounds.get(part) ?? { meant: [], open: [] };
      rounds.set(part, round);
      (isOpen ? round.open : round.meant).push(host);
    }
  return [...rounds].map(([{ body }, hosts]) => [body, hosts]);
}

/** What an include that has not failed comes to. */
export function verdictOf(inclusions: readonly Inclusion[]): Verdict {
  if (inclusions.length === 0) return 'skipped';
  return inclusions.every(({ isOpen }) => isOpen) ? 'unknown' : 'ok';
}
