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
