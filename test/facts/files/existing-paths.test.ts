import { describe, expect, it } from 'vitest';
import { Unknown, World } from '../../../src/core/world.ts';
import { existingPaths, withPath } from '../../../src/facts/files/existing-paths.ts';

const asked = (found: readonly string[], ...patterns: readonly string[]): World =>
  World.empty.set(existingPaths(patterns), found);

describe('a path that a task makes', () => {
  it.each([
    ['/a/b', '/a/b', true],
    ['/a/b', '/a/bc', false],
    ['/a/*', '/a/bc', true],
    ['/a/*', '/a/b/c', false],
    ['/a/*', '/a/.b', false],
    ['/a/.*', '/a/.b', true],
    ['/a/b*', '/a/b', true],
    ['/*/c', '/a/c', true],
    ['/a/?.conf', '/a/x.conf', true],
    ['/a/?.conf', '/a/x_conf', false],
    ['/a/[bc]', '/a/c', true],
    ['/a/[!bc]', '/a/c', false],
    ['/a/[*]', '/a/*', true],
    ['/a/[*]', '/a/b', false],
    ['/a/(b)+', '/a/(b)+', true],
    ['/a/(b)+', '/a/b', false],
    ['/a/[b', '/a/[b', true],
  ])('answers %s with %s: %s', (pattern, path, is) => {
    const world = withPath(asked([], pattern), path, true);
    expect(world.get(existingPaths([pattern]))).toEqual(is ? [pattern] : []);
  });

  it('is there besides what was there, in each question that asks for it, and in no other', () => {
    const world = asked(['/a'], '/a', '/b', '/c').set(existingPaths(['/d']), []);
    const after = withPath(world, '/b', true);
    expect(after.get(existingPaths(['/a', '/b', '/c']))).toEqual(['/a', '/b']);
    expect(after.get(existingPaths(['/d']))).toEqual([]);
    expect(after.covers(existingPaths(['/b']))).toBe(false);
  });

  it('is not known where only the run tells, until a task makes it again', () => {
    const unknown = withPath(asked(['/b'], '/b').set(existingPaths(['/a', '/b']), []), '/b', new Unknown('rm'));
    expect(() => unknown.get(existingPaths(['/b']))).toThrow("not known until 'rm' has run");
    const after = withPath(unknown, '/b', true);
    expect(after.get(existingPaths(['/b']))).toEqual(['/b']);
    expect(() => after.get(existingPaths(['/a', '/b']))).toThrow("not known until 'rm' has run");
  });
});
