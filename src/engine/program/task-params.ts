import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import type { JsonSchemaObject } from '../../core/schema.ts';
import type { SourceRange } from '../../core/source.ts';
import { Unknown, UnknownValueError } from '../../core/world.ts';
import { TemplateError } from '../../template/errors.ts';
import { render, renderMembers } from '../../template/evaluation/render.ts';
import { MAX_CHARACTERS } from '../../template/limits.ts';
import { charactersIn } from '../../template/measure.ts';
import { rangeOfValue } from '../../template/template.ts';
import type { CompiledTask } from './compiled.ts';
import { type InputPlace, inputPlace, lacksList } from './input-place.ts';
import type { TaskPlace, WrongParameter } from './place.ts';
import { type HostScope, OMIT } from './scope.ts';
import { withTexts } from './texts.ts';
import { MAX_WORD } from './variable-watch.ts';

/**
 * Renders the parameters of a task, completes them with their defaults and checks them.
 * @param async the task's time limit in seconds, also the default for its command
 * @throws {TemplateError} when a template has no value, or the step does not accept a value
 */
export function paramsOf(place: TaskPlace, scope: HostScope, async: number): JsonObject {
  const { task, surroundings } = place;
  const rendered = renderParams(place, scope);
  const given = isJsonObject(rendered) ? withTexts(task.step.schema, withoutOmitted(rendered)) : {};
  const standard = {
    ...(async > 0 && asyncParameters(task.step.schema, async)),
    ...defaultsFromVariables(task, given, scope),
  };
  const all = { ...standard, ...given };
  const completed = surroundings.complete(task.step.name, all);
  if ('params' in completed) return withoutNul(task, completed.params);
  const [first, ...others] = wrongParams(place, completed.problems, all);
  if (!first) throw new Error(`${task.step.name} has wrong parameters without a problem`);
  throw new TemplateError(first.message, first.range, first.hint, undefined, () => others);
}

/** One for each parameter whose value is written outside the task, and one at the task for the others. */
function wrongParams(
  place: TaskPlace,
  problems: readonly WrongParameter[],
  values: JsonObject,
): readonly TemplateError[] {
  const { task } = place;
  const outside: TemplateError[] = [];
  const own: WrongParameter[] = [];
  for (const name of new Set(problems.map(({ parameter }) => parameter))) {
    const wrong = problems.filter(({ parameter }) => parameter === name);
    const input = inputPlace(name, place);
    const hint = hintOf(wrong) ?? (lacksList(task, name, values[name]) ? input?.list : input?.reader);
    if (input) outside.push(new TemplateError(textOf(wrong.map(namedAs(input))), input.range, hint));
    else own.push(...wrong);
  }
  if (own.length === 0) return outside;
  const problem = textOf(own);
  const message = problem.startsWith(`${task.step.name} `) ? problem : `${task.step.name}: ${problem}`;
  return [...outside, new TemplateError(message, rangeOf(task), hintOf(own))];
}

/** Whoever gave a variable does not know which parameter it becomes. The message may name a part of it, as in `users[1] cannot be`. */
function namedAs({ name, becomes }: InputPlace): (wrong: WrongParameter) => WrongParameter {
  const also = becomes === undefined ? '' : ` (parameter ${becomes})`;
  return (wrong) => {
    const { message, parameter } = wrong;
    if (!message.startsWith(parameter)) return wrong;
    const [part = ''] = /^[^\s:]*/.exec(message.slice(parameter.length)) ?? [];
    return { ...wrong, message: `${name}${part}${also}${message.slice(parameter.length + part.length)}` };
  };
}

function textOf(problems: readonly WrongParameter[]): string {
  return problems.map(({ message }) => message).join('; ');
}

function hintOf(problems: readonly WrongParameter[]): string | undefined {
  return problems.find(({ hint }) => hint !== undefined)?.hint;
}

/** Up to this length a text stays within the limits, whatever names replace those in it. */
const SHORT = MAX_CHARACTERS / (MAX_WORD + 1);

function renderParams({ task: { params, step }, surroundings }: TaskPlace, scope: HostScope): Json {
  if (params.kind !== 'mapping') return render(params, scope);
  const { forAnyWord } = scope;
  const takesAnyWord = (name: string): boolean => step.schema.properties[name]?.['x-any-word'] === true;
  const rendered = renderMembers(params, (name) => (takesAnyWord(name) ? forAnyWord : scope));
  // Record everything that a long text is made of: its length may matter on other hosts.
  return surroundings.watch && charactersIn(rendered) > SHORT ? render(params, scope) : rendered;
}

/** Values that reach a host must not contain NUL; values that a step only shows or compares may. */
function withoutNul(task: CompiledTask, params: JsonObject): JsonObject {
  const [name] = Object.entries(params).find(([, value]) => holdsNul(value)) ?? [];
  if (name === undefined || !(task.step.apply || task.step.check)) return params;
  throw new TemplateError(
    `${task.step.name}: ${name} contains a NUL character, which is not allowed in commands, names and files`,
    rangeOf(task),
    'remove it on the host, before it is registered: | tr -d "\\000"',
  );
}

function holdsNul(value: Json): boolean {
  if (typeof value === 'string') return value.includes('\0');
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsNul);
}

/** Removes parameters, and parts of them, whose value is `omit`, as ansible-core 2.19 does. */
function withoutOmitted(value: JsonObject): JsonObject {
  const kept = Object.entries(value).filter(([, one]) => one !== OMIT);
  return Object.fromEntries(kept.map(([name, one]) => [name, withoutOmittedParts(one)]));
}

function withoutOmittedParts(value: Json): Json {
  if (typeof value === 'string') return value.replaceAll(OMIT, '');
  if (Array.isArray(value)) return value.filter((one) => one !== OMIT).map(withoutOmittedParts);
  return isJsonObject(value) ? withoutOmitted(value) : value;
}

function asyncParameters({ properties }: JsonSchemaObject, async: number): JsonObject {
  const names = Object.keys(properties).filter((name) => properties[name]?.['x-async']);
  return Object.fromEntries(names.map((name) => [name, `${async}s`]));
}

/** Parameters that the task omits and whose schema names a variable as default. */
function defaultsFromVariables({ step }: CompiledTask, given: JsonObject, scope: HostScope): JsonObject {
  const defaults: Record<string, Json> = {};
  for (const [name, property] of Object.entries(step.schema.properties)) {
    const variable = property['x-default-variable'];
    if (variable === undefined || (given[name] ?? null) !== null) continue;
    const value = scope.get(variable);
    if (value instanceof Unknown) throw new UnknownValueError(value.until);
    if (value !== undefined && value !== null) defaults[name] = value;
  }
  return defaults;
}

function rangeOf({ params, range }: CompiledTask): SourceRange {
  return rangeOfValue(params) ?? range;
}
