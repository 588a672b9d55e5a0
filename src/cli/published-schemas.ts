import { inventorySchema } from '../inventory/schema.ts';
import { playbookSchema } from '../playbook/playbook-schema.ts';
import { catalogue } from './catalogue.ts';

/** The JSON Schemas of playbooks and inventories as they stand in `schemas/`, by file name. */
export function publishedSchemas(): ReadonlyMap<string, string> {
  return new Map([
    ['playbook.schema.json', print(playbookSchema(catalogue))],
    [
      'inventory.schema.json',
      print({ $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'kplay inventory', ...inventorySchema }),
    ],
  ]);
}

function print(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
