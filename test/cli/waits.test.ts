import { expect, test } from 'vitest';
import { waitIn, waitText } from '../../src/cli/journal/waits.ts';
import type { Event } from '../../src/core/events/event.ts';
import { NO_SIGNALS } from '../../src/core/signal.ts';
import { EVERY_EVENT } from '../report/support/events.ts';

const waitsAt = (now: string, zone: string, ...events: readonly Event[]) =>
  waitText(waitIn(events, NO_SIGNALS), (wave) => `kplay approve RUN ${wave}`, zone, new Date(now));
const waitsIn = (zone: string, ...events: readonly Event[]) => waitsAt('2026-11-24T15:00:00Z', zone, ...events);
const waits = (...events: readonly Event[]) => waitsIn('UTC', ...events);

test.each<readonly [string, Event, string]>([
  [
    'an approval',
    EVERY_EVENT['wave-waiting'],
    'wave canary is waiting for approval; 1 cluster has failed so far (staging): kplay approve RUN canary',
  ],
  [
    'an approval without failures',
    { type: 'wave-waiting', play: 'p', wave: 'rest', remedy: '' },
    'wave rest is waiting for approval: kplay approve RUN rest',
  ],
  ['a soak', EVERY_EVENT['wave-soaking'], 'wave canary soaks until 2026-11-24T15:42:44Z'],
  ['a window', EVERY_EVENT['window-waiting'], 'the window of prod opens 2026-11-25T00:00Z'],
])('what a run waits for is told as its log tells it: %s', (_what, event, text) => {
  expect(waits(event)).toBe(text);
  expect(waits(event, EVERY_EVENT['cluster-started'])).toBeUndefined();
});

test('times are in the zone that was asked for', () => {
  expect(waitsIn('Asia/Kolkata', EVERY_EVENT['wave-soaking'])).toBe('wave canary soaks until 2026-11-24 21:12:44');
  expect(waitsIn('Asia/Kolkata', EVERY_EVENT['window-waiting'])).toBe('the window of prod opens 2026-11-25 05:30');
});

test('a window that has opened since, during a pause, is not said to open', () => {
  const waitsSince = (now: string) => waitsAt(now, 'UTC', EVERY_EVENT['window-waiting']);
  expect(waitsSince('2026-11-24T23:59:59Z')).toBe('the window of prod opens 2026-11-25T00:00Z');
  expect(waitsSince('2026-11-25T00:00:00Z')).toBe('the window of prod opened 2026-11-25T00:00Z');
});

test('a wave that is approved is waited for no more', () => {
  const approvals = new Map([['canary', { by: 'ops@admin' }]]);
  expect(waitIn([EVERY_EVENT['wave-waiting']], { approvals })).toBeUndefined();
});
