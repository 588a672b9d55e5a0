import { Problems } from '../../src/core/diagnostic.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/core/json.ts';
import { formatPosition, SourceFile, type SourceRange } from '../../src/core/source.ts';
import type { Unknown } from '../../src/core/world.ts';
import { TemplateError } from '../../src/template/errors.ts';
import { evaluate } from '../../src/template/evaluation/evaluate.ts';
import { render } from '../../src/template/evaluation/render.ts';
import type { Scope } from '../../src/template/scope.ts';
import { parseExpression, parseTemplate } from '../../src/template/syntax/parse.ts';

export type Variables = Readonly<Record<string, Json | Unknown>>;

export function scopeOf(variables: Variables): Scope {
  const values = new Map(Object.entries(variables));
  return { get: (name) => values.get(name), names: () => values.keys() };
}

/** The value of an expression; a problem or error becomes a text such as `message @5 [hint]`, with its column. */
export function evaluated(text: string, variables: Variables = {}): Json {
  return attempt(text, (source, problems) => {
    const expression = parseExpression(text, { range: source.range(0, text.length), start: 0 }, problems);
    return expression && evaluate(expression, scopeOf(variables));
  });
}

/** The same for a text with templates. */
export function rendered(text: string, variables: Variables = {}): Json {
  return attempt(text, (source, problems) => {
    const template = parseTemplate(text, { range: source.range(0, text.length), start: 0 }, problems);
    return template && render(template, scopeOf(variables));
  });
}

/** What `evaluated` and `rendered` yield for an error, so that no value can be mistaken for one. */
export interface Failure extends JsonObject {
  readonly error: string;
}

export function failure(error: string): Failure {
  return { error };
}

export function isFailure(value: Json): value is Failure {
  return isJsonObject(value) && Object.keys(value).join() === 'error';
}

function attempt(text: string, work: (source: SourceFile, problems: Problems) => Json | undefined): Json {
  const problems = new Problems();
  try {
    const value = work(new SourceFile('t', text), problems);
    if (value !== undefined) return value;
    return failure(problems.all.map(({ message, range, hint }) => describe(message, range, hint)).join('\n'));
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return failure(describe(error.message, error.range, error.hint));
  }
}

function describe(message: string, range: SourceRange | undefined, hint: string | undefined): string {
  const column = range ? formatPosition(range).replace(/^t:1:/, '').replace(/^t:/, '') : '?';
  return `${message} @${column}${hint === undefined ? '' : ` [${hint}]`}`;
}
