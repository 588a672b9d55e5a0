import { expect, test } from 'vitest';
import type { Event } from '../../../src/core/events/event.ts';
import type { Json } from '../../../src/core/json.ts';
import type { Change } from '../../../src/core/plan.ts';
import { contentsOf } from '../../../src/report/plan/plan-changes.ts';
import { entryWithHiddenContents, withHiddenContents } from '../../../src/report/secrets/file-contents.ts';
import { fileDiff } from '../../../src/report/text/diff.ts';

const change = (before: Json, after: Json): Change => ({
  kind: 'update',
  target: '/etc/x',
  before,
  after,
  disruptive: false,
});
const finished = (one: Change): Event => ({
  type: 'task-finished',
  task: { path: 'tasks.0', name: 'Write', step: 'copy', position: { file: 'x.yml', line: 1, column: 1 } },
  host: 'm1',
  outcome: 'changed',
  reason: '',
  changes: [one],
  elapsedMs: 1,
});

function hiddenIn(one: Change): Change {
  const event = withHiddenContents(finished(one));
  const [hidden] = event.type === 'task-finished' ? event.changes : [];
  if (!hidden) throw new Error('no change');
  return hidden;
}

const diffOf = (one: Change) => {
  const texts = contentsOf(one);
  return texts && fileDiff(texts);
};

test('what looks like a secret in the text of a file is hidden on both sides', () => {
  const hidden = hiddenIn(change({ content: 'a\npassword: one\n' }, { content: 'b\npassword: two\n', mode: '0600' }));
  expect(hidden.before).toEqual({ content: 'a\npassword: ***\n' });
  expect(hidden.after).toEqual({ content: 'b\npassword: ***\n', mode: '0600' });
});

test.each([
  ['only in what is hidden', { content: 'password: one\n' }, { content: 'password: two\n' }],
  ['in other lines', { content: 'a\npassword: one\n' }, { content: 'b\npassword: two\n' }],
  ['not at all', { content: 'password: one\n' }, { content: 'password: one\n' }],
  ['in that there was no file', null, { content: 'password: one\n' }],
  ['in that there is none any more', { content: 'password: one\n' }, null],
])('texts that differ %s have the same difference afterwards', (_, before, after) => {
  const one = change(before, after);
  expect(diffOf(hiddenIn(one))).toEqual(diffOf(one));
});

test('other changes stay as they are', () => {
  const renewal = change({ serial: '01' }, { serial: '02', ends: '2027-11-30T00:00:00.000Z' });
  expect(hiddenIn(renewal)).toBe(renewal);
});

test('the journal records intentions in the same way', () => {
  const entry = entryWithHiddenContents({
    type: 'intent',
    host: 'm1',
    task: 'Write',
    changes: [change(null, { content: 'token=abc\n' })] as unknown as Json,
  });
  expect(JSON.stringify(entry)).toContain('token=***');
  expect(JSON.stringify(entry)).not.toContain('abc');
});
