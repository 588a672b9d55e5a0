import { expect, test } from 'vitest';
import { Turns } from '../../src/core/turns.ts';

test('what waits for its turn begins in the order in which it asked, as soon as another has ended or failed', async () => {
  const turns = new Turns();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<void>((resolve, reject) =>
      ends.set(name, name === 'b' ? () => reject(new Error(name)) : resolve),
    );
  };
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => turns.run(2, work(name)));
  expect(begun).toEqual(['a', 'b']);
  ends.get('b')?.();
  await expect(b).rejects.toThrow('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  ends.get('a')?.();
  await a;
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  for (const name of ['c', 'd']) ends.get(name)?.();
  await Promise.all([c, d]);
});
