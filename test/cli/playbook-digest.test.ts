import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadNamed } from '../../src/cli/inputs/playbook-files.ts';
import { playbookDigest } from '../../src/cli/temporal/playbook-digest.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import { Controller } from './support/controller.ts';

const FILES = {
  'play.yml': `- hosts: all
  vars_files: [named.yml]
  roles: [greeting]
  tasks:
    - import_tasks: more.yml
    - include_vars: included.yml
`,
  'named.yml': 'a: 1\n',
  'more.yml': '- debug: { msg: more }\n',
  'roles/greeting/tasks/main.yml': '- debug: { msg: hello }\n',
  'roles/greeting/defaults/main.yml': 'b: 1\n',
  'included.yml': 'c: 1\n',
};

let controller: Controller;
beforeAll(() => {
  controller = new Controller();
  for (const [name, text] of Object.entries(FILES)) controller.file(name, text);
});
afterAll(() => controller.close());

function digest(): string {
  const problems = new Problems();
  const path = join(controller.directory, 'play.yml');
  const playbook = loadNamed(path, problems);
  expect(problems.all).toEqual([]);
  if (!playbook) throw new Error('no playbook');
  return playbookDigest(playbook, path);
}

/** Whether the same playbook is another one with a comment in this file. */
function isPart(name: keyof typeof FILES): boolean {
  const before = digest();
  controller.file(name, `${FILES[name]}# changed\n`);
  const isOther = digest() !== before;
  controller.file(name, FILES[name]);
  return isOther;
}

describe('the digest by which a worker knows a playbook', () => {
  // As docs/fleet.md tells, under Playbooks.
  it('covers its files of tasks and variables, but not those that include_vars reads in the run', () => {
    const names = Object.keys(FILES) as (keyof typeof FILES)[];
    expect(names.filter((name) => !isPart(name))).toEqual(['included.yml']);
  });
});
