import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Controller } from './support/controller.ts';

const controller = new Controller();
afterAll(() => controller.close());

const COPY = 'copy: { dest: "/{{ item }}/x", content: a }\n      loop';

test.each([
  ['assert: { that: false, fail_msg: too few }\n      ignore_errors: true', 'fails, which is ignored: too few'],
  [
    'assert: { that: false, fail_msg: too few }\n      failed_when: false',
    'fails, unless failed_when says otherwise: too few',
  ],
  [`${COPY}: [none]\n      ignore_errors: true`, 'none: fails, which is ignored: the directory /none does not exist'],
  [
    `${COPY}: [none, tmp]\n      ignore_errors: true`,
    'warning: a: none: fails, which is ignored: the directory /none does not exist',
  ],
])('a plan says of %j that it fails, and why the host goes on', async (task, said) => {
  mkdirSync(join(controller.directory, 'a/tmp'), { recursive: true });
  const root = JSON.stringify(join(controller.directory, 'a'));
  const inventory = controller.file(
    'hosts.yml',
    `all: { hosts: { a: { ansible_connection: local, kplay_rootfs: ${root} } } }\n`,
  );
  const playbook = controller.file('play.yml', `- hosts: all\n  tasks:\n    - ${task}\n`);
  const { exitCode, stdout } = await controller.run(['plan', playbook, '-i', inventory, '-o', 'plain']);
  expect(stdout).toContain(` ${said}\n`);
  expect(exitCode).toBe(0);
});
