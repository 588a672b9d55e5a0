import type { Ajv2020, Options, ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchema } from '../../core/schema.ts';

/**
 * Makes validators, which fill in defaults, from kplay's own schemas. Loads ajv and has it write code, which takes longer than reading a
 * playbook: a build has a module in place of this one, with what ajv has written (scripts/validators.ts).
 */
export async function loadSchemaCompiler(): Promise<(schema: JsonSchema) => ValidateFunction> {
  // To optimise the code takes longer than to use it.
  const ajv = await loadAjv({ optimize: false });
  return (schema) => ajv.compile(schema);
}

/** An ajv for kplay's own schemas, with the words that these have besides. */
export async function loadAjv(code: NonNullable<Options['code']>): Promise<Ajv2020> {
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
    // The schemas are kplay's own, and tested: to check them takes longer than to use them.
    validateSchema: false,
    meta: false,
    code,
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
  return ajv;
}
