import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Environment, processEnvironment } from '../../src/cli/environment.ts';
import { pathOf } from '../../src/cli/options/command-words.ts';
import { FLAGS } from '../../src/cli/output/report-error.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { Controller } from './support/controller.ts';
import { MemoryOutput } from './support/memory-streams.ts';

let controller: Controller;
beforeAll(() => {
  controller = new Controller();
});
afterAll(() => controller.close());

const streams = { stdout: new MemoryOutput(), stderr: new MemoryOutput() };
const program = buildProgram({ ...processEnvironment(), ...streams } as unknown as Environment, () => undefined);
const below = ({ commands }: Command): readonly Command[] => commands.flatMap((one) => [one, ...below(one)]);
const COMMANDS = below(program).map((command) => pathOf(command).split(' '));

const helpOf = async (words: readonly string[], columns: number): Promise<string> =>
  (await controller.run([...words, '--help'], { types: [], columns })).stdout;

const bare = (text: string): string => text.replaceAll(/\s/g, '');

test.each(['run', 'plan', 'apply', 'check', 'validate'])('%s is the same command where no other is made', (name) => {
  const alone = buildProgram({ ...processEnvironment(), ...streams } as unknown as Environment, () => undefined, name);
  expect(below(alone).map(pathOf)).toEqual([name]);
  const whole = below(program).find((command) => pathOf(command) === name);
  expect(alone.commands[0]?.helpInformation()).toBe(whole?.helpInformation());
});

describe.each([20, 40, 60, 79, 200])('help in a terminal of %i columns', (columns) => {
  test('is the same text as elsewhere, and fits', async () => {
    expect(COMMANDS.length).toBeGreaterThan(25);
    for (const words of COMMANDS) {
      const help = await helpOf(words, columns);
      expect(
        help.split('\n').filter((line) => line.length > columns),
        words.join(' '),
      ).toEqual([]);
      expect(bare(help)).toBe(bare(await helpOf(words, 100)));
    }
  });

  test('breaks no example of a command, which is copied', async () => {
    const help = await helpOf([], columns);
    expect(help).toMatch(/^ {2}kplay certs install requests -i prod\.yml(?: {2}|$)/m);
    const wide = help.split('\n').filter((line) => line.length > columns);
    expect(wide.filter((line) => !/^ {2}kplay /.test(line))).toEqual([]);
    expect(bare(help)).toBe(bare(await helpOf([], 100)));
  });
});

test('letters that may stand before another one in a word are those of options that never take a value', () => {
  const options = [program, ...below(program)].flatMap((command) => command.options);
  const letters = (found: typeof options) => new Set(found.flatMap(({ short }) => short?.slice(1) ?? []));
  const withValue = letters(options.filter(({ required, optional }) => required || optional));
  const without = [...letters(options), 'h'].filter((letter) => !withValue.has(letter));
  expect([...FLAGS]).toEqual([...new Set(without)].sort());
});
