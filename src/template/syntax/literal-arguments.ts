import type { Json } from '../../core/json.ts';
import { findFilter, findTest } from '../registry.ts';
import type { Bound, Signature } from '../signature.ts';
import type { Expression } from './expression.ts';

/**
 * Checks arguments that are known before any evaluation, so that mistakes are found when the playbook is read.
 * @throws {Complaint} for a wrong type, and for the name of a filter or test that does not exist: `map('uper')`
 */
export function checkLiterals({ parameters }: Signature, given: Bound<Expression>): void {
  parameters.forEach((parameter, index) => {
    const values = literalsOf(given[index] ?? []);
    if (!values || values.length === 0) return;
    parameter.read(values, parameter.label);
    const [name] = values;
    if (typeof name !== 'string' || !parameter.namesA) return;
    if (parameter.namesA === 'filter') findFilter(name);
    else findTest(name);
  });
}

/** The values of the expressions, if all of them are literals. */
function literalsOf(expressions: readonly Expression[]): readonly Json[] | undefined {
  const values: Json[] = [];
  for (const expression of expressions) {
    if (expression.kind !== 'literal') return undefined;
    values.push(expression.value);
  }
  return values;
}
