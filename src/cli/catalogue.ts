import type { DocumentedCatalogue } from '../playbook/catalogue.ts';
import { registry } from '../steps/registry.ts';

/** What a playbook can name, as its loader and the published schema see it. */
export const catalogue: DocumentedCatalogue = {
  steps: registry.steps,
  strategies: new Set(registry.strategies.keys()),
};
