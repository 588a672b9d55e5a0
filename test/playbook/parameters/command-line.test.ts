import { describe, expect, test } from 'vitest';
import { saidOf } from '../support/written-task.ts';

describe('a command line that no shell reads', () => {
  test.each([
    ['command: echo $HOME', 'p.yml:3:16 there is no shell that replaces $HOME'],
    ['command: { cmd: "cat ~/.kube/config" }', 'p.yml:3:23 there is no shell that replaces ~'],
    ["command: echo 'a", 'p.yml:3:16 a quote is not closed'],
    ['ansible.builtin.command: { cmd: "echo \\"a", creates: /x }', 'p.yml:3:39 a quote is not closed'],
  ])('is refused as it is written: %s', (task, message) => {
    expect(saidOf(task)).toEqual([message]);
  });

  test.each([
    ["shell: echo it's creates=/x", 'p.yml:3:14 a quote or a template is not closed'],
    ["debug: msg=it's", 'p.yml:3:14 a quote or a template is not closed'],
    ['copy: dest=/a content={{ x', 'p.yml:3:13 a quote or a template is not closed'],
  ])('has to close its quotes where parameters stand in it: %s', (task, message) => {
    expect(saidOf(task)).toEqual([message]);
  });

  test.each([
    'command: "echo {{ x }} $HOME"',
    'command: { argv: [echo, $HOME] }',
    'command: echo a~ 5$',
    'shell: echo $HOME "a"',
    "shell: echo it's",
  ])('is left alone, or to whoever fills in its templates: %s', (task) => {
    expect(saidOf(task)).toEqual([]);
  });
});
