import type { JsonSchemaObject } from '../../core/schema.ts';
import { expectation, mismatch, quotation } from '../expectation.ts';
import { parameterReplacement } from '../foreign-modules.ts';
import { didYouMean } from '../suggest.ts';
import type { Path, Violation } from './violation.ts';

/** Beginnings of paths that a shell would replace, and Ansible in the parameters of its modules. */
const HOME = /^(?:~|\$\{?HOME\b)/;
const WHOLE_PATH = 'write the whole path, as in /root/.kube/config: nothing replaces ~ and $HOME here';

/** A violation in words. */
export interface ViolationText {
  readonly message: string;
  readonly hint?: string;
}

/** Explains a violation of a step's schema to the author of the task. */
export function describeViolation(violation: Violation, step: string, schema: JsonSchemaObject): ViolationText {
  const { path } = violation;
  const label = formatPath(path);
  switch (violation.kind) {
    case 'unknown-key': {
      const known = Object.keys(violation.schema.properties ?? {});
      const message =
        path.length === 0 ? `${step} has no parameter '${violation.key}'` : `${label} has no key '${violation.key}'`;
      const foreign = path.length === 0 ? parameterReplacement(step, violation.key) : undefined;
      const own = known.length === 0 ? 'remove it: it takes none' : didYouMean(violation.key, known, 'it takes');
      return { message, hint: foreign ?? own };
    }
    case 'missing-key': {
      const description = violation.schema.properties?.[violation.key]?.description;
      const message =
        path.length === 0 ? `${step} needs the parameter ${violation.key}` : `${label} needs ${violation.key}`;
      return { message, hint: `add ${violation.key}: …${description === undefined ? '' : ` (${description})`}` };
    }
    case 'pattern': {
      const hint = isFromHome(violation)
        ? WHOLE_PATH
        : (descriptionOf(violation, schema) ?? `it must match ${violation.schema.pattern}`);
      return { message: `${label} cannot be ${quotation(violation.value)}`, hint };
    }
    case 'value': {
      const message = mismatch(label, expectation(violation.schema), violation.value);
      const hint = violation.schema.pattern === undefined ? undefined : descriptionOf(violation, schema);
      return hint === undefined ? { message } : { message, hint };
    }
  }
}

/** Whether the value is meant for a path, and begins with a home directory. */
function isFromHome({ value, schema }: Extract<Violation, { kind: 'pattern' }>): boolean {
  return schema.pattern?.startsWith('^/') === true && typeof value === 'string' && HOME.test(value);
}

/** The schema's description of the value, or else of the parameter that contains it. */
function descriptionOf({ path, schema }: Violation, parameters: JsonSchemaObject): string | undefined {
  return schema.description ?? parameters.properties[path[0] ?? '']?.description;
}

/** A path in the notation of expressions: `users[1].name`. */
export function formatPath(path: Path): string {
  return path.map((key, index) => (/^\d+$/.test(key) ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');
}
