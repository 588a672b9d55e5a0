import { describe, expect, test } from 'vitest';
import { Unknown } from '../../src/core/world.ts';
import type { Registered } from '../../src/engine/program/place.ts';
import { gained } from '../../src/engine/program/shared-result.ts';
import { VariableView, withVariables } from '../../src/engine/program/variable-view.ts';
import { fc } from '../support/random-cases.ts';

const values = fc.oneof(fc.constantFrom(null, 0, '', 'x'), fc.constant(new Unknown('a task')), fc.array(fc.nat(2)));
const names = fc.constantFrom('', 'a', 'b', 'c', 'd');
const below = fc.array(fc.tuple(names, values), { maxLength: 5 });
/** Undefined takes a name away. */
const own = fc.array(fc.tuple(names, fc.option(values, { nil: undefined })), { maxLength: 5 });

/** The same as a copy. */
function copyOf(below: Registered, own: ReadonlyMap<string, ReturnType<Registered['get']>>): Registered {
  const all = new Map(below);
  for (const [name, value] of own)
    if (value === undefined) all.delete(name);
    else all.set(name, value);
  return all;
}

const asMap = (variables: Registered) => new Map([...variables]);

describe('variables on top of others', () => {
  test('show what a copy with the same changes has', () => {
    fc.assert(
      fc.property(below, own, (below, own) => {
        const base = new Map(below);
        const changes = new Map(own);
        const view = new VariableView(base, changes);
        const copy = copyOf(base, changes);
        expect(asMap(view)).toEqual(copy);
        expect([...view.keys()].sort()).toEqual([...copy.keys()].sort());
        expect([...view.values()]).toHaveLength(copy.size);
        expect(view.size).toBe(copy.size);
        const called = new Map<string, unknown>();
        view.forEach((value, name) => {
          called.set(name, value);
        });
        expect(called).toEqual(copy);
        for (const name of ['', 'a', 'b', 'c', 'd']) {
          expect(view.has(name)).toBe(copy.has(name));
          expect(view.get(name)).toBe(copy.get(name));
        }
      }),
    );
  });

  test('get more of them as copies do, and tell which those are', () => {
    fc.assert(
      fc.property(below, own, below, (below, own, more) => {
        const base = new Map(below);
        const view = new VariableView(base, new Map(own));
        const copy = copyOf(base, new Map(own));
        const [viewAfter, copyAfter] = [withVariables(view, more), withVariables(copy, more)];
        expect(asMap(viewAfter)).toEqual(copyAfter);
        expect(gained(view, viewAfter)).toEqual(gained(copy, copyAfter));
        expect(gained(base, viewAfter)).toEqual(gained(base, copyAfter));
        expect(asMap(view)).toEqual(copy);
      }),
    );
  });

  test('are the same object if nothing is added', () => {
    const view = new VariableView(new Map([['a', 1]]), new Map());
    expect(withVariables(view, [])).toBe(view);
  });
});
