import { UnknownValueError } from '../../core/world.ts';
import { TemplateError, UndefinedError } from '../../template/errors.ts';
import { evaluate } from '../../template/evaluation/evaluate.ts';
import type { Expression } from '../../template/syntax/expression.ts';
import { expressionsOf } from '../../template/syntax/references.ts';
import type { CompiledValue } from '../../template/template.ts';
import type { HostScope } from './scope.ts';

/**
 * Renders values. If that fails because something is undefined, the error can tell what else in the values is undefined, so that all of it
 * is reported at once. Conditions are left out: one may be there to guard the next.
 * @param work renders all of them
 * @throws {TemplateError} what `work` throws, with the others
 */
export function tellingAll<T>(values: readonly CompiledValue[], scope: HostScope, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UndefinedError)) throw error;
    const { message, range, hint, cause } = error;
    const others = (): readonly UndefinedError[] => {
      // Hosts that differ in what is read here need not be looked at one by one.
      const { unwatched } = scope;
      return values.flatMap(unconditional).flatMap((expression) => undefinedIn(expression, unwatched) ?? []);
    };
    throw new TemplateError(message, range, hint, cause, others);
  }
}

function unconditional(value: CompiledValue): readonly Expression[] {
  if (value.kind === 'mapping') return value.entries.flatMap(([, member]) => unconditional(member));
  return value.kind === 'sequence' && value.endsAtFalse ? [] : expressionsOf(value);
}

function undefinedIn(expression: Expression, scope: HostScope): UndefinedError | undefined {
  try {
    evaluate(expression, scope);
  } catch (error) {
    if (error instanceof UndefinedError) return error;
    if (!(error instanceof TemplateError || error instanceof UnknownValueError)) throw error;
  }
  return undefined;
}
