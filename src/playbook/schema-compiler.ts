import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchema } from '../core/schema.ts';

/** Makes validators, which fill in defaults, from kplay's own schemas. Loads ajv, which takes longer than all the rest of a start. */
export async function loadSchemaCompiler(): Promise<(schema: JsonSchema) => ValidateFunction> {
  // By its default export, which is all that a bundle has of a CommonJS module.
  const { default: ajv2020 } = await import('ajv/dist/2020.js');
  const ajv = new ajv2020.Ajv2020({
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    allErrors: true,
    // Errors with the schema and the value that they are about.
    verbose: true,
    messages: false,
    useDefaults: true,
    validateFormats: false,
    // The schemas are kplay's own, and tested: to check and optimise them takes longer than to use them.
    validateSchema: false,
    meta: false,
    code: { optimize: false },
    logger: false,
  });
  ajv.addVocabulary([
    'x-default-variable',
    'x-free-form',
    'x-expression',
    'x-with-text',
    'x-any-word',
    'x-async',
    'x-exclusive',
    'x-one-of',
  ]);
  return (schema) => ajv.compile(schema);
}
