import { inventorySchema } from '../inventory/schema.ts';
import { playbookSchema } from '../playbook/playbook-schema.ts';
import { ROLLOUT_SCHEMA } from '../playbook/rollout/rollout.ts';
import { catalogue } from './catalogue.ts';
import { projectSchema } from './defaults/project-options.ts';
import { processEnvironment } from './environment.ts';
import { buildProgram } from './program.ts';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** The JSON Schemas of playbooks, inventories, rollouts and kplay.yml, by the names of their files in `schemas/`. */
export function publishedSchemas(): ReadonlyMap<string, string> {
  const program = buildProgram(processEnvironment(), () => undefined);
  return new Map([
    ['playbook.schema.json', print(playbookSchema(catalogue))],
    ['inventory.schema.json', print({ $schema: DRAFT, title: 'kplay inventory', ...inventorySchema })],
    ['rollout.schema.json', print({ $schema: DRAFT, title: 'kplay rollout', ...ROLLOUT_SCHEMA })],
    ['kplay.schema.json', print({ $schema: DRAFT, title: 'kplay.yml', ...projectSchema(program) })],
  ]);
}

function print(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
