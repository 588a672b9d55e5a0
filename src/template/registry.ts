import { Complaint } from './errors.ts';
import { CONVERSION_FILTERS } from './filters/conversion.ts';
import { ENCODING_FILTERS } from './filters/encoding.ts';
import { FORMAT_FILTERS } from './filters/format.ts';
import { LIST_FILTERS } from './filters/list.ts';
import { MAPPING_FILTERS } from './filters/mapping.ts';
import { NUMBER_FILTERS } from './filters/number.ts';
import { ORDER_FILTERS } from './filters/order.ts';
import { PRESENCE_FILTERS } from './filters/presence.ts';
import { REGEX_FILTERS } from './filters/regex.ts';
import { SELECTION_FILTERS } from './filters/selection.ts';
import { SET_FILTERS } from './filters/set.ts';
import { TEXT_FILTERS } from './filters/text.ts';
import { FUNCTIONS } from './functions.ts';
import type { Filter, Signature, TemplateFunction, Test } from './signature.ts';
import { didYouMean } from './suggestion.ts';
import { replacementFor, VARIABLE } from './syntax/replacements.ts';
import { COMPARISON_TESTS } from './tests/comparison.ts';
import { MEMBERSHIP_TESTS } from './tests/membership.ts';
import { RESULT_TESTS } from './tests/result.ts';
import { TEXT_TESTS } from './tests/text.ts';
import { TYPE_TESTS } from './tests/type.ts';

const filters = byName<Filter>([
  ...PRESENCE_FILTERS,
  ...TEXT_FILTERS,
  ...REGEX_FILTERS,
  ...NUMBER_FILTERS,
  ...LIST_FILTERS,
  ...ORDER_FILTERS,
  ...SELECTION_FILTERS,
  ...SET_FILTERS,
  ...MAPPING_FILTERS,
  ...CONVERSION_FILTERS,
  ...FORMAT_FILTERS,
  ...ENCODING_FILTERS,
]);

const tests = byName<Test>([...TYPE_TESTS, ...COMPARISON_TESTS, ...MEMBERSHIP_TESTS, ...TEXT_TESTS, ...RESULT_TESTS]);

const functions = byName<TemplateFunction>(FUNCTIONS);

/** All filters, tests and functions, each once, by name. */
export function signatures(): Readonly<Record<'filters' | 'tests' | 'functions', readonly Signature[]>> {
  const sorted = (all: ReadonlyMap<string, Signature>): readonly Signature[] =>
    [...new Set(all.values())].sort(({ names: [a] }, { names: [b] }) => (a < b ? -1 : 1));
  return { filters: sorted(filters), tests: sorted(tests), functions: sorted(functions) };
}

/** The optional prefix of Ansible's own collection before a filter or test. */
const BUILTIN = 'ansible.builtin.';

/** @throws {Complaint} if there is no such filter */
export function findFilter(name: string): Filter {
  const known = find(filters, name);
  if (known) return known;
  // As Ansible wrote them before 2.9.
  if (find(tests, name)) throw new Complaint(`'${name}' is a test, not a filter`, `write: value is ${name}`);
  return unknown('filter', name, filters);
}

/** @throws {Complaint} if there is no such test */
export function findTest(name: string): Test {
  return find(tests, name) ?? unknown('test', name, tests);
}

/** @throws {Complaint} if there is no such function */
export function findFunction(name: string): TemplateFunction {
  const known = functions.get(name);
  if (known) return known;
  if (['lookup', 'query', 'q'].includes(name)) {
    throw new Complaint(
      `kplay has no lookups: '${name}'`,
      'templates cannot read from the controller: register the output of a command with delegate_to: localhost, or put the value into a variable',
    );
  }
  if (filters.has(name)) throw new Complaint(`'${name}' is a filter, not a function`, `write: value | ${name}`);
  return unknown('function', name, functions);
}

function find<T>(all: ReadonlyMap<string, T>, name: string): T | undefined {
  return all.get(name.startsWith(BUILTIN) ? name.slice(BUILTIN.length) : name);
}

function unknown(kind: 'filter' | 'test' | 'function', name: string, all: ReadonlyMap<string, Signature>): never {
  const [first = '', ...path] = name.split('.');
  const hint = all.has(first)
    ? `for the result's .${path.join('.')} write (… | ${first}).${path.join('.')}`
    : undefined;
  const plain = name.startsWith(BUILTIN) ? name.slice(BUILTIN.length) : name;
  throw new Complaint(
    `there is no ${kind} '${name}'`,
    hint ?? replacementFor(kind, plain) ?? didYouMean(name, all.keys()) ?? VARIABLE,
  );
}

function byName<T extends Signature>(all: readonly T[]): ReadonlyMap<string, T> {
  return new Map(all.flatMap((one) => one.names.map((name) => [name, one])));
}
