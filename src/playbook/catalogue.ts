import type { JsonSchemaObject } from '../core/schema.ts';

/** Everything that a playbook can name. */
export interface StepCatalogue {
  /** By the step's name: `certs.check`, `command`. */
  readonly steps: ReadonlyMap<string, { readonly schema: JsonSchemaObject }>;
  /** Besides PLAIN_STRATEGIES. */
  readonly strategies: ReadonlySet<string>;
}

/** A catalogue with documentation for editors. */
export interface DocumentedCatalogue extends StepCatalogue {
  readonly steps: ReadonlyMap<string, DocumentedStep>;
}

export interface DocumentedStep {
  readonly schema: JsonSchemaObject;
  readonly summary: string;
  readonly details: string;
}

/** Ansible's prefix of the names of its own modules. */
const PREFIX = 'ansible.builtin.';

/** The name without Ansible's prefix: `command` for `ansible.builtin.command`. */
export function withoutPrefix(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}

/** The name of the step that a key names, if any. Only general steps, without a dot in their name, accept Ansible's prefix. */
export function stepNamed(key: string, catalogue: StepCatalogue): string | undefined {
  const name = withoutPrefix(key);
  return catalogue.steps.has(name) && namesOfStep(name).includes(key) ? name : undefined;
}

/** All spellings of a step's name, its own first. */
export function namesOfStep(name: string): readonly string[] {
  return name.includes('.') ? [name] : [name, `${PREFIX}${name}`];
}
