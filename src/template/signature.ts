import type { Json } from '../core/json.ts';
import { shortened } from '../core/shortened.ts';
import { Complaint } from './errors.ts';
import type { Machine } from './machine.ts';
import { collection, type Shape } from './shape.ts';
import { didYouMean } from './suggestion.ts';
import { membersOf } from './values/lookup.ts';
import type { FilterResult, SparseList } from './values/sparse-list.ts';
import type { Undefined } from './values/undefined.ts';
import { typeName } from './values/value.ts';

/** The names and parameters of a filter, test or function. */
export interface Signature {
  /** The first is the name, the others are aliases. */
  readonly names: readonly [string, ...string[]];
  /** For messages: `filter 'replace'`. */
  readonly label: string;
  /** In the order of positional arguments. */
  readonly parameters: readonly NamedParameter[];
}

/** Changes a value: `subject | name(arguments)`. */
export interface Filter extends Signature {
  /** @throws {Complaint} for a wrong type of value or argument, and for anything else that the filter rejects */
  apply(subject: Json, given: Bound<Json>, machine: Machine): FilterResult;
  /** The same for a list with undefined items; absent for filters that need all of them. */
  applyToSparse?(subject: SparseList, given: Bound<Json>, machine: Machine): FilterResult;
}

/** A predicate on a value: `subject is name(arguments)`. */
export interface Test extends Signature {
  apply(subject: Json, given: Bound<Json>, machine: Machine): boolean;
}

/** Makes a value: `name(arguments)`. */
export interface TemplateFunction extends Signature {
  apply(given: Bound<Json>): Json;
}

/** The arguments of a call, per parameter in order: none, one, or any number for a rest parameter. */
export type Bound<T> = readonly (readonly T[])[];

/** The accepted arguments of a parameter, and the type `T` that the body receives. */
export interface Parameter<T> {
  readonly arity: 'required' | 'optional' | 'rest';
  /** The parameter is the name of a filter or test, so the parser can check it. */
  readonly namesA?: 'filter' | 'test';
  /** @throws {Complaint} for a value of a wrong type; `what` names the parameter */
  read(given: readonly Json[], what: string): T;
}

interface NamedParameter extends Parameter<unknown> {
  readonly name: string;
  /** For messages: `filter 'replace': 'old'`. */
  readonly label: string;
}

type Parameters = Readonly<Record<string, Parameter<unknown>>>;
type Arguments<P extends Parameters> = { readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never };

/** A required parameter. */
export function required<T extends Json>(shape: Shape<T>): Parameter<T> {
  // `bind` guarantees that there is an argument.
  return { arity: 'required', read: ([value = null], what) => expectShape(shape, value, what) };
}

/** An optional parameter. */
export function optional<T extends Json>(shape: Shape<T>, namesA?: 'filter' | 'test'): Parameter<T | undefined> {
  return {
    arity: 'optional',
    ...(namesA && { namesA }),
    read: ([value], what) => (value === undefined ? undefined : expectShape(shape, value, what)),
  };
}

/** An optional parameter with a default. */
export function withDefault<T extends Json>(shape: Shape<T>, fallback: T): Parameter<T> {
  return {
    arity: 'optional',
    read: ([value], what) => (value === undefined ? fallback : expectShape(shape, value, what)),
  };
}

/** All remaining positional arguments. Parameters after it can only be given by name. */
export function rest<T extends Json>(shape: Shape<T>): Parameter<readonly T[]> {
  return { arity: 'rest', read: (values, what) => values.map((value) => expectShape(shape, value, what)) };
}

/** Defines a filter: the shape of its subject, its parameters by name, and a pure body. */
export function filter<S extends Json, P extends Parameters>(
  name: string | readonly [string, ...string[]],
  subject: Shape<S>,
  parameters: P,
  body: (subject: S, args: Arguments<P>, machine: Machine) => FilterResult,
): Filter {
  const { signature, read } = declare('filter', name, parameters);
  return {
    ...signature,
    apply: (value, given, machine) => body(expectShape(subject, value, signature.label), read(given), machine),
  };
}

/** Defines a filter that goes through the items of its subject one by one, of which some may be undefined. */
export function itemFilter<P extends Parameters>(
  name: string | readonly [string, ...string[]],
  parameters: P,
  body: (items: readonly (Json | Undefined)[], args: Arguments<P>, machine: Machine) => FilterResult,
): Filter {
  const { signature, read } = declare('filter', name, parameters);
  return {
    ...signature,
    apply: (value, given, machine) =>
      body([...membersOf(expectShape(collection, value, signature.label))], read(given), machine),
    applyToSparse: ({ items }, given, machine) => body(items, read(given), machine),
  };
}

/** Defines a test, as `filter` does a filter. */
export function test<S extends Json, P extends Parameters>(
  name: string | readonly [string, ...string[]],
  subject: Shape<S>,
  parameters: P,
  body: (subject: S, args: Arguments<P>, machine: Machine) => boolean,
): Test {
  const { signature, read } = declare('test', name, parameters);
  return {
    ...signature,
    apply: (value, given, machine) => body(expectShape(subject, value, signature.label), read(given), machine),
  };
}

/** Defines a function, as `filter` does a filter. */
export function templateFunction<P extends Parameters>(
  name: string,
  parameters: P,
  body: (args: Arguments<P>) => Json,
): TemplateFunction {
  const { signature, read } = declare('function', name, parameters);
  return { ...signature, apply: (given) => body(read(given)) };
}

function declare<P extends Parameters>(
  kind: string,
  name: string | readonly [string, ...string[]],
  parameters: P,
): { readonly signature: Signature; readonly read: (given: Bound<Json>) => Arguments<P> } {
  const names: readonly [string, ...string[]] = typeof name === 'string' ? [name] : name;
  const label = `${kind} '${names[0]}'`;
  const named = Object.entries(parameters).map(([key, parameter]) => ({
    ...parameter,
    name: key,
    label: `${label}: '${key}'`,
  }));
  // Each parameter reads its own argument, so the record matches the parameters.
  const read = (given: Bound<Json>) =>
    Object.fromEntries(
      named.map((parameter, index) => [parameter.name, parameter.read(given[index] ?? [], parameter.label)]),
    ) as Arguments<P>;
  return { signature: { names, label, parameters: named }, read };
}

function expectShape<T extends Json>(shape: Shape<T>, value: Json, what: string): T {
  if (shape.accepts(value)) return value;
  if (shape.words && typeof value === 'string') {
    throw new Complaint(
      `${what} takes ${shape.expected}, not '${shortened(value, 40)}'`,
      didYouMean(value, shape.words),
    );
  }
  const isWritten = typeof value === 'number' || typeof value === 'boolean';
  const hint = shape.expected === 'a string' && isWritten ? 'convert it with | string' : undefined;
  throw new Complaint(`${what} takes ${shape.expected}, not ${typeName(value)}`, hint);
}
