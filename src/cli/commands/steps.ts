import { InputError } from '../../core/diagnostic.ts';
import { type JsonSchema, typeText } from '../../core/schema.ts';
import type { Step } from '../../core/step.ts';
import { suggestion } from '../../core/suggest.ts';
import { jsonText } from '../../report/json-text.ts';
import { table } from '../../report/table.ts';
import { registry } from '../../steps/registry.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';

export interface StepsOptions {
  readonly output: string;
  readonly headers: boolean;
}

/** `kplay steps`: what a task can do; as JSON with everything that `kplay doc` tells. */
export function steps({ output, headers }: StepsOptions, { stdout }: Environment): number {
  const all = [...registry.steps.values()];
  if (output === 'json') {
    const told = all.map(({ name, summary, details, schema, examples }) => ({
      name,
      summary,
      details,
      parameters: schema,
      examples: examples.map(({ title, task }) => ({ title, task })),
    }));
    stdout.write(`${jsonText({ version: 1, steps: told }, 2)}\n`);
    return EXIT.good;
  }
  const rows = all.map(({ name, summary }) => [name, summary]);
  const lines = table(['STEP', 'WHAT IT DOES'], rows);
  stdout.write(headers ? lines : lines.slice(lines.indexOf('\n') + 1));
  if (headers) stdout.write('\nRun kplay doc STEP to see the parameters of a step.\n');
  return EXIT.good;
}

/** `kplay doc`: a step's parameters, from the schema that also checks them. */
export function doc(name: string, { stdout }: Environment): number {
  const step = registry.steps.get(name);
  if (!step)
    throw InputError.of(`unknown step '${name}'`, undefined, suggestion(name, registry.steps.keys(), 'the steps are'));
  stdout.write(documentation(step));
  return EXIT.good;
}

const WIDTH = 100;

export function documentation({ name, summary, details, schema, examples }: Step): string {
  const parameters = Object.entries(schema.properties).map(([parameter, property]) =>
    describe(parameter, property, schema.required ?? []),
  );
  const shown = examples.map(
    ({ title, task }) => `  # ${title}\n${indent(`- ${task.replace(/\n/g, '\n  ')}`, '  ')}\n`,
  );
  return [
    `${name}: ${summary}\n`,
    `\n${fill(details, '  ')}\n`,
    parameters.length === 0 ? '\nNo parameters.\n' : `\nParameters\n${parameters.join('')}`,
    `\nExamples\n${shown.join('\n')}`,
  ].join('');
}

function describe(name: string, property: JsonSchema, required: readonly string[]): string {
  const facts = [typeOf(property), required.includes(name) ? 'required' : defaultOf(property)].filter(
    (fact) => fact !== '',
  );
  return `  ${name}  (${facts.join(', ')})\n${fill(property.description ?? '', '      ')}\n`;
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

/** Lines of at most WIDTH columns. */
function fill(text: string, prefix: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && prefix.length + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((part) => `${prefix}${part}`).join('\n');
}

function indent(text: string, prefix: string): string {
  return text
    .split('\n')
    .map((line) => `${prefix}${line}`)
    .join('\n');
}
