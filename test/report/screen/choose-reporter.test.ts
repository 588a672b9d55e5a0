import { describe, expect, test } from 'vitest';
import { chooseReporter, type ReporterKind } from '../../../src/report/screen/choose-reporter.ts';
import { JsonReporter } from '../../../src/report/screen/json-reporter.ts';
import { PlainReporter } from '../../../src/report/screen/plain-reporter.ts';
import { TreeReporter } from '../../../src/report/screen/tree-reporter.ts';
import { START } from '../support/cluster.ts';
import { MemoryOutput } from '../support/memory-output.ts';
import { FakeTerminal } from '../support/terminal.ts';

describe('the reporter', () => {
  test.each([
    ['auto', 'a terminal', false, TreeReporter],
    ['auto', 'a terminal', true, PlainReporter],
    ['auto', 'a pipe', false, PlainReporter],
    ['tree', 'a pipe', true, TreeReporter],
    ['plain', 'a terminal', false, PlainReporter],
    ['json', 'a terminal', false, JsonReporter],
  ] satisfies [ReporterKind, string, boolean, unknown][])('%s on %s, under CI: %s', (kind, where, ci, expected) => {
    const output = where === 'a terminal' ? new FakeTerminal() : new MemoryOutput();
    expect(chooseReporter(kind, output, { ci, colors: false, now: () => START })).toBeInstanceOf(expected);
  });
});

test.each([
  [1, TreeReporter],
  [2, PlainReporter],
])('on a terminal, asked %s times for more', (verbosity, expected) => {
  const flags = { ci: false, colors: false, now: () => START, verbosity };
  expect(chooseReporter('auto', new FakeTerminal(), flags)).toBeInstanceOf(expected);
});
