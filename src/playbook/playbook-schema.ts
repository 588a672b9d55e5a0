import type { JsonSchema } from '../core/schema.ts';
import { type DocumentedCatalogue, type DocumentedStep, namesOfStep } from './catalogue.ts';
import { accepts } from './expectation.ts';
import { type Keywords, namesOf, schemasOf } from './keywords.ts';
import { LOOP_FORMS } from './model.ts';
import { freeFormParameter } from './params.ts';
import { IMPORT_PLAYBOOK_KEYWORDS, PLAY_KEYWORDS } from './play-keywords.ts';
import {
  BLOCK_KEYWORDS,
  HANDLER_KEYWORDS,
  IMPORT_KEYWORDS,
  INCLUDE_KEYWORDS,
  META_KEYWORDS,
  ROLE_TASK_KEYWORDS,
  TASK_KEYWORDS,
} from './task-keywords.ts';
import { isGiven, TEMPLATE, withChildren, withoutOneOf } from './template-schema.ts';

/** A schema that is a document of its own. */
export interface PublishedSchema extends JsonSchema {
  readonly $schema: string;
  readonly title: string;
  readonly $defs: Readonly<Record<string, JsonSchema>>;
}

/** A schema that stands for another by its place. */
interface Reference extends JsonSchema {
  readonly $ref: string;
}

/**
 * The JSON Schema of a playbook, for editors. It takes what kplay takes, except that kplay also lets a parameter stand
 * without a value. A task is one of as many alternatives as there are steps, so that an editor completes and explains both.
 */
export function playbookSchema(catalogue: DocumentedCatalogue): PublishedSchema {
  const steps = [...catalogue.steps];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'kplay playbook',
    description: 'a list of plays: which hosts, and what is done on them',
    type: 'array',
    minItems: 1,
    items: { anyOf: [reference('play'), keywordTask(IMPORT_PLAYBOOK_KEYWORDS)] },
    $defs: {
      play: play(catalogue.strategies),
      task: {
        anyOf: [
          ...steps.flatMap(([name]) => namesOfStep(name).map((key) => task(key, name))),
          { type: 'object', properties: blockProperties(), required: ['block'], additionalProperties: false },
          ...[META_KEYWORDS, IMPORT_KEYWORDS, INCLUDE_KEYWORDS].map(keywordTask),
          ...['import_role', 'include_role'].map(roleTask),
        ],
      },
      handler: { anyOf: steps.flatMap(([name]) => namesOfStep(name).map((key) => handler(key, name))) },
      keywords: { type: 'object', properties: { ...schemasOf(TASK_KEYWORDS), ...oldLoops() } },
      steps: { type: 'object', properties: Object.fromEntries(steps.map(([name, step]) => [name, parameters(step)])) },
    },
  };
}

function play(strategies: ReadonlySet<string>): JsonSchema {
  const { strategy, preTasks, tasks, postTasks, handlers } = PLAY_KEYWORDS;
  return {
    type: 'object',
    properties: {
      ...schemasOf(PLAY_KEYWORDS),
      strategy: { description: strategy.description, enum: [...strategies] },
      ...Object.fromEntries([preTasks, tasks, postTasks].map(tasksOf)),
      handlers: { description: handlers.description, type: 'array', items: reference('handler') },
    },
    required: [PLAY_KEYWORDS.hosts.name],
    additionalProperties: false,
  };
}

/** A task that is one of its keywords, the first, which may be written with Ansible's prefix. */
function keywordTask(keywords: Keywords): JsonSchema {
  const [name = ''] = namesOf(keywords);
  const { [name]: own = {}, ...others } = schemasOf(keywords);
  return { anyOf: namesOfStep(name).map((key) => closed({ [key]: own, ...others }, key)) };
}

function roleTask(name: string): JsonSchema {
  const { [ROLE_TASK_KEYWORDS.name.name]: text = {} } = schemasOf(ROLE_TASK_KEYWORDS);
  const role = closed({ name: text, tasks_from: text }, 'name');
  return { anyOf: namesOfStep(name).map((key) => closed({ [key]: role, ...schemasOf(ROLE_TASK_KEYWORDS) }, key)) };
}

function closed(properties: Readonly<Record<string, JsonSchema>>, ...required: readonly string[]): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}

function oldLoops(): Readonly<Record<string, JsonSchema>> {
  const schema = (form: string): JsonSchema => ({
    description: `a loop in Ansible's older way: what its lookup ${form} makes of it`,
    type: form === 'dict' ? ['object', 'string'] : ['array', 'string'],
  });
  return Object.fromEntries(LOOP_FORMS.map((form) => [`with_${form}`, schema(form)]));
}

function tasksOf({ name, description }: { readonly name: string; readonly description: string }): [string, JsonSchema] {
  return [name, { description, type: 'array', items: reference('task') }];
}

function blockProperties(): Readonly<Record<string, JsonSchema>> {
  const { body, rescue, always } = BLOCK_KEYWORDS;
  return { ...schemasOf(BLOCK_KEYWORDS), ...Object.fromEntries([body, rescue, always].map(tasksOf)) };
}

function handler(key: string, step: string): JsonSchema {
  const own = task(key, step);
  const { listen } = HANDLER_KEYWORDS;
  return { ...own, properties: { ...own.properties, ...schemasOf({ listen }) } };
}

/** A task that names a step with a key, which may be another way to write the step's name. */
function task(key: string, step: string): JsonSchema {
  const names = [...namesOf(TASK_KEYWORDS), ...LOOP_FORMS.map((form) => `with_${form}`)];
  const keywords = names.map((name) => [name, reference('keywords', 'properties', name)]);
  return {
    type: 'object',
    properties: { ...Object.fromEntries(keywords), [key]: reference('steps', 'properties', step) },
    required: [key],
    additionalProperties: false,
  };
}

function parameters({ schema, summary, details }: DocumentedStep): JsonSchema {
  const description = `${summary}\n\n${details}`;
  const required = schema.required?.filter((name) => !isGiven(schema.properties[name])) ?? [];
  const mapping = withChildren({ ...forEditors(schema), required }, templated);
  const others: JsonSchema[] = [];
  if (freeFormParameter(schema) !== undefined) others.push({ type: 'string', minLength: 1 });
  if (required.length === 0) others.push({ type: 'null' });
  return others.length === 0 ? { ...mapping, description } : { description, anyOf: [mapping, ...others] };
}

/** The schema, or a text with a template. */
function templated(schema: JsonSchema): JsonSchema {
  const own = withChildren(withoutOneOf(forEditors(schema)), templated);
  if (takesAnyText(own)) return own;
  const { description, default: standard, anyOf, ...rest } = own;
  return {
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
    anyOf: [...(anyOf && Object.keys(rest).length === 0 ? anyOf : [anyOf ? { ...rest, anyOf } : rest]), TEMPLATE],
  };
}

function takesAnyText(schema: JsonSchema): boolean {
  if (schema.enum || schema.const !== undefined || schema.pattern !== undefined) return false;
  return accepts(schema, 'string') || (schema.type === undefined && !schema.anyOf);
}

/** Without the keywords that only kplay understands. */
function forEditors<S extends JsonSchema>(schema: S): S {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keyword.startsWith('x-'))) as unknown as S;
}

function reference(...path: readonly string[]): Reference {
  return { $ref: ['#/$defs', ...path].join('/') };
}
