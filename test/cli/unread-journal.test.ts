import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';

const RUN = '20261124T151244Z-3f9c';

let controller: Controller;
let journal: string;
beforeEach(() => {
  controller = new Controller();
  journal = join(controller.directory, 'state/kplay/runs', RUN, 'journal.ndjson');
  // Whoever runs the tests may read every file, but nobody a directory.
  mkdirSync(journal, { recursive: true });
});
afterEach(() => controller.close());

it('--prune removes the other runs where one cannot be removed, and says which', async () => {
  const [old, stuck] = ['20200101T000000Z-0002', '20200101T000000Z-0001'];
  mkdirSync(join(controller.directory, 'state/kplay/runs', old));
  mkdirSync(join(controller.directory, 'state/kplay/runs', stuck, 'journal.ndjson'), { recursive: true });
  const pruned = await controller.run(['history', '--prune', '--keep', '1', '--keep-for', '0s']);
  expect(pruned.stdout).toMatch(/^1 run removed, 2 kept in /);
  expect(pruned.stderr).toContain(`error: cannot remove run ${stuck} from `);
  expect(pruned.exitCode).toBe(1);
});

it('a journal that cannot be read is not called damaged, and no command says what its run has come to', async () => {
  expect((await controller.run(['history', '--no-headers'])).stdout).toMatch(/ not known, journal cannot be read +-$/m);
  const { stdout } = await controller.run(['show', RUN]);
  expect(stdout).toMatch(/^result: +not known$/m);
  expect(stdout.replace(/\n {2,}/g, ' ')).toContain(`${journal} cannot be read: `);
  expect(stdout).toMatch(/^unread: /m);
  expect((await controller.run(['logs', RUN])).stderr).toMatch(`warning: ${journal} cannot be read: `);
  const resume = await controller.run(['resume', RUN]);
  expect(resume.stderr).toContain(`${journal} cannot be read: `);
  expect(resume.exitCode).toBe(1);
});
