import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import type { SourceRange } from '../../core/source.ts';
import { Complaint, TemplateError } from '../errors.ts';
import { joinTexts, withinLimits } from '../measure.ts';
import type { Scope } from '../scope.ts';
import type { Expression } from '../syntax/expression.ts';
import type { CompiledValue } from '../template.ts';
import { withLineEnds } from '../values/line-ends.ts';
import { displayText } from '../values/value.ts';
import { evaluate } from './evaluate.ts';

/**
 * A value with its templates rendered. A constant is returned unchanged.
 * @throws {TemplateError} for an expression without a value, and for null or too long texts inside a text
 * @throws {UnknownValueError} if it depends on a value that is only known during the run
 */
export function render(value: CompiledValue, scope: Scope): Json {
  switch (value.kind) {
    case 'constant':
      return value.value;
    case 'expression':
      return displayableValue(value.expression, scope);
    case 'text': {
      const texts = value.parts.map((part) => (typeof part === 'string' ? part : renderPart(part, scope)));
      return at(value.range, () => withLineEnds(joinTexts(texts), value.lineEnds));
    }
    case 'sequence': {
      const items = value.endsAtFalse ? upToFalse(value.items, scope) : value.items.map((item) => render(item, scope));
      return at(value.range, () => withinLimits(items));
    }
    case 'mapping':
      return renderMembers(value, () => scope);
  }
}

/** Conditions, each with its text, up to the first one that is false. */
function upToFalse(items: readonly CompiledValue[], scope: Scope): readonly Json[] {
  const rendered: Json[] = [];
  for (const item of items) {
    const value = render(item, scope);
    rendered.push(value);
    if (isJsonObject(value) && Object.values(value).includes(false)) break;
  }
  return rendered;
}

/** Renders a mapping whose members have scopes of their own; see `render`. */
export function renderMembers(
  { entries, range }: Extract<CompiledValue, { readonly kind: 'mapping' }>,
  scopeOf: (key: string) => Scope,
): JsonObject {
  const members = Object.fromEntries(entries.map(([key, member]) => [key, render(member, scopeOf(key))]));
  return at(range, () => withinLimits(members));
}

/** For a bare name a displayable value is sufficient. */
function displayableValue(expression: Expression, scope: Scope): Json {
  return evaluate(expression, expression.kind === 'name' ? (scope.inTexts ?? scope) : scope);
}

function renderPart(expression: Expression, scope: Scope): string {
  const value = displayableValue(expression, scope);
  return at(expression.range, () => displayText(value));
}

function at<T>(range: SourceRange, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Complaint ? new TemplateError(error.message, range, error.hint) : error;
  }
}
