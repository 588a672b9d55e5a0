import vm from 'node:vm';
import { Complaint } from '../errors.ts';
import type { Budget } from '../machine.ts';
import { checkLength } from '../measure.ts';

/** Ways through a text that are few enough to try without a guard: some milliseconds. */
const FEW = 1_000_000;

/**
 * Does what a regular expression does to a text, within the budget. Users' regular expressions can take exponential time
 * ("ReDoS"). One that by its form cannot runs as it is; any other runs under V8's own time limit, which interrupts it. That
 * costs 0.2 ms, and is all that `node:vm` is for here: what runs in it is `work`, never a text.
 * @throws {Complaint} when the text is too long, or the time is over.
 */
export function guardRegex<T>(pattern: string, subject: string, budget: Budget, work: () => T): T {
  checkLength(subject.length);
  const ways = waysThrough(pattern, subject.length);
  if (ways > FEW) return runLimited(budget, work);
  budget.charge(1 + ways / 1_000);
  return work();
}

/** A context whose only code calls `work`; made when it is needed first, as most runs do not need it. */
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

/** The error may be one of the context's own, to which `instanceof Error` does not apply. */
function isTimeout(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

function tooSlow(): Complaint {
  return new Complaint('the regular expression takes too long', 'avoid repetitions inside of repetitions, as in (a+)+');
}

/**
 * An upper bound of the ways in which a pattern can be tried on a text of this length: the product of the choices that
 * its quantifiers and alternatives leave. Infinite when a repeated group holds a choice itself.
 */
export function waysThrough(pattern: string, length: number): number {
  const outside: number[] = [];
  let ways = length + 1;
  for (const [part] of pattern.matchAll(PARTS)) {
    if (part.startsWith('(')) {
      outside.push(ways);
      ways = 1;
    } else if (part.startsWith(')')) {
      const inside = ways;
      ways = outside.pop() ?? 1;
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

/** An escape or a class, the begin of a group, its end with a quantifier, an alternative, a quantifier. */
const PARTS =
  /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|P?<\w+>|P=\w+))?|\)(?:[*+?]|\{\d*,?\d*\})?|\||[*+?]|\{\d*,?\d*\}/g;

function choicesOf(quantifier: string, length: number): number {
  if (quantifier === '' || /^\{\d*\}$/.test(quantifier)) return 1;
  if (quantifier === '?') return 2;
  const [, least, most] = /^\{(\d*),(\d+)\}$/.exec(quantifier) ?? [];
  return most === undefined ? length + 1 : Math.max(1, Number(most) - Number(least) + 1);
}
