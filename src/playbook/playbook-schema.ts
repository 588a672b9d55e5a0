import type { JsonSchema } from '../core/schema.ts';
import { type DocumentedCatalogue, type DocumentedStep, namesOfStep } from './catalogue.ts';
import { LOOP_FORMS, PLAIN_STRATEGIES } from './model.ts';
import { parameters, requiredParameters } from './parameters/parameters-schema.ts';
import { IMPORT_PLAYBOOK_KEYWORDS, PLAY_KEYWORDS } from './play-keywords.ts';
import { type Keywords, namesOf, schemasOf } from './readers/keywords.ts';
import { HOOK_SCHEMA } from './rollout/hooks.ts';
import {
  BLOCK_KEYWORDS,
  HANDLER_KEYWORDS,
  IMPORT_KEYWORDS,
  INCLUDE_KEYWORDS,
  INCLUDE_ROLE_KEYWORDS,
  META_KEYWORDS,
  ROLE_TASK_KEYWORDS,
  TASK_KEYWORDS,
} from './task-keywords.ts';

/** A schema that is a separate document. */
export interface PublishedSchema extends JsonSchema {
  readonly $schema: string;
  readonly title: string;
  readonly $defs: Readonly<Record<string, JsonSchema>>;
}

/** A reference to another schema. */
interface Reference extends JsonSchema {
  readonly $ref: string;
}

/**
 * The JSON Schema of a playbook, for editors. It accepts what kplay accepts, except parameters without a value. A task is a
 * choice with one alternative per step, so that editors complete and explain both.
 */
export function playbookSchema(catalogue: DocumentedCatalogue): PublishedSchema {
  const steps = [...catalogue.steps];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'kplay playbook',
    description: 'a list of plays: hosts, and the tasks for them',
    type: 'array',
    minItems: 1,
    items: { anyOf: [reference('play'), keywordTask(IMPORT_PLAYBOOK_KEYWORDS)] },
    $defs: {
      play: play(catalogue.strategies),
      task: {
        anyOf: [
          ...steps.flatMap((step) => namesOfStep(step[0]).map((key) => task(key, step))),
          { type: 'object', properties: blockProperties(), required: ['block'], additionalProperties: false },
          ...[META_KEYWORDS, IMPORT_KEYWORDS].map((keywords) => keywordTask(keywords)),
          keywordTask(INCLUDE_KEYWORDS, oldLoops()),
          roleTask('import_role', schemasOf(ROLE_TASK_KEYWORDS)),
          roleTask('include_role', { ...schemasOf(INCLUDE_ROLE_KEYWORDS), ...oldLoops() }),
        ],
      },
      handler: { anyOf: steps.flatMap((step) => namesOfStep(step[0]).map((key) => handler(key, step))) },
      hook: HOOK_SCHEMA,
      keywords: { type: 'object', properties: { ...schemasOf(TASK_KEYWORDS), ...oldLoops() } },
      steps: {
        type: 'object',
        properties: Object.fromEntries(steps.map(([name, step]) => [name, parameters(step, [])])),
      },
    },
  };
}

function play(strategies: ReadonlySet<string>): JsonSchema {
  const { strategy, preTasks, tasks, postTasks, handlers, onStart, onSuccess, onFailure, onWave } = PLAY_KEYWORDS;
  return {
    type: 'object',
    properties: {
      ...schemasOf(PLAY_KEYWORDS),
      strategy: {
        description: strategy.description,
        enum: [...PLAIN_STRATEGIES.flatMap(namesOfStep), ...strategies],
      },
      ...Object.fromEntries([preTasks, tasks, postTasks].map(tasksOf)),
      handlers: { description: handlers.description, type: 'array', items: reference('handler') },
      ...Object.fromEntries([onStart, onSuccess, onFailure, onWave].map(hooksOf)),
    },
    required: [PLAY_KEYWORDS.hosts.name],
    additionalProperties: false,
  };
}

/** A task defined by the first of its keywords, which may have Ansible's prefix. */
function keywordTask(keywords: Keywords, more: Readonly<Record<string, JsonSchema>> = {}): JsonSchema {
  const [name = ''] = namesOf(keywords);
  const { [name]: own = {}, ...others } = schemasOf(keywords);
  return { anyOf: namesOfStep(name).map((key) => closed({ [key]: own, ...others, ...more }, key)) };
}

function roleTask(name: string, keywords: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const { [ROLE_TASK_KEYWORDS.name.name]: text = {} } = keywords;
  const role = { anyOf: ['name', 'role'].map((word) => closed({ [word]: text, tasks_from: text }, word)) };
  return { anyOf: namesOfStep(name).map((key) => closed({ [key]: role, ...keywords }, key)) };
}

function closed(properties: Readonly<Record<string, JsonSchema>>, ...required: readonly string[]): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}

function oldLoops(): Readonly<Record<string, JsonSchema>> {
  const schema = (form: string): JsonSchema => ({
    description: `a loop in Ansible's older form, with the lookup ${form}`,
    type:
      form === 'dict'
        ? ['object', 'string']
        : form === 'first_found'
          ? ['array', 'object', 'string']
          : ['array', 'string'],
  });
  return Object.fromEntries(LOOP_FORMS.map((form) => [`with_${form}`, schema(form)]));
}

function tasksOf({ name, description }: { readonly name: string; readonly description: string }): [string, JsonSchema] {
  return [name, { description, type: 'array', items: reference('task') }];
}

function hooksOf({ name, description }: { readonly name: string; readonly description: string }): [string, JsonSchema] {
  return [name, { description, type: 'array', items: reference('hook') }];
}

function blockProperties(): Readonly<Record<string, JsonSchema>> {
  const { body, rescue, always } = BLOCK_KEYWORDS;
  return { ...schemasOf(BLOCK_KEYWORDS), ...Object.fromEntries([body, rescue, always].map(tasksOf)) };
}

type NamedStep = readonly [name: string, step: DocumentedStep];

function handler(key: string, step: NamedStep): JsonSchema {
  const own = task(key, step);
  const { listen } = HANDLER_KEYWORDS;
  return { ...own, properties: { ...own.properties, ...schemasOf({ listen }) } };
}

/** A task with a step as its key, in one of its spellings. `args` may give what the step needs. */
function task(key: string, [name, step]: NamedStep): JsonSchema {
  const names = [...namesOf(TASK_KEYWORDS), ...LOOP_FORMS.map((form) => `with_${form}`)];
  const keywords = names.map((word) => [word, reference('keywords', 'properties', word)]);
  const needed = requiredParameters(step);
  return {
    type: 'object',
    properties: { ...Object.fromEntries(keywords), [key]: reference('steps', 'properties', name) },
    required: [key],
    additionalProperties: false,
    ...(needed.length > 0 && { anyOf: [{ required: ['args'] }, { properties: { [key]: given(needed) } }] }),
  };
}

/** Parameters are given, or a text that contains them. */
function given(required: readonly string[]): JsonSchema {
  return { type: ['object', 'string'], required };
}

function reference(...path: readonly string[]): Reference {
  return { $ref: ['#/$defs', ...path].join('/') };
}
