import { describe, expect, test } from 'vitest';
import type { ClusterRef } from '../../../src/core/cluster.ts';
import { FleetProgress } from '../../../src/report/progress/fleet-progress.ts';
import type { Note } from '../../../src/report/progress/note.ts';
import { PlayState } from '../../../src/report/progress/play-state.ts';
import { finalFleetFrame, liveFleetFrame } from '../../../src/report/screen/fleet-frame.ts';
import { liveFrame } from '../../../src/report/screen/section-frame.ts';
import { createStyle } from '../../../src/report/text/style.ts';
import { displayWidth } from '../../../src/report/text/width.ts';
import { PLAIN } from '../support/options.ts';

const PLAY = 'Renew';
const cluster = (index: number): ClusterRef => ({ kind: 'declared', name: `c${String(index).padStart(3, '0')}` });

/** Two hundred clusters in a wave: so many have failed, so many are in hand, a hundred are done. */
function progressOf(failed: number, inProgress: number): FleetProgress {
  const all = Array.from({ length: 200 }, (_, index) => cluster(index));
  const progress = new FleetProgress(all, 0);
  progress.startWave({ type: 'wave-started', play: PLAY, wave: 'rest', number: 2, of: 3, clusters: [] });
  for (const [index, each] of all.slice(0, 100 + failed + inProgress).entries()) {
    const hosts = [`m${index}`];
    const started = { type: 'cluster-started', play: PLAY, cluster: each, hosts } as const;
    progress.startCluster(started, new PlayState({ play: PLAY, hosts }, 0, each));
    if (index >= 100 + failed) continue;
    const outcome = index < 100 ? 'ok' : 'failed';
    progress.endCluster({ type: 'cluster-finished', play: PLAY, cluster: each, outcome, elapsedMs: 1_000 });
  }
  return progress;
}

function frame(failed: number, inProgress: number, height: number, width = 80): readonly string[] {
  const context = { style: createStyle(PLAIN), width, nowMs: 5_000, spinner: '*' };
  const section = { play: PLAY, progress: progressOf(failed, inProgress), hint: 'Ctrl-C finishes', notes: [] };
  return liveFleetFrame(section, context, height);
}

describe('a fleet while it is worked on', () => {
  test.each([
    [24, 80],
    [10, 60],
    [50, 200],
  ])('is readable in %d rows of %d columns, however many clusters have failed or are in hand', (height, width) => {
    for (const [failed, inProgress] of [
      [0, 4],
      [2, 4],
      [40, 4],
      [4, 60],
      [50, 40],
    ] as const) {
      const rows = frame(failed, inProgress, height, width);
      expect(rows.length).toBeLessThanOrEqual(height);
      for (const row of rows) expect(displayWidth(row)).toBeLessThanOrEqual(width);
      expect(rows[0]).toContain(`wave rest, 2 of 3, ${100 + failed} of 200 clusters`);
      const text = rows.join('\n');
      expect(text).toContain('100 clusters done');
      expect(text).toContain(`${100 - failed - inProgress} more cluster`);
      // Every cluster that has failed, or is in hand, has a row or is counted.
      const shown = (mark: RegExp) => rows.filter((row) => mark.test(row)).length;
      const counted = (what: string) => Number(new RegExp(`(\\d+) more clusters? ${what}`).exec(text)?.[1] ?? 0);
      expect(shown(/^✖ cluster c\d/) + counted('needing attention')).toBe(failed);
      expect(shown(/^\* cluster c\d/) + counted('in progress')).toBe(inProgress);
      if (failed > 0) expect(shown(/^✖ cluster c\d/)).toBeGreaterThan(0);
    }
  });
});

test('what stays of a large fleet on the screen is what needs attention', () => {
  const context = { style: createStyle(PLAIN), width: 80, nowMs: 5_000, spinner: '*' };
  const rows = finalFleetFrame({ play: PLAY, progress: progressOf(2, 0), notes: [] }, context);
  expect(rows.slice(1)).toEqual([
    '✖ cluster c100   failed   1 host   1.0s',
    '✖ cluster c101   failed   1 host   1.0s',
    '✔ 100 clusters done',
    '◼ 98 clusters not started',
  ]);
});

test('names of clusters that begin alike are told apart on a narrow terminal', () => {
  const all = [1, 2].map((number): ClusterRef => ({ kind: 'declared', name: `staging-us-east-00${number}` }));
  const progress = new FleetProgress(all, 0);
  for (const each of all)
    progress.startCluster(
      { type: 'cluster-started', play: PLAY, cluster: each, hosts: ['m'] },
      new PlayState({ play: PLAY, hosts: ['m'] }, 0, each),
    );
  const context = { style: createStyle(PLAIN), width: 60, nowMs: 5_000, spinner: '*' };
  const rows = liveFleetFrame({ play: PLAY, progress, notes: [] }, context, 24).slice(1);
  expect(rows).toMatchObject(
    [/^\* cluster stag…-us-east-001 /, /^\* cluster stag…-us-east-002 /].map((row) => expect.stringMatching(row)),
  );
});

test('of notes that have no room on the screen nothing is laid out, ten times a second', () => {
  const context = { style: createStyle(PLAIN), width: 80, nowMs: 5_000, spinner: '*' };
  const noteOf = (message: string): Note => ({ kind: 'warning', hosts: [], message });
  const unseen: Note = {
    kind: 'warning',
    hosts: [],
    get message(): string {
      throw new Error('it is laid out');
    },
  };
  const notes = [unseen, ...Array.from({ length: 30 }, (_, index) => noteOf(`note ${index}`))];
  const section = { play: PLAY, startedMs: 0, tasks: [], undos: new Map(), notes };
  expect(liveFrame(section, context, 24).at(-1)).toBe('! warning: note 29');
  const progress = progressOf(0, 4);
  expect(liveFleetFrame({ play: PLAY, progress, notes }, context, 24).at(-1)).toBe('! warning: note 29');
});
