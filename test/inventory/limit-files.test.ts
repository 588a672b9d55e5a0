import { resolve } from 'node:path';
import { expect, it, vi } from 'vitest';
import { withAbsoluteFiles } from '../../src/inventory/limit-files.ts';

const file = resolve('hosts.txt');

it.each([
  ['m1,@hosts.txt', `m1,@${file}`],
  ['@hosts.txt', `@${file}`],
  ['@hosts.txt:!m1', `@${file},!m1`],
  ['cluster:prod @hosts.txt', `cluster:prod,@${file}`],
  ['@hosts.txt,@/a,&web[0:2]', `@${file},@/a,&web[0:2]`],
  ['@/a b:c/hosts.txt,', '@/a b:c/hosts.txt,'],
  // Nothing is a file, or the limit is wrong.
  ['web:!m1', 'web:!m1'],
  ['&@hosts.txt', '&@hosts.txt'],
  ['@hosts.txt,m[1', '@hosts.txt,m[1'],
])('the limit %s reads the same files from any directory', (limit, absolute) => {
  expect(withAbsoluteFiles(limit)).toBe(absolute);
});

it('in a directory whose name has a comma, which no limit can contain, stays as it is', () => {
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue('/srv/a,b');
  try {
    expect(withAbsoluteFiles('@hosts.txt')).toBe('@hosts.txt');
  } finally {
    cwd.mockRestore();
  }
});
