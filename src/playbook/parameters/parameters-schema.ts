import type { JsonSchema } from '../../core/schema.ts';
import type { DocumentedStep } from '../catalogue.ts';
import { accepts } from '../expectation.ts';
import { freeFormParameter } from './params.ts';
import { CONDITIONS, isGiven, unrendered, withChildren, withoutOneOf } from './template-schema.ts';

/** The parameters that a step needs, and that nothing else supplies. */
export function requiredParameters({ schema }: DocumentedStep): readonly string[] {
  return schema.required?.filter((name) => !isGiven(schema.properties[name])) ?? [];
}

/**
 * The schema of a step's parameters for editors: with templates in place of values.
 * @param required without those that may be given elsewhere
 */
export function parameters(step: DocumentedStep, required = requiredParameters(step)): JsonSchema {
  const { schema, summary, details } = step;
  const description = `${summary}\n\n${details}`;
  const mapping = withChildren({ ...forEditors(schema), required }, templated);
  const others: JsonSchema[] = [];
  if (freeFormParameter(schema) !== undefined) others.push({ type: 'string', minLength: 1 });
  else if (Object.keys(schema.properties).length > 0)
    others.push({ type: 'string', pattern: `^\\s*(?:${Object.keys(schema.properties).join('|')})=` });
  if (required.length === 0) others.push({ type: 'null' });
  return others.length === 0 ? { ...mapping, description } : { description, anyOf: [mapping, ...others] };
}

/** The schema, or a text with a template. */
function templated(schema: JsonSchema): JsonSchema {
  if (schema['x-conditions'])
    return { ...(schema.description !== undefined && { description: schema.description }), ...CONDITIONS };
  if (schema['x-with-text'])
    return { ...(schema.description !== undefined && { description: schema.description }), ...unrendered(schema) };
  const own = withChildren(withoutOneOf(forEditors(schema)), templated);
  if (takesAnyText(own)) return own;
  const { description, default: standard, anyOf, ...rest } = own;
  return {
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
    anyOf: [
      ...(anyOf && Object.keys(rest).length === 0 ? anyOf : [anyOf ? { ...rest, anyOf } : rest]),
      unrendered(schema),
    ],
  };
}

function takesAnyText(schema: JsonSchema): boolean {
  if (schema.enum || schema.const !== undefined || schema.pattern !== undefined) return false;
  return accepts(schema, 'string') || (schema.type === undefined && !schema.anyOf);
}

/** Without kplay's own keywords. */
function forEditors<S extends JsonSchema>(schema: S): S {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keyword.startsWith('x-'))) as unknown as S;
}
