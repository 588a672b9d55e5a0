import { describe, expect, test } from 'vitest';
import { treeToJson } from '../../src/core/yaml/yaml.ts';
import { stepTasksOf } from '../../src/playbook/step-tasks.ts';
import { read } from './support/playbooks.ts';

function paramsOf(playbook: string) {
  const { playbook: found, problems } = read(playbook);
  expect(problems).toEqual([]);
  return found?.plays.flatMap((play) => stepTasksOf(play).map(({ params }) => treeToJson(params)));
}

describe('module_defaults', () => {
  test('gives what a task does not give itself, under every name of the step', () => {
    const playbook = `- hosts: all
  module_defaults:
    ansible.builtin.command: { chdir: /play, stdin: x }
  tasks:
    - command: a
    - ansible.builtin.command: { cmd: b, chdir: /own }
    - certs.check:
`;
    expect(paramsOf(playbook)).toEqual([
      { chdir: '/play', stdin: 'x', cmd: 'a' },
      { stdin: 'x', cmd: 'b', chdir: '/own' },
      {},
    ]);
  });

  test('of what is further inside stands in the place of what is outside, step by step', () => {
    const playbook = `- hosts: all
  module_defaults: { command: { chdir: /play, stdin: x } }
  tasks:
    - module_defaults: [{ command: { chdir: /first } }, { command: { chdir: /block } }]
      block:
        - command: a
        - command: b
          module_defaults: { command: { removes: /task } }
      rescue:
        - command: c
    - command: d
  handlers:
    - name: h
      command: e
`;
    expect(paramsOf(playbook)).toEqual([
      { chdir: '/block', cmd: 'a' },
      { removes: '/task', cmd: 'b' },
      { chdir: '/block', cmd: 'c' },
      { chdir: '/play', stdin: 'x', cmd: 'd' },
      { chdir: '/play', stdin: 'x', cmd: 'e' },
    ]);
  });

  test.each([
    [
      '{ group/aws: { region: x } }',
      "2:22: module_defaults takes no groups of modules: 'group/aws' (name each step by itself)",
    ],
    ['{ apt: { name: x } }', "2:22: kplay has no step 'apt' (remove it)"],
    ['{ comand: { chdir: /x } }', "2:22: kplay has no step 'comand' (did you mean command?)"],
    [
      '{ command: x }',
      "2:31: command of module_defaults must be a mapping, not 'x' (write each parameter as name: value)",
    ],
    ['x', "2:20: module_defaults must be a mapping, not 'x' (write the name of a step, with its parameters below it)"],
    [
      '[{}, x]',
      "2:25: module_defaults must be a mapping, not 'x' (write the name of a step, with its parameters below it)",
    ],
  ])('%s is refused', (value, problem) => {
    const { problems } = read(`- hosts: all\n  module_defaults: ${value}\n  tasks: [command: x]\n`);
    expect(problems).toEqual([`error ${problem}`]);
  });
});
