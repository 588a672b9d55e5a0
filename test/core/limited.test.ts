import { describe, expect, it } from 'vitest';
import { forEachLimited } from '../../src/core/limited.ts';

describe('work that is done side by side', () => {
  it('has all ended when one has thrown, and nothing is begun after it', async () => {
    const ended: string[] = [];
    const gates = new Map<string, () => void>();
    const work = async (name: string): Promise<void> => {
      if (name === 'bad') throw new Error('first');
      await new Promise<void>((resolve) => gates.set(name, resolve));
      ended.push(name);
    };
    let isOver = false;
    const all = forEachLimited(['slow', 'bad', 'late'], 2, work).finally(() => {
      isOver = true;
    });
    all.catch(() => undefined);
    await new Promise(setImmediate);
    expect([isOver, [...gates.keys()]]).toEqual([false, ['slow']]);
    gates.get('slow')?.();
    await expect(all).rejects.toThrow('first');
    expect(ended).toEqual(['slow']);
  });
});
