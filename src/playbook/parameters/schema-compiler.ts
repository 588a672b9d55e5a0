import type { Ajv2020, Options, ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchema } from '../../core/schema.ts';

/**
 * Makes validators, which fill in defaults, from kplay's own schemas. Loading ajv and generating code takes longer than
 * reading a playbook: a build replaces this module with pregenerated code (scripts/validators.ts).
 */
export async function loadSchemaCompiler(): Promise<<T>(schema: JsonSchema) => ValidateFunction<T>> {
  // Optimising the code takes longer than running it.
  const ajv = await loadAjv({ optimize: false });
  return <T>(schema: JsonSchema) => ajv.compile<T>(schema);
}

/** An ajv for kplay's own schemas, with their additional keywords. */
export async function loadAjv(code: NonNullable<Options['code']>): Promise<Ajv2020> {
  // The default export is all that a bundle has of a CommonJS module.
  const { default: ajv2020 } = await import('ajv/dist/2020.js');
  const ajv = new ajv2020.Ajv2020({
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    allErrors: true,
    // Errors include the schema and the value.
    verbose: true,
    messages: false,
    useDefaults: true,
    validateFormats: false,
    // The schemas are kplay's own, and tested: checking them takes longer than using them.
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
    'x-conditions',
    'x-any-word',
    'x-command-line',
    'x-async',
    'x-exclusive',
    'x-one-of',
    'x-some-of',
    'x-only-with',
  ]);
  return ajv;
}
