import { describe, expect, it } from 'vitest';
import type { Environment } from '../../src/cli/environment.ts';
import { openReporter, textOptions } from '../../src/cli/output/output.ts';
import { PlainReporter } from '../../src/report/screen/plain-reporter.ts';
import { TreeReporter } from '../../src/report/screen/tree-reporter.ts';
import { MemoryTerminal } from './support/memory-streams.ts';

describe('colour', () => {
  const NONE = {} as unknown as NodeJS.WriteStream;
  const TERMINAL = { isTTY: true, columns: 80 } as unknown as NodeJS.WriteStream;
  const colours = (stream: NodeJS.WriteStream, variables: Readonly<Record<string, string>>, color = true) =>
    textOptions(stream, { color }, { variables } as unknown as Environment).colors;

  it.each([
    [{}, true, false],
    [{ NO_COLOR: '1' }, false, false],
    [{ TERM: 'dumb' }, false, false],
    [{ FORCE_COLOR: '1' }, true, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, false],
    [{ FORCE_COLOR: '0' }, false, false],
    [{ FORCE_COLOR: 'false' }, false, false],
    [{ FORCE_COLOR: '' }, true, false],
  ])('with %j is on a terminal: %s, elsewhere: %s', (variables, onTerminal, elsewhere) => {
    expect([colours(TERMINAL, variables), colours(NONE, variables)]).toEqual([onTerminal, elsewhere]);
    expect(colours(TERMINAL, variables, false)).toBe(false);
  });
});

describe('on a terminal', () => {
  it.each([
    ['xterm-256color', TreeReporter],
    ['dumb', PlainReporter],
  ])('that is %s what happens is shown as it can', (TERM, expected) => {
    const environment = { variables: { TERM }, stdout: new MemoryTerminal(), clock: () => new Date() };
    const reporter = openReporter({ output: 'auto', verbose: 0, color: true }, environment as unknown as Environment);
    expect(reporter).toBeInstanceOf(expected);
  });

  it.each([
    [undefined, 80],
    [0, 80],
    [132, 132],
  ])('that says it has %s columns there are %i', (columns, width) => {
    const stream = { isTTY: true, columns } as unknown as NodeJS.WriteStream;
    expect(textOptions(stream, { color: true }, { variables: {} } as unknown as Environment).width).toBe(width);
  });
});
