import type { Command, Option } from 'commander';
import type { JsonSchema } from '../../core/schema.ts';
import { pathOf } from '../options/command-words.ts';
import {
  LONGEST_TIMER_S,
  MOST_MASTERS_OF_DEMO,
  mastersOfDemo,
  positive,
  timerSeconds,
} from '../options/option-values.ts';

/** Options that mean the same for every command that has them, by their keys in kplay.yml. */
const COMMON: readonly string[] = [
  'inventory',
  'forks',
  'user',
  'connection',
  'private_key',
  'ask_pass',
  'become',
  'ask_become_pass',
  'become_password_file',
  'host_key_checking',
  'ssh_args',
  'ssh_common_args',
  'ssh_extra_args',
  'timeout',
  'state',
  'diff',
  'verbose',
  'no_color',
  'local_time',
];

/** The options for all commands, by their keys in kplay.yml. */
export function commonOptions(program: Command): ReadonlyMap<string, Option> {
  const all = new Map([...settableCommands(program).values()].flatMap((command) => [...optionsByKey(command)]));
  return new Map(
    COMMON.flatMap((key) => {
      const option = all.get(key);
      return option ? [[key, option] as const] : [];
    }),
  );
}

/** The commands with options, by name: `run`, `certs csr`. */
export function settableCommands(program: Command): ReadonlyMap<string, Command> {
  const below = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(below)];
  const all = program.commands.flatMap(below).filter((command) => optionsByKey(command).size > 0);
  return new Map(all.map((command) => [pathOf(command), command]));
}

/** The options of a command, by their keys in kplay.yml. */
export function optionsByKey(command: Command): ReadonlyMap<string, Option> {
  // A saved plan has an inventory of its own, which only a typed one replaces.
  const typedOnly = ['--extra-vars', ...(command.name() === 'apply' ? ['--inventory'] : [])];
  const settable = command.options.filter(
    ({ hidden, long = '' }) => !hidden && long !== '' && !typedOnly.includes(long),
  );
  return new Map(settable.map((option) => [option.long?.slice(2).replaceAll('-', '_') ?? '', option]));
}

/** Whether an option takes several values: without any, it has an empty list. */
export function isList({ defaultValue }: Option): boolean {
  return Array.isArray(defaultValue);
}

/** Whether the option takes a number. */
export function isNumber({ parseArg }: Option): boolean {
  return parseArg === positive || parseArg === timerSeconds || parseArg === mastersOfDemo;
}

/** The JSON Schema of kplay.yml. */
export function projectSchema(program: Command): JsonSchema {
  const commands = [...settableCommands(program)].map(([name, command]) => [
    name,
    { description: command.description(), ...mappingOf(optionsByKey(command)) },
  ]);
  const { properties, ...rest } = mappingOf(commonOptions(program));
  const ofCommands = {
    type: 'object',
    description: 'options of one command',
    properties: Object.fromEntries(commands),
    additionalProperties: false,
  };
  return { ...rest, properties: { ...properties, commands: ofCommands } } as JsonSchema;
}

function mappingOf(options: ReadonlyMap<string, Option>) {
  return {
    type: 'object',
    properties: Object.fromEntries([...options].map(([key, option]) => [key, schemaOf(option)])),
    additionalProperties: false,
  } as const;
}

function schemaOf(option: Option): JsonSchema {
  const { description, argChoices } = option;
  if (option.long === '--verbose') return { type: 'integer', minimum: 0, maximum: 3, description };
  if (!option.required) return { type: 'boolean', description };
  if (argChoices) return { enum: argChoices, description };
  if (option.parseArg === mastersOfDemo)
    return { type: 'integer', minimum: 1, maximum: MOST_MASTERS_OF_DEMO, description };
  if (option.parseArg === timerSeconds) return { type: 'integer', minimum: 1, maximum: LONGEST_TIMER_S, description };
  if (isNumber(option)) return { type: 'integer', minimum: 1, description };
  const list = { type: 'array', items: { type: 'string' } } as const;
  return isList(option) ? { anyOf: [{ type: 'string' }, list], description } : { type: 'string', description };
}
