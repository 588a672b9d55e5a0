import { afterAll, expect, test } from 'vitest';
import { withProject } from '../../src/cli/defaults/project-place.ts';
import { hasDefaults, withDefaults } from '../../src/cli/defaults/with-defaults.ts';
import { type Environment, processEnvironment } from '../../src/cli/environment.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { Controller } from './support/controller.ts';

const controller = new Controller();
afterAll(() => controller.close());

test('a kplay.yml that comes to be between making a command and reading its options is not read', async () => {
  const surroundings: Environment = { ...processEnvironment(), variables: {}, directory: controller.directory };
  const before = withProject(surroundings);
  // Only the commands that were made could be named in it.
  controller.file('kplay.yml', 'forks: 7\ncommands: { history: { keep: 5 } }\n');
  const words = async (environment: typeof before) => {
    const read = await withDefaults(
      buildProgram(environment, () => undefined, hasDefaults(environment) ? undefined : 'run'),
      ['run', 'a.yml'],
      environment,
    );
    return read.words;
  };
  expect(await words(before)).toEqual(['run', 'a.yml']);
  expect(await words(withProject(surroundings))).toEqual(['run', '--forks=7', 'a.yml']);
});

test('looking for it makes no standard input ready', () => {
  const surroundings: Environment = {
    ...processEnvironment(),
    get stdin(): never {
      throw new Error('asked for');
    },
  };
  expect(withProject(surroundings).user).toBe(surroundings.user);
  expect(() => withProject(surroundings).stdin).toThrow('asked for');
});
