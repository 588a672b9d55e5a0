import { describe, expect, test } from 'vitest';
import { canonicalJson, isJsonObject, type Json, sameJson } from '../../src/core/json.ts';
import { fc } from '../support/random-cases.ts';

const json = fc.jsonValue() as fc.Arbitrary<Json>;

describe('canonical JSON', () => {
  test.each<[Json, string]>([
    [null, 'null'],
    [-0, '0'],
    ['ö"\n', '"ö\\"\\n"'],
    [[], '[]'],
    [{}, '{}'],
    [{ b: 1, a: [{ d: null, c: true }] }, '{"a":[{"c":true,"d":null}],"b":1}'],
    [{ '10': 1, '9': 2 }, '{"10":1,"9":2}'],
  ])('of %j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test('leaves out what has no value', () => {
    expect(canonicalJson({ a: undefined } as unknown as Json)).toBe('{}');
  });

  test('says what the value says', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(turned(value))).toBe(canonicalJson(value));
        expect(sameJson(value, turned(value))).toBe(true);
      }),
    );
  });

  test('differs for values that differ', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const plain = (value: Json): unknown => JSON.parse(JSON.stringify(value));
        let equal = true;
        try {
          expect(plain(a)).toEqual(plain(b));
        } catch {
          equal = false;
        }
        expect(sameJson(a, b)).toBe(equal);
      }),
    );
  });
});

test.each([
  [{}, true],
  [Object.create(null), true],
  [[], false],
  [null, false],
  ['x', false],
  [undefined, false],
])('%j is an object of JSON: %s', (value, is) => {
  expect(isJsonObject(value)).toBe(is);
});

function turned(value: Json): Json {
  if (Array.isArray(value)) return value.map(turned);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, turned(inner)]),
  );
}
