import { Complaint } from '../errors.ts';
import type { Bound, Signature } from '../signature.ts';
import { didYouMean } from '../suggestion.ts';

/** More than anybody writes; limits the stack used by a call. */
const MAX_ARGUMENTS = 100;

/**
 * Assigns the arguments of a call to parameters.
 * @throws {Complaint} for a superfluous, missing or duplicate argument, and for an unknown name
 */
export function bind<T>(
  signature: Signature,
  positional: readonly T[],
  keywords: ReadonlyMap<string, T> = new Map(),
): Bound<T> {
  const { label, parameters } = signature;
  if (positional.length > MAX_ARGUMENTS) throw new Complaint(`${label} takes ${countOf(MAX_ARGUMENTS)}`);
  const slots: T[][] = parameters.map(() => []);
  let next = 0;
  for (const argument of positional) {
    const slot = slots[next];
    if (!slot) throw new Complaint(`${label} takes ${countOf(parameters.length)}, not ${positional.length}`);
    slot.push(argument);
    if (parameters[next]?.arity !== 'rest') next += 1;
  }
  for (const [name, argument] of keywords) {
    const slot = slots[parameters.findIndex((parameter) => parameter.name === name && parameter.arity !== 'rest')];
    if (!slot) {
      const names = parameters.map((parameter) => parameter.name);
      throw new Complaint(`${label} has no argument '${name}'`, didYouMean(name, names));
    }
    if (slot.length > 0) throw new Complaint(`${label}: '${name}' is given twice`);
    slot.push(argument);
  }
  parameters.forEach(({ arity, name }, index) => {
    if (arity === 'required' && slots[index]?.length === 0)
      throw new Complaint(`${label} needs its argument '${name}'`);
  });
  return slots;
}

function countOf(maximum: number): string {
  if (maximum === 0) return 'no arguments';
  return maximum === 1 ? 'one argument' : `at most ${maximum} arguments`;
}
