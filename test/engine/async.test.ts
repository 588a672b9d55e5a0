import { describe, expect, it } from 'vitest';
import { lines } from './support/event-lines.ts';
import { FakeHost } from './support/fake-fleet.ts';
import { apply } from './support/workshop.ts';

const said = async (keywords: string) => {
  const task = `- hosts: all\n  tasks:\n    - lengthy: {}\n${keywords.replace(/^/gm, '      ')}\n`;
  const { events } = await apply(task, [new FakeHost('a')]);
  return lines(events, 'task-finished')[0];
};

describe('how long a task with async may take', () => {
  it.each([
    ['async: 3600', 'it may take 3600s'],
    ['async: "{{ 30 * 60 }}"\npoll: 10', 'it may take 1800s'],
    ['async: 0\npoll: 0', 'it may take 10m'],
    ['async: "{{ omit }}"', 'it may take 10m'],
  ])('%j: %s', async (keywords, text) => {
    expect(await said(keywords)).toBe(`lengthy on a: ok, ${text}`);
  });
});
