import type { JsonSchemaObject } from '../core/schema.ts';

/** What a playbook can name. */
export interface StepCatalogue {
  /** By the step's own name: `certs.check`, `command`. */
  readonly steps: ReadonlyMap<string, { readonly schema: JsonSchemaObject }>;
  /** Besides PLAIN_STRATEGIES. */
  readonly strategies: ReadonlySet<string>;
}

/** A catalogue with the words that editors show. */
export interface DocumentedCatalogue extends StepCatalogue {
  readonly steps: ReadonlyMap<string, DocumentedStep>;
}

export interface DocumentedStep {
  readonly schema: JsonSchemaObject;
  readonly summary: string;
  readonly details: string;
}

/** What Ansible puts in front of the names of its own modules. */
const PREFIX = 'ansible.builtin.';

/** The name without Ansible's prefix: what Ansible calls `ansible.builtin.command` is `command`. */
export function withoutPrefix(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}

/** The name of the step that a key names, if it names one. Only general steps, which have no dot, take Ansible's prefix. */
export function stepNamed(key: string, catalogue: StepCatalogue): string | undefined {
  const name = withoutPrefix(key);
  return catalogue.steps.has(name) && namesOfStep(name).includes(key) ? name : undefined;
}

/** Every way to write the name of a step, its own first. */
export function namesOfStep(name: string): readonly string[] {
  return name.includes('.') ? [name] : [name, `${PREFIX}${name}`];
}
