import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SourceFile } from '../../src/core/source.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { plan } from './support/workshop.ts';

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
])('a text that Ansible would take for one is %s: %s', async (type, value) => {
  expect(await said(`{ n: { type: ${type} } }`, `n: ${value}`)).toBeUndefined();
});

it.each([
  ['int', '80x'],
  ['int', '"0.5"'],
  ['float', '1.x'],
  ['bool', 'perhaps'],
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
  ['{ type: int, choices: [1, 2] }', '"1"', '3', '1, 2'],
])('choices of %s: %s is one, %s is not', async (option, right, wrong, choices) => {
  expect(await said(`{ n: ${option} }`, `n: ${right}`)).toBeUndefined();
  const of = option.includes('list') ? 'one or more of' : 'one of';
  expect(await said(`{ n: ${option} }`, `n: ${wrong}`)).toBe(`value of n must be ${of}: ${choices}`);
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
