import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Ended } from './support/controller.ts';
import { eventsIn } from './support/event-stream.ts';
import { MarkedFleet } from './support/marked-fleet.ts';

vi.setConfig({ testTimeout: 60_000 });

let site: MarkedFleet;
beforeEach(() => {
  site = new MarkedFleet();
});
afterEach(() => site.close());

/** Calls each function once, when the output has come to hold its text, one after another. */
function onTexts(...steps: readonly (readonly [text: string, act: () => unknown])[]): (text: string) => void {
  const left = [...steps];
  let said = '';
  return (text) => {
    said += text;
    for (let next = left[0]; next && said.includes(next[0]); next = left[0]) {
      left.shift();
      next[1]();
    }
  };
}

const say = (...words: readonly string[]): Promise<Ended> => site.controller.run(words);
const CANARY = '{ waves: [{ name: canary, clusters: c }, { name: rest, approval: manual }] }';
const THREE = { a: '', b: '', c: '' };

/** A task that ends when the file `go` is there. */
const waitsForGo = (): readonly string[] => [
  '- command:',
  `    argv: [sh, -c, 'while [ ! -e ${site.at('go')} ]; do sleep 0.05; done']`,
];
const go = () => writeFileSync(site.at('go'), '');

describe('kplay pause', () => {
  test('holds back the waves of a rollout until kplay resume; who and why is told', async () => {
    site.fleet(THREE);
    site.play(CANARY);
    const said: Promise<Ended>[] = [];
    const whilePaused: (readonly string[])[] = [];
    let twice: Promise<Ended> | undefined;
    const { stdout, exitCode } = await site.run([], {
      onOutput: onTexts(
        [
          'is waiting for approval',
          () => {
            const paused = say('pause', 'last', '--reason', 'a fire drill');
            said.push(
              paused,
              paused.then(() => say('pause', 'last')),
              paused.then(() => say('approve', 'last', 'rest', '--reason', 'CHG-42')),
            );
            twice = said[2]?.then(() => say('approve', 'last', 'rest', '--reason', 'too late'));
          },
        ],
        [
          'the run is paused',
          () => {
            const all = Promise.all(said).then(() => say('show', 'last'));
            said.push(
              all,
              all.then(() => {
                whilePaused.push(site.marked('a', 'b', 'c'));
                return say('resume', 'last', '-e', 'x=1');
              }),
            );
            said.push(
              all.then(() => said[4]).then(() => say('resume', 'last', '-o', 'json', '--reason', 'it is over')),
            );
          },
        ],
      ),
    });
    const [paused, again, approved, shown, withVariables, resumed] = await Promise.all(said);
    expect(paused?.stdout).toMatch(
      /^Run \S+ is paused: no further cluster starts, those in progress are finished\.\nResume it: kplay resume \S+\n$/,
    );
    expect(again?.stderr).toMatch(/run \S+ has already been paused by \S+@\S+/);
    expect(again?.exitCode).toBe(1);
    expect(approved?.stdout).toMatch(
      /^Wave rest of run \S+ is approved\.\nThe run is paused, so the wave does not start yet\. Resume it: kplay resume \S+\n$/,
    );
    expect((await twice)?.stdout).toMatch(
      /^Wave rest of run \S+ was approved before, by \S+@\S+: CHG-42\. Your reason was not recorded\.\n/,
    );
    expect(shown?.stdout).toMatch(/paused: +by \S+@\S+, \S+Z: a fire drill; resume it: kplay resume \S+$/m);
    expect(shown?.stdout).not.toMatch(/^waits:/m);
    expect(shown?.stdout).toMatch(/^2 +a +rest +1 host to change +after wave canary, when it is approved$/m);
    expect(withVariables?.stderr).toMatch(
      /run \S+ is paused, and continues with its original options\n[\s\S]*without -e and --changed-files/,
    );
    expect(resumed?.stderr).toMatch(/^Run \S+ is resumed\.\n$/);
    expect(resumed?.stdout).toBe('');
    expect(whilePaused).toEqual([['c']]);
    expect(stdout).toMatch(
      /the run is paused by \S+@\S+, \S+Z: a fire drill; no further cluster starts[\s\S]*What to do: kplay resume[\s\S]*the run is resumed by[\s\S]*wave rest, 2 of 2/,
    );
    expect(exitCode).toBe(0);
    expect(site.marked('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
    expect(stdout).toMatch(/wave rest: approved by \S+@\S+: CHG-42$/m);
    const { stdout: record } = await say('show', 'last');
    expect(record).toMatch(
      /^paused: +by \S+@\S+, \S+Z: a fire drill\napproved: +wave rest by \S+@\S+, \S+Z: CHG-42\nresumed: +by \S+@\S+, \S+Z: it is over$/m,
    );
    const [listed] = JSON.parse((await say('history', '-o', 'json')).stdout);
    expect(listed.signals).toEqual([
      { kind: 'pause', wave: null, by: expect.any(String), at: expect.any(String), reason: 'a fire drill', run: null },
      { kind: 'approve', wave: 'rest', by: expect.any(String), at: expect.any(String), reason: 'CHG-42', run: null },
      { kind: 'resume', wave: null, by: expect.any(String), at: expect.any(String), reason: 'it is over', run: null },
    ]);
  });

  test('is lifted by kplay resume last, though another run has come to a good end since', async () => {
    site.fleet(THREE);
    site.play(CANARY);
    const other = site.controller.file('other.yml', '- { hosts: localhost, tasks: [{ debug: { msg: x } }] }\n');
    const said: Promise<Ended>[] = [];
    const { exitCode } = await site.run([], {
      onOutput: onTexts(
        [
          'is waiting for approval',
          () => {
            const shown = say('show', 'last');
            said.push(
              shown,
              shown.then(() => say('pause', 'last')),
            );
          },
        ],
        [
          'the run is paused',
          () => {
            const since = say('run', other, '-i', site.at('fleet.yml'));
            const resumed = since.then(() => say('resume', 'last'));
            said.push(
              since,
              resumed,
              resumed.then(() => say('approve', 'last', 'rest')),
            );
          },
        ],
      ),
    });
    const ends = await Promise.all(said);
    expect(ends.map((ended) => ended.stderr)).toEqual(['', '', '', '', '']);
    expect(ends[0]?.stdout).toMatch(/^waits: +wave rest is waiting for approval: kplay approve \S+ rest$/m);
    expect(ends[3]?.stdout).toMatch(/^Run \S+ is resumed\.$/m);
    expect(exitCode).toBe(0);
  });

  test('holds back the clusters of a run without a rollout, and finishes the one in hand', async () => {
    site.fleet({ a: '', b: '' });
    site.play('', [], waitsForGo());
    const said: Promise<Ended>[] = [];
    const { stdout, exitCode } = await site.run(['--clusters', '1'], {
      onOutput: onTexts(
        ['cluster a: started', () => said.push(say('pause', 'last'))],
        ['the run is paused', go],
        ['cluster a: done', () => setImmediate(() => said.push(say('resume', 'last')))],
      ),
    });
    expect((await Promise.all(said)).map((ended) => ended.exitCode)).toEqual([0, 0]);
    expect(stdout).toMatch(/the run is paused[\s\S]*cluster a: done[\s\S]*the run is resumed[\s\S]*cluster b: started/);
    expect(exitCode).toBe(0);
    expect(site.marked('a', 'b')).toEqual(['a', 'b']);
  });

  test('means by last the last run that goes on, whatever has been run since', async () => {
    site.fleet({ a: '', b: '' });
    site.play('', [], waitsForGo());
    site.controller.file('short.yml', '- hosts: all\n  tasks:\n    - copy: { content: x, dest: /tmp/short }\n');
    const vars = `ansible_connection: local, kplay_rootfs: ${JSON.stringify(site.at('z'))}`;
    site.controller.file('z.yml', `z:\n  hosts:\n    z-m1: { ${vars} }\n`);
    mkdirSync(site.at('z/tmp'), { recursive: true });
    const said: Promise<Ended>[] = [];
    const { exitCode } = await site.run(['--clusters', '1'], {
      onOutput: onTexts([
        'cluster a: started',
        () => {
          const short = say('run', site.at('short.yml'), '-i', site.at('z.yml'));
          const aborted = short.then(() => say('abort', 'last'));
          said.push(short, aborted);
          void aborted.finally(go);
        },
      ]),
    });
    const [short, aborted] = await Promise.all(said);
    expect(short).toMatchObject({ exitCode: 0 });
    expect(aborted).toMatchObject({ exitCode: 0, stderr: '' });
    expect(exitCode).toBe(130);
    expect(site.marked('a', 'b')).toEqual(['a']);
  });

  test('holds back a cluster whose window opens meanwhile', async () => {
    let now = Date.parse('2026-11-28T00:00:00Z');
    site.fleet({ a: 'window: "Sat 01:00-24:00 UTC", expected: 5m' });
    site.play('');
    const said: Promise<Ended>[] = [];
    let isOpen = false;
    const { stdout, exitCode } = await site.run(['--window', 'wait'], {
      onOutput: onTexts(
        ['waiting for the window', () => said.push(say('pause', 'last'))],
        [
          'the run is paused',
          () => {
            now = Date.parse('2026-11-28T02:00:00Z');
            isOpen = true;
          },
        ],
      ),
      wallClock: () => {
        // Asked when it has opened: what it is asked for would be begun now.
        if (isOpen && said.length === 1) setImmediate(() => said.push(say('resume', 'last')));
        return new Date(now);
      },
    });
    expect((await Promise.all(said)).every((ended) => ended.exitCode === 0)).toBe(true);
    expect(stdout).toMatch(/the run is paused[\s\S]*the run is resumed[\s\S]*play 'Mark' on 1 host/);
    expect(exitCode).toBe(0);
    expect(site.marked('a')).toEqual(['a']);
  });
});

describe('kplay abort', () => {
  test('ends a rollout: what was not started is said, kept, and gone on with later', async () => {
    site.fleet(THREE);
    site.play(CANARY);
    const said: Promise<Ended>[] = [];
    const { stdout, exitCode } = await site.run(['-o', 'json'], {
      onOutput: onTexts(
        ['"wave-waiting"', () => said.push(say('abort', 'last', '--reason', 'a fire'))],
        ['"run-aborted"', () => said.push(say('approve', 'last', 'rest'), say('abort', 'last'), say('pause', 'last'))],
      ),
    });
    const [aborted, ...late] = await Promise.all(said);
    expect(aborted?.stdout).toMatch(
      /^Run \S+ is aborted: no further cluster starts, those in progress are finished\.\n$/,
    );
    for (const ended of late) expect(ended.stderr).toMatch(/has been aborted by|has ended/);
    const events = eventsIn(stdout);
    expect(events.find(({ type }) => type === 'run-aborted')).toMatchObject({ reason: 'a fire' });
    expect(events.find(({ type }) => type === 'rollout-stopped')).toMatchObject({ clusters: ['a', 'b'] });
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', exitCode: 130 });
    expect(exitCode).toBe(130);
    expect(site.marked('a', 'b', 'c')).toEqual(['c']);
    expect((await say('history')).stdout).toMatch(/interrupted/);
    const resumed = await site.controller.run(['resume', 'last'], {
      onOutput: onTexts(['is waiting for approval', () => void say('approve', 'last')]),
    });
    expect(resumed.exitCode).toBe(0);
    expect(site.marked('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
  });

  test('of a run without a rollout finishes the cluster in hand, begins no other, and calls on_failure', async () => {
    site.fleet({ a: '', b: '' });
    site.play('', [], waitsForGo());
    const hooks = `  on_success: [{ command: { argv: [touch, ${site.at('good')}] } }]\n  on_failure: [{ command: { argv: [touch, ${site.at('bad')}] } }]\n`;
    site.controller.file('play.yml', site.controller.read('play.yml').replace('  tasks:\n', `${hooks}  tasks:\n`));
    const { stdout, exitCode } = await site.run(['--clusters', '1'], {
      onOutput: onTexts(['cluster a: started', () => void say('abort', 'last')], ['the run is aborted', go]),
    });
    expect(stdout).toMatch(/no more clusters start: aborted by \S+@\S+; not started: b/);
    expect(exitCode).toBe(130);
    expect(site.marked('a', 'b')).toEqual(['a']);
    expect(() => site.controller.read('good')).toThrow('ENOENT');
    expect(site.controller.read('bad')).toBe('');
  });

  test('as Ctrl-C says which clusters were not started, in reports as well', async () => {
    site.fleet({ a: '', b: '', c: '' });
    site.play('', [], waitsForGo());
    const report = site.at('report.md');
    const { stdout, exitCode } = await site.run(['--clusters', '1', '--report', `markdown=${report}`], {
      onOutput: onTexts(['cluster a: started', () => process.emit('SIGINT')], ['interrupted:', go]),
    });
    expect(stdout).toContain('no more clusters start: the run was interrupted; not started: b, c');
    expect(exitCode).toBe(130);
    const text = site.controller.read('report.md');
    for (const cluster of ['b', 'c']) expect(text).toContain(`cluster ${cluster}: not started`);
    expect((await say('show', 'last')).stdout).toMatch(/stopped: +no more clusters start: the run was interrupted/);
  });

  test('while clusters wait for a window says once what was not started', async () => {
    site.fleet({ a: '', b: '', c: 'window: "Sat 01:00-24:00 UTC", expected: 5m' });
    // Those that are outside their windows are asked before those that are behind.
    const reordered = site.controller.read('fleet.yml').split(/^(?=\w)/m);
    site.controller.file('fleet.yml', [reordered[2], reordered[0], reordered[1]].join(''));
    site.play('', [], waitsForGo());
    const { stdout, exitCode } = await site.run(['-o', 'json', '--window', 'wait', '--clusters', '1'], {
      onOutput: onTexts(['"cluster-started"', () => void say('abort', 'last')], ['"run-aborted"', go]),
      wallClock: () => new Date('2026-11-28T00:00:00Z'),
    });
    const stops = eventsIn(stdout).filter(({ type }) => type === 'rollout-stopped');
    expect(stops.map(({ clusters }) => clusters)).toEqual([['c', 'b']]);
    expect(exitCode).toBe(130);
    expect(site.marked('a', 'b', 'c')).toEqual(['a']);
  });

  test('while some windows are open and others are waited for says once what was not started', async () => {
    let now = Date.parse('2026-11-28T00:00:00Z');
    const opens = 'window: "Sat 01:00-24:00 UTC", expected: 5m';
    site.fleet({ a: opens, b: opens, c: 'window: "Sat 20:00-24:00 UTC", expected: 5m' });
    site.play('', [], waitsForGo());
    const { stdout, exitCode } = await site.run(['-o', 'json', '--window', 'wait', '--clusters', '1'], {
      onOutput: onTexts(
        [
          '"window-waiting"',
          () => {
            now = Date.parse('2026-11-28T02:00:00Z');
          },
        ],
        ['"cluster-started"', () => void say('abort', 'last')],
        ['"run-aborted"', go],
      ),
      wallClock: () => new Date(now),
    });
    const stops = eventsIn(stdout).filter(({ type }) => type === 'rollout-stopped');
    expect(stops.map(({ clusters }) => clusters)).toEqual([['b', 'c']]);
    expect(exitCode).toBe(130);
    expect(site.marked('a', 'b', 'c')).toEqual(['a']);
  });

  test('ends the wait for a window at once', async () => {
    site.fleet({ a: 'window: "Sat 01:00-24:00 UTC", expected: 5m' });
    site.play('');
    const { stdout, exitCode } = await site.run(['--window', 'wait'], {
      onOutput: onTexts(['waiting for the window', () => void say('abort', 'last')]),
      wallClock: () => new Date('2026-11-28T00:00:00Z'),
    });
    expect(stdout).toMatch(/no more clusters start: aborted by \S+@\S+; not started: a/);
    expect(exitCode).toBe(130);
    expect(site.marked('a')).toEqual([]);
  });
});

describe('pause and abort are refused', () => {
  test('pause: of a rollout whose last cluster is being changed', async () => {
    site.fleet({ a: '' });
    site.play('{ waves: [{ name: all }] }', [], waitsForGo());
    const said: Promise<Ended>[] = [];
    const { stdout, exitCode } = await site.run([], {
      onOutput: onTexts([
        'command: started',
        () => {
          said.push(say('pause', 'last'));
          void Promise.all(said).then(go);
        },
      ]),
    });
    const [refused] = await Promise.all(said);
    expect(refused?.stderr).toMatch(/nothing is left in run \S+ that a pause would hold back: the changes of its last/);
    expect(refused?.exitCode).toBe(1);
    expect(stdout).not.toContain('paused');
    expect(exitCode).toBe(0);
  });

  test.each(['pause', 'abort'])('%s: of a run that has ended, or could not be held back', async (word) => {
    site.fleet({ a: '' });
    site.play('', [], waitsForGo());
    const said: Promise<Ended>[] = [];
    const { exitCode } = await site.run([], {
      onOutput: onTexts([
        'command: started',
        () => {
          said.push(say(word, 'last'), say('resume', 'last'));
          void Promise.all(said).then(go);
        },
      ]),
    });
    const [refused, resumed] = await Promise.all(said);
    expect(refused?.stderr).toMatch(/run \S+ has no further clusters to start, so it cannot be held back/);
    expect(refused?.stderr).toContain(`kill -INT ${process.pid}`);
    expect(resumed?.stderr).toMatch(/run \S+ is in progress/);
    expect(exitCode).toBe(0);
    const late = await say(word, 'last');
    expect(late.stderr).toMatch(/run \S+ has ended: nothing is left to approve/);
    expect(late.exitCode).toBe(1);
  });
});
