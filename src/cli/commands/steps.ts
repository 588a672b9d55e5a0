import { InputError } from '../../core/diagnostic.ts';
import { type JsonSchema, typeText } from '../../core/schema.ts';
import type { Step } from '../../core/step.ts';
import { suggestion } from '../../core/suggest.ts';
import { documentText, isDocument } from '../../report/text/document-text.ts';
import { table } from '../../report/text/table.ts';
import { hang, wrap } from '../../report/text/width.ts';
import { registry } from '../../steps/registry.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { checkTableOptions, type TableOptions } from '../options/table-options.ts';
import { readingWidth, screenWidth } from '../output/output.ts';

export interface StepsOptions extends TableOptions {
  readonly output: string;
}

const HINT = 'Run kplay doc STEP to see the parameters of a step.';

/** `kplay steps`: lists the steps; as JSON or YAML with everything that `kplay doc` prints. */
export async function steps(options: StepsOptions, { stdout }: Environment): Promise<number> {
  const { output, headers, sortBy } = options;
  checkTableOptions(options);
  const all = [...registry.steps.values()];
  if (isDocument(output)) {
    const documents = all.map(({ name, summary, details, schema, examples }) => ({
      name,
      summary,
      details,
      parameters: schema,
      examples: examples.map(({ title, task }) => ({ title, task })),
    }));
    stdout.write(await documentText(output, { version: 1, steps: documents }));
    return EXIT.good;
  }
  const rows = all.map(({ name, summary }) => [name, summary]);
  const width = screenWidth(stdout);
  stdout.write(table(['STEP', 'WHAT IT DOES'], rows, { headers, ...(sortBy !== undefined && { sortBy }), width }));
  if (headers) stdout.write(`\n${wrap(HINT, width).join('\n')}\n`);
  return EXIT.good;
}

/** `kplay doc`: a step's parameters, from the schema that also validates them. */
export function doc(name: string, { stdout }: Environment): number {
  const step = registry.steps.get(name);
  if (!step)
    throw InputError.of(`unknown step '${name}'`, undefined, suggestion(name, registry.steps.keys(), 'the steps are'));
  stdout.write(documentation(step, readingWidth(stdout)));
  return EXIT.good;
}

function documentation({ name, summary, details, schema, examples }: Step, width: number): string {
  const indented = (prefix: string, text: string) => hang(prefix, text, width).join('\n');
  const parameters = Object.entries(schema.properties).map(([parameter, property]) =>
    describe(parameter, property, schema.required ?? [], width),
  );
  const shown = examples.map(
    ({ title, task }) => `  # ${title}\n${indent(`- ${task.replace(/\n/g, '\n  ')}`, '  ')}\n`,
  );
  return [
    `${indented(`${name}: `, summary)}\n`,
    `\n${indented('  ', details)}\n`,
    parameters.length === 0 ? '\nNo parameters.\n' : `\nParameters\n${parameters.join('')}`,
    `\nExamples\n${shown.join('\n')}`,
  ].join('');
}

function describe(name: string, property: JsonSchema, required: readonly string[], width: number): string {
  const facts = [typeOf(property), required.includes(name) ? 'required' : defaultOf(property)].filter(
    (fact) => fact !== '',
  );
  const head = hang(`  ${name}  `, `(${facts.join(', ')})`, width);
  return [...head, ...hang('      ', property.description ?? '', width), ''].join('\n');
}

function typeOf(schema: JsonSchema): string {
  return typeText(schema, (words) => words.join(' | '));
}

function defaultOf(property: JsonSchema): string {
  const variable = property['x-default-variable'];
  const value = property.default === undefined ? '' : `default ${JSON.stringify(property.default)}`;
  return variable === undefined
    ? value
    : [`default: the variable ${variable}`, value].filter((part) => part !== '').join(', else ');
}

function indent(text: string, prefix: string): string {
  return text
    .split('\n')
    .map((line) => `${prefix}${line}`)
    .join('\n');
}
