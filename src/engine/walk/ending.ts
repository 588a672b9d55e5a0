import type { MetaNode } from '../program/compiled.ts';
import type { Doubts } from './doubts.ts';
import type { Judged } from './judging.ts';

/** Whom a word to the run ends, and what is then uncertain of the others. */
interface Ending {
  readonly meant: readonly string[];
  readonly doubts: Doubts;
}

/**
 * What `end_host`, `end_batch` and `end_play` come to, once their condition has been judged. A host that fails before goes on behind
 * its rescue, where a plan has to show what it then comes to; and one that may not come here at all ends nothing for certain, but
 * itself where it has ended otherwise.
 * @param mayHaveFailed it is a plan, and a rescue stands around the word
 */
export function endingOf(
  { action, name }: MetaNode,
  { going, meant, open }: Judged,
  doubts: Doubts,
  { supposes, mayHaveFailed }: { readonly supposes: boolean; readonly mayHaveFailed: boolean },
): Ending {
  const isOfHost = action === 'end_host';
  const comes = (host: string) => (isOfHost ? doubts.comesOrHasEnded(host) : !doubts.conditions.has(host));
  const isOpen = (host: string) => supposes && (mayHaveFailed || !comes(host));
  const notCertain = [...open, ...meant.filter(isOpen)];
  const doubt = `unless '${name}' ends ${isOfHost ? 'the host' : 'the play'} before`;
  return {
    meant: meant.filter((host) => !isOpen(host)),
    doubts: notCertain.length > 0 ? doubts.ending(isOfHost ? notCertain : [...going], doubt) : doubts,
  };
}
