import type { DocumentedCatalogue } from '../playbook/catalogue.ts';
import { registry } from '../steps/registry.ts';

/** Everything that a playbook can name, for its loader and the published schema. */
export const catalogue: DocumentedCatalogue = {
  steps: registry.steps,
  strategies: new Set(registry.strategies.keys()),
};
