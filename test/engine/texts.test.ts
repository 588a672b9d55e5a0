import { describe, expect, it } from 'vitest';
import { withTexts } from '../../src/engine/program/texts.ts';
import { command } from '../../src/steps/general/command.ts';
import { copy } from '../../src/steps/general/copy.ts';

describe('rendered parameters', () => {
  it.each([
    [{ content: 6443 }, { content: '6443' }],
    [{ content: 1.5 }, { content: '1.5' }],
    [{ content: true }, { content: 'True' }],
    [{ content: { port: 6443 } }, { content: { port: 6443 } }],
    [{ content: [1] }, { content: [1] }],
    [
      { mode: 600, owner: 0, follow: true },
      { mode: 600, owner: 0, follow: true },
    ],
    [{ unknown: 1 }, { unknown: 1 }],
  ])('of copy are texts where any text may stand: %j', (given, expected) => {
    expect(withTexts(copy.schema, given)).toEqual(expected);
  });

  it.each([
    [{ argv: ['echo', 1, true] }, { argv: ['echo', '1', 'True'] }],
    [
      { cmd: 7, stdin: false },
      { cmd: '7', stdin: 'False' },
    ],
    [{ timeout: 30 }, { timeout: 30 }],
  ])('of command, too: %j', (given, expected) => {
    expect(withTexts(command.schema, given)).toEqual(expected);
  });
});
