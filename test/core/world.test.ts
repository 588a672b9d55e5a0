import { describe, expect, test } from 'vitest';
import { type Fact, type FactRef, factRef } from '../../src/core/fact.ts';
import { sh } from '../../src/core/shell.ts';
import { Unknown, UnknownValueError, World } from '../../src/core/world.ts';

const fact: Fact<{ readonly [key: string]: string }, string> = {
  name: 'color',
  summary: 'a color',
  probe: (params) => ({ script: sh`echo ${Object.values(params)}` }),
  parse: ({ stdout }, params) => `${stdout}${Object.keys(params).join()}`,
};
const sky = factRef(fact, { of: 'sky' });
const sea = factRef(fact, { of: 'sea' });

describe('a reference to a fact', () => {
  test('is the same for the same question', () => {
    expect(factRef(fact, { a: '1', b: '2' }).key).toBe(factRef(fact, { b: '2', a: '1' }).key);
    expect(sky.key).not.toBe(sea.key);
  });

  test('asks and parses with its parameters', () => {
    expect(sky.probe().script?.reveal()).toBe('echo sky');
    expect(sky.parse({ stdout: 'blue', stderr: '', exitCode: 0, truncated: false, dials: [] })).toBe('blueof');
    expect(sky.name).toBe('color');
  });
});

describe('a world', () => {
  test('knows what was put into it, under any reference that asks the same', () => {
    const world = World.empty.set(sky, 'blue');
    expect(world.get(factRef(fact, { of: 'sky' }))).toBe('blue');
    expect(world.has(sky)).toBe(true);
    expect(world.covers(sky)).toBe(true);
  });

  test('finds what it knows: not what was never observed, nor what a task will change unpredictably', () => {
    const world = World.empty.set(sky, 'blue').set(sea, new Unknown('rain'));
    expect(world.find(sky)).toBe('blue');
    expect(world.find(sea)).toBeUndefined();
    expect(World.empty.find(sky)).toBeUndefined();
    expect(world.find<string>(undefined)).toBeUndefined();
  });

  test('is not changed by what is made of it', () => {
    const world = World.empty.set(sky, 'blue');
    world.set(sky, 'grey');
    world.merge(World.empty.set(sky, 'black'));
    world.forget('rain');
    expect(world.get(sky)).toBe('blue');
    expect(World.empty.covers(sky)).toBe(false);
  });

  test('says which step forgot to ask', () => {
    expect(() => World.empty.get(sky)).toThrow(
      'fact color{"of":"sky"} was not observed: the step does not name it in needs()',
    );
    expect(World.empty.has(sky)).toBe(false);
  });

  test('says until when something is not known', () => {
    const world = World.empty.set(sky, new Unknown('the sun is up'));
    expect(thrownBy(() => world.get(sky))).toMatchObject({ name: 'UnknownValueError', until: 'the sun is up' });
    expect(() => world.get(sky)).toThrow(UnknownValueError);
    expect(world.has(sky)).toBe(false);
    expect(world.covers(sky)).toBe(true);
  });

  test('is covered by what is newer, unknowns too', () => {
    const old = World.empty.set(sky, 'blue').set(sea, 'green');
    const merged = old.merge(World.empty.set(sky, new Unknown('night')));
    expect(merged.has(sky)).toBe(false);
    expect(merged.get(sea)).toBe('green');
    expect(old.merge(World.empty.set(sea, 'black')).get(sea)).toBe('black');
  });

  test('shares with another what is the very same in both', () => {
    const twice = factRef(fact, { of: 'twice' }) as FactRef<unknown>;
    const before = World.empty.set(sky, 'blue').set(sea, 'green').set(twice, ['a']);
    const shared = before.set(sea, 'grey').set(twice, ['a']).sharedWith(before);
    expect([sky, sea, twice].map((ref) => shared.covers(ref))).toEqual([true, false, false]);
    expect(World.empty.set(sky, 'blue').sharedWith(World.empty).covers(sky)).toBe(false);
  });

  test('forgets every value, and that none was observed of what it never knew', () => {
    const world = World.empty.set(sky, 'blue').forget('the storm is over');
    expect(world.covers(sky)).toBe(true);
    expect(world.has(sky)).toBe(false);
    expect(world.covers(sea)).toBe(false);
    expect(world.set(sky, 'grey').get(sky)).toBe('grey');
  });

  test.each<[string, unknown]>([
    ['false', false],
    ['null', null],
    ['an empty text', ''],
    ['zero', 0],
  ])('takes %s for a value', (_what, value) => {
    const ref = sky as FactRef<unknown>;
    expect(World.empty.set(ref, value).get(ref)).toBe(value);
  });
});

function thrownBy(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
