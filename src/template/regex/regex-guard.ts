import vm from 'node:vm';
import { Complaint } from '../errors.ts';
import type { Budget } from '../machine.ts';
import { checkLength } from '../measure.ts';

/** A number of ways that is safe without a guard: some milliseconds. */
const SAFE_WAYS = 1_000_000;

/**
 * Applies a regular expression to a text, within the budget. Users' regular expressions can take exponential time ("ReDoS").
 * One whose form rules that out runs directly; any other runs under V8's own time limit, which interrupts it. That costs 0.2
 * ms, and is the only purpose of `node:vm` here: it runs `work`, never a text.
 * @throws {Complaint} if the text is too long, or the time is up
 */
export function guardRegex<T>(pattern: string, subject: string, budget: Budget, work: () => T): T {
  checkLength(subject.length);
  const ways = countWays(pattern, subject.length);
  if (ways > SAFE_WAYS) return runLimited(budget, work);
  budget.charge(1 + ways / 1_000);
  return work();
}

/** A context whose only code calls `work`; made on first use, since most runs do not need it. */
let guard: { readonly context: { work?: () => unknown }; readonly script: vm.Script } | undefined;

function runLimited<T>(budget: Budget, work: () => T): T {
  const timeout = Math.floor(budget.regexMilliseconds);
  if (timeout < 1) throw tooSlow();
  guard ??= { context: vm.createContext({}), script: new vm.Script('work()') };
  let spent = timeout;
  guard.context.work = () => {
    const before = performance.now();
    try {
      return work();
    } finally {
      spent = performance.now() - before; // Not reached when V8 interrupts it: then all the time is spent.
    }
  };
  try {
    return guard.script.runInContext(guard.context, { timeout }) as T;
  } catch (error) {
    throw isTimeout(error) ? tooSlow() : error;
  } finally {
    delete guard.context.work;
    budget.spendRegexTime(spent);
  }
}

/** The error may come from another context, where `instanceof Error` does not apply. */
function isTimeout(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
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
