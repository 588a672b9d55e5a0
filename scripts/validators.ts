import standalone from 'ajv/dist/standalone/index.js';
import { SAVED_PLAN_SCHEMA } from '../src/cli/inputs/saved-plan.ts';
import type { JsonSchema } from '../src/core/schema.ts';
import { loadAjv } from '../src/playbook/parameters/schema-compiler.ts';
import { beforeRendering } from '../src/playbook/parameters/template-schema.ts';
import { CHECK_KINDS, HOOK_KINDS } from '../src/playbook/rollout/local-kinds.ts';
import { registry } from '../src/steps/registry.ts';
import { schemaName } from './schema-name.ts';

/** Every schema that a build may be asked to compile. */
export function allSchemas(): readonly JsonSchema[] {
  const parameters = [registry.steps, HOOK_KINDS, CHECK_KINDS].flatMap((kinds) => [...kinds.values()]);
  return [SAVED_PLAN_SCHEMA, ...parameters.flatMap(({ schema }) => [schema, beforeRendering(schema)])];
}

/**
 * The source of a CommonJS module of this folder that stands in a build for src/playbook/parameters/schema-compiler.ts: it compiles nothing, but
 * has what ajv makes of each schema.
 */
export async function validatorsModule(): Promise<string> {
  const ajv = await loadAjv({ source: true, optimize: 1 });
  const schemas = new Map(allSchemas().map((schema) => [schemaName(schema), schema]));
  for (const [name, schema] of schemas) ajv.addSchema(schema, name);
  const names = Object.fromEntries([...schemas.keys()].map((name) => [name, name]));
  return `${standalone.default(ajv, names)}
const { schemaName } = require('./schema-name.ts');
exports.loadSchemaCompiler = async () => (schema) => {
  const validator = exports[schemaName(schema)];
  if (!validator) throw new Error('scripts/validators.ts knows no such schema');
  return validator;
};
`;
}
