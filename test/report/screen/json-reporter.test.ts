import { describe, expect, test } from 'vitest';
import { JsonReporter } from '../../../src/report/screen/json-reporter.ts';
import { START } from '../support/cluster.ts';
import { EVERY_EVENT } from '../support/events.ts';
import { MemoryOutput } from '../support/memory-output.ts';

function reported(...events: readonly (typeof EVERY_EVENT)[keyof typeof EVERY_EVENT][]): readonly string[] {
  const output = new MemoryOutput();
  const reporter = new JsonReporter(output, () => START);
  for (const event of events) reporter.handle(event);
  return output.lines;
}

describe('the JSON reporter', () => {
  test('writes one numbered, dated object a line', () => {
    const lines = reported(EVERY_EVENT['play-started'], EVERY_EVENT['host-connected']);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { version: 2, sequence: 1, time: '2026-11-24T15:12:44.000Z', ...EVERY_EVENT['play-started'] },
      { version: 2, sequence: 2, time: '2026-11-24T15:12:44.000Z', ...EVERY_EVENT['host-connected'] },
    ]);
  });

  test('says the version of the schema on every line, and that of kplay apart', () => {
    const [line = ''] = reported(EVERY_EVENT['run-started']);
    expect(JSON.parse(line)).toMatchObject({ version: 2, kplayVersion: '0.1.0', runId: '20261124T151244Z-3f9c' });
  });

  test('writes every type of event', () => {
    const events = Object.values(EVERY_EVENT);
    expect(reported(...events).map((line) => JSON.parse(line).type)).toEqual(events.map(({ type }) => type));
  });

  test('escapes what a terminal would obey, and nothing is lost by that', () => {
    const message = '\u001b[2J\u009b\u007f\u202e\u2028\u{e0041}\ud800 ok';
    const [line = ''] = reported({ ...EVERY_EVENT.warning, message });
    expect(line).not.toMatch(/\p{C}/u);
    expect(JSON.parse(line).message).toBe(message);
  });
});
