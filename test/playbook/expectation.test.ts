import { describe, expect, test } from 'vitest';
import type { JsonSchema } from '../../src/core/schema.ts';
import { expectation } from '../../src/playbook/expectation.ts';

describe('what a schema takes, in words', () => {
  test.each<[JsonSchema, string]>([
    [{ type: 'string' }, 'a string'],
    [{ type: 'string', minLength: 1 }, 'a non-empty string'],
    [{ type: 'string', examples: ['30d', '1h'] }, 'a string such as 30d'],
    [{ type: 'boolean' }, 'true or false'],
    [{ type: 'number' }, 'a number'],
    [{ type: 'number', maximum: 1 }, 'a number of at most 1'],
    [{ type: 'integer', minimum: 1 }, 'a whole number of at least 1'],
    [{ type: 'integer', minimum: 1, maximum: 9 }, 'a whole number from 1 to 9'],
    [{ type: 'object' }, 'a mapping'],
    [{ type: 'null' }, 'nothing'],
    [{ type: ['string', 'integer'] }, 'a string or a whole number'],
    [{ enum: ['auto', 'native'] }, 'one of auto, native'],
    [{ enum: ['auto'] }, 'auto'],
    [{ const: 1 }, '1'],
    [{ type: 'array' }, 'a list'],
    [{ type: 'array', items: {} }, 'a list'],
    [{ type: 'array', items: { type: 'string' } }, 'a list of strings'],
    [{ type: 'array', items: { type: 'string' }, minItems: 1 }, 'a non-empty list of strings'],
    [{ type: 'array', items: { type: 'integer' }, minItems: 2 }, 'a list of whole numbers with at least 2 entries'],
    [{ type: 'array', maxItems: 3 }, 'a list with 0 to 3 entries'],
    [{ type: 'array', items: { enum: ['a', 'b'] } }, 'a list of any of a, b'],
    [{ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'object' }] } }, 'a list of strings or mappings'],
    [
      { anyOf: [{ type: 'boolean' }, { type: 'array', items: { type: 'boolean' } }] },
      'true or false or a list of booleans',
    ],
    [{ oneOf: [{ type: 'string' }, { type: 'string', pattern: 'x' }] }, 'a string'],
    [{}, 'another value'],
  ])('%j: %s', (schema, words) => {
    expect(expectation(schema)).toBe(words);
  });
});
