import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Problems } from '../../src/core/diagnostic.ts';
import { SourceFile } from '../../src/core/source.ts';
import { readPlaybook } from '../../src/playbook/load.ts';
import { catalogue } from '../playbook/support/playbooks.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { plan } from './support/workshop.ts';

/** The problems of a role with these `argument_specs`, and what each of them points at. */
function problemsOf(specs: string): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-arguments-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const meta = join(directory, 'roles', 'typed', 'meta');
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, 'main.yml'), `argument_specs: ${specs}\n`);
  const play = new SourceFile(join(directory, 'play.yml'), '- hosts: all\n  roles: [typed]\n');
  const problems = new Problems();
  readPlaybook(play, catalogue, problems);
  return problems.all.map(({ message, range }) => `${message}: ${range?.file.text.slice(range.start, range.end)}`);
}

/** What the check of its arguments says of a role of which `options` are specified and these variables given. Undefined: nothing. */
async function said(options: string, given: string): Promise<string | undefined> {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-arguments-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const meta = join(directory, 'roles', 'typed', 'meta');
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, 'main.yml'), `argument_specs: { main: { options: ${options} } }\n`);
  const play = `- hosts: all\n  roles: [{ role: typed, ${given} }]\n`;
  const { result } = await plan(new SourceFile(join(directory, 'play.yml'), play), [new FakeHost('a')]);
  const shown = result.plans[0]?.hosts[0]?.tasks[0];
  return shown?.action === 'refuse' ? shown.reason.replace('Validation of arguments failed: ', '') : undefined;
}

it.each([
  ['int', '"80"'],
  ['int', '" -80 "'],
  ['int', '80'],
  ['float', '"0.5"'],
  ['float', '2'],
  ['bool', '"Yes"'],
  ['int', 'true'],
  ['float', '"1e3"'],
  ['int', '"1_000"'],
  ['int', '"1.0"'],
  ['int', '"1e3"'],
  ['float', '".5"'],
  ['float', '"1_0.5"'],
  ['float', '"-inf"'],
  ['bool', '" yes "'],
  ['dict', '"a=1 b=2"'],
  ['dict', '\'{"a": 1}\''],
  ['dict', '{ a: 1 }'],
])('a text that Ansible would take for one is %s: %s', async (type, value) => {
  expect(await said(`{ n: { type: ${type} } }`, `n: ${value}`)).toBeUndefined();
});

it.each([
  ['int', '80x'],
  ['int', '"0.5"'],
  ['float', '1.x'],
  ['int', '"1_0.5"'],
  ['float', '"1_"'],
  ['bool', '"1.0"'],
  ['bool', 'perhaps'],
  ['dict', 'text'],
  ['dict', '""'],
])('no %s: %s', async (type, value) => {
  expect(await said(`{ n: { type: ${type} } }`, `n: ${value}`)).toBe(`argument 'n' cannot be converted to ${type}`);
});

it('an alias is known, and checked like the name', async () => {
  const options = '{ size: { type: int, aliases: [siz], choices: [1, 2] } }';
  expect(await said(options, 'siz: 2')).toBeUndefined();
  expect(await said(options, 'siz: abc')).toContain("argument 'siz' cannot be converted to int");
  expect(await said(options, 'siz: 3')).toBe('value of siz must be one of: 1, 2');
});

it.each(['a\\b', '\\', 'say "so"', `it's`, 'd\\'])('a choice is what is written: %s', async (choice) => {
  const options = `{ n: { choices: [other, '${choice.replaceAll("'", "''")}'] } }`;
  expect(await said(options, `n: '${choice.replaceAll("'", "''")}'`)).toBeUndefined();
  expect(await said(options, 'n: none')).toBe(`value of n must be one of: other, ${choice}`);
});

it.each([
  ['int', '[1, "2", " 3 "]', '[1, x]'],
  ['int', '"1,2"', '"1,x"'],
  ['int', '5', 'x'],
  ['float', '[0.5, "1.5"]', '[one]'],
  ['bool', '[true, "No"]', '[perhaps]'],
  ['dict', '[{ a: 1 }]', '[1]'],
  ['dict', '["a=1"]', '[text]'],
  ['list', '[[1], "1,2", true]', '[{ a: 1 }]'],
  ['list', '[]', '[~]'],
  ['str', '[1, a]', undefined],
])('elements of a list are %s: %s, not %s', async (elements, right, wrong) => {
  const options = `{ n: { type: list, elements: ${elements} } }`;
  expect(await said(options, `n: ${right}`)).toBeUndefined();
  if (wrong !== undefined)
    expect(await said(options, `n: ${wrong}`)).toBe(`elements of argument 'n' cannot be converted to ${elements}`);
});

it.each([
  ['{ choices: [present, absent] }', 'present', 'PRESENT', 'present, absent'],
  ['{ type: list, choices: [a, b] }', '"a,b"', '"a,c"', 'a, b'],
  ['{ type: list, choices: [a, b] }', '[a]', '[c]', 'a, b'],
  ['{ choices: [yes, no] }', 'yes', 'perhaps', 'True, False'],
  ['{ choices: ["yes", "no"] }', 'true', 'perhaps', 'yes, no'],
  ['{ type: bool, choices: [true] }', '"True"', 'false', 'True'],
  ['{ type: bool, choices: [true] }', '"yes"', 'off', 'True'],
  ['{ type: bool, choices: [true] }', '1', '0', 'True'],
  ['{ choices: [present, absent] }', 'absent', '~', 'present, absent'],
  ['{ type: int, choices: [1, 2] }', '"1"', '3', '1, 2'],
  ['{ type: int, choices: [1, 2] }', '"+0_1"', '"12"', '1, 2'],
  ['{ type: int, choices: [1, 2] }', 'true', 'false', '1, 2'],
  ['{ type: int, choices: [true, 3] }', '1', '2', 'True, 3'],
  ['{ type: float, choices: [1.0, 2.5] }', '"2.50"', '"inf"', '1, 2.5'],
])('choices of %s: %s is one, %s is not', async (option, right, wrong, choices) => {
  expect(await said(`{ n: ${option} }`, `n: ${right}`)).toBeUndefined();
  const of = option.includes('list') ? 'one or more of' : 'one of';
  expect(await said(`{ n: ${option} }`, `n: ${wrong}`)).toBe(`value of n must be ${of}: ${choices}`);
});

it.each([
  ['max=3', undefined],
  ['max=3, mode=on', undefined],
  [`max="3" mode='on'`, undefined],
  ['{"max": 3}', undefined],
  ["{'max': 3, 'mode': 'on'}", undefined],
  ['max=x', "argument 'n.max' cannot be converted to int"],
  ['{"max": "x"}', "argument 'n.max' cannot be converted to int"],
  ['max=1 mode=of', 'value of n.mode must be one of: on, off'],
  ['mode=on', 'missing required arguments: n.max'],
  ['max=1 other=2', 'unsupported parameters for n: they are max, mode'],
])('a text that stands for a mapping is checked like one: %s', async (value, problem) => {
  const options = '{ max: { type: int, required: true }, mode: { choices: ["on", "off"] } }';
  const given = `n: '${value.replaceAll("'", "''")}'`;
  expect(await said(`{ n: { type: dict, options: ${options} } }`, given)).toBe(problem);
});

it('a key of a mapping need not be a name', async () => {
  const options = '{ n: { type: dict, options: { max-age: { type: int, required: true }, items: { type: int } } } }';
  expect(await said(options, 'n: { max-age: 3 }')).toBeUndefined();
  expect(await said(options, 'n: { max-age: x }')).toBe("argument 'n.max-age' cannot be converted to int");
  expect(await said(options, 'n: { items: 3 }')).toBe('missing required arguments: n.max-age');
});

it('what is no list, or no mapping, has one thing said of it', async () => {
  const options = '{ name: { required: true } }';
  expect(await said(`{ n: { type: list, elements: dict, options: ${options} } }`, 'n: [1]')).toBe(
    "elements of argument 'n' cannot be converted to dict",
  );
  expect(await said(`{ n: { type: list, choices: [a] } }`, 'n: { a: 1 }')).toContain(
    "argument 'n' cannot be converted",
  );
});

it.each([
  ['[main]', 'argument_specs must be a mapping: [main]'],
  ['{ main: [n] }', 'main in argument_specs must be a mapping: [n]'],
  ['{ main: { option: {} } }', 'option in argument_specs is no key of an entry point: option'],
  ['{ main: { options: [n] } }', 'options in argument_specs must be a mapping of options: [n]'],
  ['{ main: { options: { n: { required: "yes" } } } }', 'required in argument_specs must be true or false: "yes"'],
  ['{ main: { options: { n: { choices: a } } } }', 'choices in argument_specs must be a list of values: a'],
  ['{ main: { options: { n: { aliases: m } } } }', 'aliases in argument_specs must be a list of names: m'],
  ['{ main: { options: { n: { type: [int] } } } }', 'type in argument_specs must be a type: [int]'],
  ['{ main: { options: { n: { type: number } } } }', "argument_specs knows no type 'number': number"],
  ['{ main: { options: { n: { type: constructor } } } }', "argument_specs knows no type 'constructor': constructor"],
  ['{ main: { options: { n: { constructor: 1 } } } }', 'constructor of argument_specs is not supported: constructor'],
  [
    '{ main: { options: { n: { type: list, options: { m: { required: 1 } } } } } }',
    'required in argument_specs must be true or false: 1',
  ],
])('specs that would check nothing are refused where they stand: %s', (specs, problem) => {
  expect(problemsOf(specs)).toEqual([problem]);
});

it('what describes an entry point or an option, and what is empty, is fine', () => {
  const option = '{ description: [a], type: ~, required: ~, choices: ~, options: ~, default: 1, no_log: true }';
  expect(problemsOf(`{ main: { author: [a], seealso: [], options: { n: ${option} } } }`)).toEqual([]);
  expect(problemsOf('{ main: ~ }')).toEqual([]);
  expect(problemsOf('~')).toEqual([]);
});
