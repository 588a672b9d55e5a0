import { expect, test } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import type { Json } from '../../src/core/json.ts';
import { SourceFile } from '../../src/core/source.ts';
import { Unknown, UnknownValueError } from '../../src/core/world.ts';
import { TemplateError } from '../../src/template/errors.ts';
import { evaluate } from '../../src/template/evaluation/evaluate.ts';
import { render } from '../../src/template/evaluation/render.ts';
import { parseExpression, parseTemplate } from '../../src/template/syntax/parse.ts';
import { type Arbitrary, fc } from '../support/random-cases.ts';
import { sharedExpressions, VARIABLES } from './expressions.ts';
import { evaluated, scopeOf } from './harness.ts';

const WORDS = [
  ...['n', 's', 'xs', 'd', 'missing', 'later', 'odd', '1', '0', '-1', '2.5', "'a'", "''", "'(a+)*'", 'true', 'none'],
  ...[
    '+',
    '-',
    '*',
    '/',
    '//',
    '%',
    '**',
    '~',
    '==',
    '!=',
    '<',
    '>=',
    'in',
    'not',
    'and',
    'or',
    'is',
    'if',
    'else',
    '|',
  ],
  ...['(', ')', '[', ']', '{', '}', ',', ':', '.', '=', '{{', '}}', '{%', '{#', '-}}', '#}'],
  ...[
    'default',
    'length',
    'first',
    'sort',
    'map',
    'select',
    'selectattr',
    'attribute',
    'combine',
    'replace',
    'to_json',
  ],
  ...['from_json', 'to_yaml', 'from_yaml', 'regex_replace', 'join', 'flatten', 'dict2items', 'int', 'round', 'range'],
  ...['defined', 'match', 'version', 'divisibleby', 'subset', 'changed', 'constructor', '__proto__', 'prototype'],
];

/** Texts that look like expressions and templates, and texts that do not. */
function texts(): Arbitrary<string> {
  const words = fc.array(fc.constantFrom(...WORDS), { maxLength: 25 }).map((list) => list.join(' '));
  const broken = fc
    .tuple(sharedExpressions(), fc.nat(), fc.constantFrom(...WORDS))
    .map(([text, at, word]) => text.slice(0, at % (text.length + 1)) + word + text.slice(at % (text.length + 1)));
  return fc.oneof(words, broken, fc.string({ unit: 'binary' }), fc.string());
}

/** Any JSON; numbers are those that can be written as a literal. */
function json(): Arbitrary<Json> {
  const number = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, min: -1e6, max: 1e6 }));
  const values = [fc.string({ unit: 'grapheme' }), fc.boolean(), fc.constant(null), number];
  return fc.anything({ values, key: fc.string(), maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)));
}

/** What filters are given: any value, and arguments of any kind. */
function filterings(): Arbitrary<string> {
  const value = json().map((any) => JSON.stringify(any));
  const name = fc.constantFrom(...FILTERS);
  const call = fc
    .tuple(name, fc.array(value, { maxLength: 2 }))
    .map(([filter, args]) => `${filter}(${args.join(', ')})`);
  return fc
    .tuple(value, fc.array(call, { minLength: 1, maxLength: 3 }))
    .map(([subject, calls]) => [subject, ...calls].join(' | '));
}

const FILTERS =
  `default ternary lower upper title capitalize trim replace split indent quote basename dirname regex_replace regex_search
  regex_findall regex_escape abs round length first last list reverse join flatten zip sort min max unique sum map select
  reject selectattr rejectattr union intersect difference symmetric_difference dict2items items2dict extract combine string bool int
  float type_debug to_json to_nice_json from_json to_yaml to_nice_yaml from_yaml b64encode b64decode hash human_readable`.split(
    /\s+/,
  );

const scope = scopeOf({ ...VARIABLES, odd: { __proto__: 1 } as unknown as Json, later: new Unknown('restart') });

function origin(text: string) {
  return { range: new SourceFile('t', text).range(0, text.length), start: 0 };
}

/** Runs it; what it may throw is TemplateError and UnknownValueError. */
function attempt(work: () => Json): Json | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateError || error instanceof UnknownValueError) return undefined;
    throw error;
  }
}

/** Made of nothing but JSON: no function, no instance of a class, no undefined, no NaN. */
function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  if (typeof value === 'object' && value !== null) {
    return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain);
  }
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

function expectPlain(value: Json | undefined): void {
  if (value !== undefined) expect(isPlain(value)).toBe(true);
}

test('any text parses or has a positioned problem; what parses evaluates to plain data or to an error', () => {
  fc.assert(
    fc.property(texts(), (text) => {
      const problems = new Problems();
      const expression = parseExpression(text, origin(text), problems);
      expect(expression === undefined).toBe(problems.hasErrors);
      for (const { range } of problems.all) expect(range && range.start <= range.end).toBe(true);
      if (expression) expectPlain(attempt(() => evaluate(expression, scope)));
    }),
    { numRuns: 5_000 },
  );
});

test('so does any template', () => {
  fc.assert(
    fc.property(texts(), texts(), (before, inside) => {
      const text = `${before}{{ ${inside} }}`;
      const problems = new Problems();
      const template = parseTemplate(text, origin(text), problems);
      expect(template === undefined).toBe(problems.hasErrors);
      if (template) expectPlain(attempt(() => render(template, scope)));
    }),
    { numRuns: 2_000 },
  );
});

test('any filter takes any value, or says what it wants', () => {
  fc.assert(
    fc.property(filterings(), (text) => {
      const expression = parseExpression(text, origin(text), new Problems());
      if (expression) expectPlain(attempt(() => evaluate(expression, scope)));
    }),
    { numRuns: 10_000 },
  );
});

test('evaluation changes nothing that it is given, and yields the same each time', () => {
  fc.assert(
    fc.property(fc.oneof(sharedExpressions(), filterings()), (text) => {
      const expression = parseExpression(text, origin(text), new Problems());
      if (!expression) return;
      const before = JSON.stringify(VARIABLES);
      const first = attempt(() => evaluate(expression, scope));
      expect(attempt(() => evaluate(expression, scope))).toEqual(first);
      expect(JSON.stringify(VARIABLES)).toBe(before);
    }),
  );
});

/** As in JSON, but for the name of null. */
function literalOf(value: Json): string {
  if (value === null) return 'none';
  if (Array.isArray(value)) return `[${value.map(literalOf).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, one]) => `${JSON.stringify(key)}: ${literalOf(one)}`)
    .join(', ')}}`;
}

test('any value that is written as JSON is read as it was, as a literal, too', () => {
  fc.assert(
    fc.property(json(), (value) => {
      expect(evaluated('v | to_json | from_json', { v: value })).toEqual(value);
      expect(evaluated('v | to_nice_yaml | from_yaml', { v: value })).toEqual(value);
      expect(evaluated(literalOf(value))).toEqual(value);
    }),
  );
});

test('any text in quotes is read as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom("'", '"'), (text, quote) => {
      const literal = quote + text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`) + quote;
      expect(evaluated(literal)).toBe(text);
    }),
  );
});

test('no text outside of braces is touched', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      fc.pre(!/\{[{%#]/.test(text) && text.trim() !== '' && !text.endsWith('{'));
      const problems = new Problems();
      const full = `${text}{{ s }}`;
      const template = parseTemplate(full, origin(full), problems);
      expect(template && render(template, scope)).toBe(`${text}Hello World`);
    }),
  );
});
