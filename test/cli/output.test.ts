import { describe, expect, it } from 'vitest';
import type { Environment } from '../../src/cli/environment.ts';
import { openReporter, textOptions } from '../../src/cli/output/output.ts';
import { PlainReporter } from '../../src/report/plain-reporter.ts';
import { TreeReporter } from '../../src/report/tree-reporter.ts';
import { MemoryTerminal } from './support/memory-streams.ts';

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
