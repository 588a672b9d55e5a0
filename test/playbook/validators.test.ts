import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { schemaName } from '../../scripts/schema-name.ts';
import { allSchemas, validatorsModule } from '../../scripts/validators.ts';
import type { JsonSchema } from '../../src/core/schema.ts';
import { loadSchemaCompiler } from '../../src/playbook/parameters/schema-compiler.ts';
import { violationsOf } from '../../src/playbook/parameters/violation.ts';

type Compiler = Awaited<ReturnType<typeof loadSchemaCompiler>>;

/** As a build has it. */
async function builtCompiler(): Promise<Compiler> {
  const exports: { loadSchemaCompiler?: typeof loadSchemaCompiler } = {};
  const load = createRequire(import.meta.url);
  const require = (name: string): unknown => (name === './schema-name.ts' ? { schemaName } : load(name));
  new Function('exports', 'require', await validatorsModule())(exports, require);
  if (!exports.loadSchemaCompiler) throw new Error('the module has no loadSchemaCompiler');
  return exports.loadSchemaCompiler();
}

const VALUES: readonly unknown[] = [7, -1, true, '', 'a text', '{{ a_template }}', null, [], ['a', 7], { a: 1 }];

/** Nothing, what no step takes, and for each parameter a value of each kind. */
function tried({ properties = {} }: JsonSchema): readonly object[] {
  const one = Object.keys(properties).flatMap((name) => VALUES.map((value) => ({ [name]: value })));
  return [{}, { 'no such parameter': 1 }, ...one];
}

function found(compile: Compiler, schema: JsonSchema, value: object): unknown {
  const filled = structuredClone(value);
  const validator = compile(schema);
  return validator(filled) ? { filled } : { filled, violations: violationsOf(validator.errors ?? []) };
}

it('what a build has in place of ajv finds what ajv finds, and fills in the same, for every schema', async () => {
  const [built, compiled] = [await builtCompiler(), await loadSchemaCompiler()];
  const schemas = allSchemas();
  expect(schemas.length).toBeGreaterThan(40);
  for (const schema of schemas)
    for (const value of tried(schema))
      expect(found(built, schema, value), JSON.stringify(value)).toEqual(found(compiled, schema, value));
});

it('a schema that a build does not know is told', async () => {
  const built = await builtCompiler();
  expect(() => built({ type: 'number' })).toThrow('scripts/validators.ts knows no such schema');
});
