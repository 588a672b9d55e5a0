import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import type { SourceRange } from '../../core/source.ts';
import { TemplateError } from '../../template/errors.ts';
import { render } from '../../template/evaluation/render.ts';
import { rangeOfValue } from '../../template/template.ts';
import type { CompiledTask } from './compiled.ts';
import { type HostScope, OMIT } from './scope.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The environment of what a task runs; inner values override outer ones. Undefined if there is none.
 * @throws {TemplateError} when a template yields no mapping, or a name or value that an environment cannot contain
 */
export function environmentOf(task: CompiledTask, scope: HostScope): Readonly<Record<string, string>> | undefined {
  const given = task.environment.flatMap((value) => partsOf(render(value, scope), rangeOfValue(value) ?? task.range));
  if (given.length === 0) return undefined;
  const all = given.flatMap(({ entries, range }) => Object.entries(entries).map((entry) => [...entry, range] as const));
  return Object.fromEntries(
    all.flatMap(([name, value, range]) => (value === OMIT ? [] : [[name, textOf(name, value, range)] as const])),
  );
}

interface Part {
  readonly entries: JsonObject;
  readonly range: SourceRange;
}

function partsOf(value: Json, range: SourceRange): readonly Part[] {
  if (Array.isArray(value)) return value.flatMap((part: Json) => partsOf(part, range));
  if (isJsonObject(value)) return [{ entries: value, range }];
  if (value === null || value === '' || value === OMIT) return [];
  throw new TemplateError('environment must be a mapping', range, 'check the result of its template');
}

/** As in Ansible, a boolean becomes True or False. */
function textOf(name: string, value: Json, range: SourceRange): string {
  if (!NAME.test(name)) {
    const message = `'${name}' cannot be the name of an environment variable`;
    throw new TemplateError(message, range, 'use letters, digits and _, not a digit first');
  }
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && !value.includes('\0')) return value;
  throw new TemplateError(
    `${name} of environment must be a string or a number`,
    range,
    'check the result of its template',
  );
}
