import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explain } from '../../src/cli/commands/explain.ts';
import { processEnvironment } from '../../src/cli/environment.ts';
import type { InputError } from '../../src/core/diagnostic.ts';
import { PROBLEMS } from '../../src/core/problems/catalogue.ts';
import { PROJECT } from '../cli/support/bundled-program.ts';
import { MemoryOutput } from '../cli/support/memory-streams.ts';
import { anchorsIn, DOCUMENTS } from './support/documents.ts';

/** What says a code, in whichever form: of a plan, an event or a note, or of a failure. */
const SAID = /\bcode(?:: | = )'([a-z-]+)'|\bnew StepFailure\(\s*'([a-z-]+)'|\?\? '([a-z-]+)',|super\(\s*'([a-z-]+)'/g;

const CODES = Object.keys(PROBLEMS);

test('every code has an entry on the page of troubles, under its own anchor', () => {
  const page = DOCUMENTS.find(({ path }) => path === 'docs/troubleshooting.md');
  const anchors = page ? anchorsIn(page) : [];
  expect(CODES.filter((code) => !anchors.includes(code))).toEqual([]);
});

test('every code is one that kplay says, and every one that it says has an entry', () => {
  const sources = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/^(?:simulation|core\/problems)\//.test(path))
    .map((path) => readFileSync(join(PROJECT, 'src', path), 'utf8'));
  const matches = sources.flatMap((source) => [...source.matchAll(SAID)]);
  const said = new Set(matches.flatMap(([, ...groups]) => groups.filter((group) => group !== undefined)));
  // Of a host that is not reached the cause is the code.
  expect(CODES.filter((code) => !said.has(code) && !code.startsWith('unreachable-'))).toEqual([]);
});

test.each(CODES)('kplay explain %s says what it is and what to do, without marks of Markdown', (code) => {
  const stdout = new MemoryOutput();
  expect(explain(code, { ...processEnvironment(), stdout: stdout as unknown as NodeJS.WriteStream })).toBe(0);
  expect(stdout.text).toMatch(new RegExp(`^${code}: .+\n\n(?:  .+\n)+\n  What to do: (?:.+\n)+$`));
  expect(stdout.text).not.toContain('`');
});

test('kplay explain lists every code', () => {
  const stdout = new MemoryOutput();
  explain(undefined, { ...processEnvironment(), stdout: stdout as unknown as NodeJS.WriteStream });
  const listed = [...stdout.text.matchAll(/^ {2}([a-z-]+) /gm)].map(([, code]) => code);
  expect(listed.toSorted()).toEqual(CODES.toSorted());
});

test.each([
  ['host-clok', 'did you mean host-clock, '],
  ['refused', 'did you mean unreachable-refused, '],
  ['Quorum', /^did you mean etcd-quorum, etcd-quorum-lost\? 'Quorum' is in what explains /],
  // Only the explanation has the word.
  ['sudo', /^'sudo' is in what explains unreachable-become.*; kplay explain lists all codes$/],
  ['certs', "'certs' is in what explains backup-missing; kplay explain lists all codes"],
  ['zebra', /^kplay explain lists all codes$/],
])('the code %s, which there is not, is an error with the codes that may be meant', (code, hint) => {
  const thrown = [];
  try {
    explain(code, processEnvironment());
  } catch (error) {
    thrown.push(...(error as InputError).diagnostics);
  }
  expect(thrown).toMatchObject([{ message: `unknown code '${code}'` }]);
  expect(thrown[0]?.hint).toMatch(hint);
  expect(thrown[0]?.hint).toMatch(/kplay explain lists all codes$/);
});
