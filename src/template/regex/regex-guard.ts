import { RegexTimeout, withinTime } from '../../core/regex-time.ts';
import { Complaint } from '../errors.ts';
import type { Budget } from '../machine.ts';
import { checkLength } from '../measure.ts';

/** A number of ways that is safe without a guard: some milliseconds. */
const SAFE_WAYS = 1_000_000;

/**
 * Applies a regular expression to a text, within the budget. One whose form rules out exponential time runs directly; any other
 * runs under a time limit.
 * @throws {Complaint} if the text is too long, or the time is up
 */
export function guardRegex<T>(pattern: string, subject: string, budget: Budget, work: () => T): T {
  checkLength(subject.length);
  const ways = countWays(pattern, subject.length);
  if (ways > SAFE_WAYS) return runLimited(budget, work);
  budget.charge(1 + ways / 1_000);
  return work();
}

function runLimited<T>(budget: Budget, work: () => T): T {
  const timeout = Math.floor(budget.regexMilliseconds);
  if (timeout < 1) throw tooSlow();
  const before = performance.now();
  let spent = timeout;
  try {
    return withinTime(timeout, () => {
      try {
        return work();
      } finally {
        spent = performance.now() - before; // Not reached when it is interrupted: then all the time is spent.
      }
    });
  } catch (error) {
    throw error instanceof RegexTimeout ? tooSlow() : error;
  } finally {
    budget.spendRegexTime(spent);
  }
}

function tooSlow(): Complaint {
  return new Complaint('the regular expression takes too long', 'avoid repetitions inside of repetitions, as in (a+)+');
}

/**
 * An upper bound on the number of ways to try a pattern on a text of this length: the product of the choices of its
 * quantifiers and alternatives. Infinite if a repeated group contains a choice itself.
 */
export function countWays(pattern: string, length: number): number {
  const outerWays: number[] = [];
  let ways = length + 1;
  for (const [part] of pattern.matchAll(PARTS)) {
    if (part.startsWith('(')) {
      outerWays.push(ways);
      ways = 1;
    } else if (part.startsWith(')')) {
      const inside = ways;
      ways = outerWays.pop() ?? 1;
      const repeated = part.length > 1 && part !== ')?';
      ways *= inside > 1 && repeated ? Number.POSITIVE_INFINITY : inside * choicesOf(part.slice(1), length);
    } else if (part === '|') {
      ways = (ways + 1) * 2;
    } else if (!/^[\\[]/.test(part)) {
      ways *= choicesOf(part, length);
    }
  }
  return ways;
}

/** An escape or a class, the beginning of a group, its end with a quantifier, an alternative, a quantifier. */
const PARTS =
  /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|P?<\w+>|P=\w+))?|\)(?:[*+?]|\{\d*,?\d*\})?|\||[*+?]|\{\d*,?\d*\}/g;

function choicesOf(quantifier: string, length: number): number {
  if (quantifier === '' || /^\{\d*\}$/.test(quantifier)) return 1;
  if (quantifier === '?') return 2;
  const [, minimum, maximum] = /^\{(\d*),(\d+)\}$/.exec(quantifier) ?? [];
  return maximum === undefined ? length + 1 : Math.max(1, Number(maximum) - Number(minimum) + 1);
}
