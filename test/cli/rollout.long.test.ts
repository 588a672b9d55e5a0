import { mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Controller, Ended } from './support/controller.ts';
import { eventsIn } from './support/event-stream.ts';
import { MarkedFleet } from './support/marked-fleet.ts';

vi.setConfig({ testTimeout: 60_000 });

let site: MarkedFleet;
let controller: Controller;
beforeEach(() => {
  site = new MarkedFleet();
  ({ controller } = site);
});
afterEach(() => site.close());

const fleet = (clusters: Readonly<Record<string, string>>) => site.fleet(clusters);
const play = (rollout: string, fails: readonly string[] = []) => site.play(rollout, fails);
const marked = (...names: readonly string[]) => site.marked(...names);
const run = (...words: readonly string[]): Promise<Ended> => site.run(words);

/** Nobody listens there. */
const UNREACHABLE = 'b-m1: { ansible_host: 127.0.0.1, ansible_port: 1 }';

/** When no window of Saturday is open. */
const FRIDAY = { wallClock: () => new Date('2026-11-27T12:00:00Z') };

const FIVE = { a: '', b: '', c: 'wave: canary', d: '', e: '' };

describe('a rollout', () => {
  test('goes through its waves one after another, and tells them beforehand', async () => {
    fleet(FIVE);
    play('{ waves: [{ name: canary }, { name: early, clusters: [e] }, { name: rest }], order: name }');
    const plan = await controller.run(
      ['plan', 'play.yml', '-i', 'fleet.yml'].map((word) =>
        word.includes('.') ? join(controller.directory, word) : word,
      ),
    );
    expect(plan.stdout).toContain('5 clusters in 3 waves');
    const stops = '; if one fails, no later wave starts';
    expect(plan.stdout).toMatch(
      new RegExp(`wave canary: c${stops}\\n.*wave early: e${stops}\\n.*wave rest: a, b, d\\n`),
    );
    expect(marked(...Object.keys(FIVE))).toEqual([]);
    // A line a cluster, in the order in which they would be begun.
    const lines = [...plan.stdout.matchAll(/^(\d+) {2}(\w) {2,}(\w+) +1 host to change {2}(.*)$/gm)].map((line) =>
      line.slice(1),
    );
    expect(lines).toEqual([
      ['1', 'c', 'canary', 'now'],
      ['2', 'e', 'early', 'after wave canary'],
      ...['a', 'b', 'd'].map((name, index) => [`${index + 3}`, name, 'rest', 'after wave early']),
    ]);
    expect(plan.stdout).not.toContain('copy');

    const { stdout, exitCode } = await run('-o', 'json');
    const told = eventsIn(stdout).flatMap(({ type, wave, cluster, outcome }) => {
      if (type === 'wave-started') return [`wave ${wave}`];
      return type === 'cluster-finished' ? [`${(cluster as { name: string }).name} ${outcome}`] : [];
    });
    expect(told.slice(0, 5)).toEqual(['wave canary', 'c ok', 'wave early', 'e ok', 'wave rest']);
    expect(told.slice(5).toSorted()).toEqual(['a ok', 'b ok', 'd ok']);
    expect(exitCode).toBe(0);
    expect(marked(...Object.keys(FIVE))).toEqual(Object.keys(FIVE));
  });

  test('stops when more clusters fail than may: what was not started is untouched, and said', async () => {
    fleet(FIVE);
    play('{ waves: [{ name: canary, max_failed: 0 }, { name: rest }] }', ['c']);
    const { stdout, exitCode } = await run();
    expect(stdout).toContain(
      'no more clusters start: 1 cluster of wave canary failed, and only 0 may (max_failed); not started: a, b, d, e',
    );
    expect(stdout).toContain('a-m1, b-m1, d-m1, e-m1 unchanged · c-m1 ');
    expect(exitCode).toBe(2);
    const shown = (await controller.run(['show', 'last'])).stdout.replaceAll(/\s+/g, ' ');
    expect(shown).toMatch(
      /stopped: no more clusters start: .* not started: a, b, d, e; find out why they failed; kplay resume \S+ continues with the others/,
    );
    expect(marked(...Object.keys(FIVE))).toEqual(['c']);
  });

  test('has no passed test for a cluster that was not started in a report of JUnit', async () => {
    fleet({ a: 'wave: canary', b: '', c: '' });
    play('{ waves: [{ name: canary }, { name: rest }] }', ['a']);
    const report = join(controller.directory, 'run.xml');
    expect((await run('--report', `junit=${report}`)).exitCode).toBe(2);
    const text = controller.read('run.xml');
    for (const host of ['b-m1', 'c-m1'])
      expect(text).toMatch(
        new RegExp(
          `<testcase classname="${host}" name="comes through"[^>]*>\\s*<skipped message="nothing was done on it"/>`,
        ),
      );
    expect(text).toMatch(/<testsuite name="b-m1" tests="1" failures="0" errors="0" skipped="1"/);
  });

  test('is never over its budget, however many go side by side', async () => {
    fleet(FIVE);
    play('{ max_failed: 1, order: name }', ['a', 'b', 'c', 'd', 'e']);
    const { stdout, exitCode } = await run('--clusters', '5');
    expect(stdout).toContain('2 clusters failed, and only 1 may (max_failed); not started: c, d, e');
    expect(exitCode).toBe(2);
    expect(marked(...Object.keys(FIVE))).toEqual(['a', 'b']);
  });

  test('is resumed where it was left: what is done is done, and the others are begun', async () => {
    fleet(FIVE);
    play('{ max_failed: 0, order: name }', ['b']);
    expect((await run()).exitCode).toBe(2);
    expect(marked(...Object.keys(FIVE))).toEqual(['a', 'b']);
    play('{ max_failed: 0, order: name }');
    const { exitCode } = await controller.run(['resume', 'last', '--changed-files']);
    expect(exitCode).toBe(0);
    expect(marked(...Object.keys(FIVE))).toEqual(Object.keys(FIVE));
  });

  test('that is resumed has the waves of the run that it goes on with', async () => {
    fleet({ a: '', b: '', d: '', e: '' });
    play('{ waves: [{ name: canary, size: 2 }, { name: rest }], max_failed: 0, order: name }', ['b']);
    expect((await run()).stdout).toContain('wave canary: a, b');
    // What is first by name was chosen; it is not, any more.
    controller.file('fleet.yml', controller.read('fleet.yml').replaceAll('name: a ', 'name: z '));
    play('{ waves: [{ name: canary, size: 2 }, { name: rest }], max_failed: 0, order: name }');
    const { stdout, exitCode } = await controller.run(['resume', 'last', '--changed-files']);
    expect(stdout).toMatch(/wave canary: b, z\n/);
    expect(exitCode).toBe(0);
  });

  test('that is run again asks for no approval of a wave in which all is done', async () => {
    fleet({ a: '', b: '', c: '' });
    play(
      '{ waves: [{ name: canary, clusters: a, approval: manual }, { name: next, clusters: b }, { name: rest, clusters: c }] }',
      ['b'],
    );
    const said: Promise<Ended>[] = [];
    const first = await site.run([], {
      onOutput: (text) => {
        if (text.includes('is waiting for approval')) said.push(controller.run(['approve', 'last']));
      },
    });
    expect(first.exitCode).toBe(2);
    play(
      '{ waves: [{ name: canary, clusters: a, approval: manual }, { name: next, clusters: b }, { name: rest, clusters: c }] }',
    );
    const { stdout, exitCode } = await run();
    expect(stdout).not.toMatch(/approv/);
    expect(exitCode).toBe(0);
    expect(marked('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
    await Promise.all(said);
  });

  test('that is resumed shows the approvals that it inherits, with who and when, before their waves come and after', async () => {
    fleet({ a: '', b: '', c: '' });
    const waves =
      '{ waves: [{ name: canary, clusters: a, max_failed: 0 }, { name: next, clusters: b, approval: manual }, { name: rest, approval: manual }] }';
    play(waves, ['a']);
    const said: Promise<Ended>[] = [];
    const say = (...words: readonly string[]) => {
      said.push(controller.run(words));
    };
    const first = await site.run([], {
      onOutput: (text) => {
        if (text.includes('cluster a: started')) say('approve', 'last', 'rest', '--reason', 'CHG-7');
      },
    });
    expect(first.exitCode).toBe(2);
    const id = /, run (\S+)/.exec(first.stdout)?.[1];
    play(waves);
    const { stdout, exitCode } = await controller.run(['resume', 'last', '--changed-files'], {
      onOutput: (text) => {
        if (!text.includes('wave next is waiting') || said.length > 1) return;
        say('show', 'last');
        say('approve', 'last', 'rest');
        const both = Promise.all(said);
        said.push(both.then(() => controller.run(['approve', 'last', 'next'])));
      },
    });
    expect(exitCode, stdout).toBe(0);
    const [, shown, again] = await Promise.all(said);
    expect(stdout).toMatch(/wave next: b; when it is approved.*\n.*wave rest: c; approved\n/);
    expect(stdout).toMatch(/^2 +b .* after wave canary, when it is approved\n3 +c .* after wave next$/m);
    const inherited = new RegExp(`^approved: +wave rest by \\S+@\\S+, \\S+Z: CHG-7 \\(given to run ${id}\\)$`, 'm');
    expect(shown?.stdout).toMatch(inherited);
    expect(again?.stdout).toMatch(/^Wave rest of run \S+ was approved before, by \S+@\S+: CHG-7\.$/m);
    expect((await controller.run(['show', 'last'])).stdout).toMatch(inherited);
    expect(JSON.parse((await controller.run(['show', 'last', '-o', 'json'])).stdout).signals).toMatchObject([
      { kind: 'approve', wave: 'rest', reason: 'CHG-7', run: id },
      { kind: 'approve', wave: 'next', run: null },
    ]);
  });

  test('that is resumed goes on behind failures that its approval was given for, and not behind others', async () => {
    fleet({ a: '', b: '', c: '' });
    const waves = '{ waves: [{ name: canary, clusters: [a, b] }, { name: rest, approval: manual }] }';
    play(waves, ['a', 'c']);
    const said: Promise<Ended>[] = [];
    const first = await site.run([], {
      onOutput: (text) => {
        if (text.includes('wave rest is waiting')) said.push(controller.run(['approve', 'last']));
      },
    });
    expect(first.stdout).toContain('cluster c: failed');
    expect((await Promise.all(said)).map(({ exitCode }) => exitCode)).toEqual([0]);

    play(waves, ['a']);
    const second = await controller.run(['resume', 'last', '--changed-files']);
    expect(second.stdout).toContain('cluster c: done');
    expect(second.stdout).not.toContain('no more clusters start');

    play(waves, ['b']);
    const third = await controller.run(['resume', 'last', '--changed-files'], {
      onOutput: (text) => {
        if (text.includes('wave rest is waiting')) said.push(controller.run(['abort', 'last']));
      },
    });
    expect(third.stdout).toContain('wave rest is waiting for approval; 1 cluster has failed so far (b)');
  });

  test('that is resumed asks again for a wave that has got a cluster since it was approved', async () => {
    const waves =
      '{ waves: [{ name: canary, clusters: a }, { name: next, label: env=stage, approval: manual }, { name: rest }] }';
    const stage = 'labels: { env: stage }';
    fleet({ a: '', b: stage, c: '', d: '' });
    play(waves, ['b']);
    const said: Promise<Ended>[] = [];
    const approving = {
      onOutput: (text: string) => {
        if (text.includes('wave next is waiting')) said.push(controller.run(['approve', 'last']));
      },
    };
    await site.run([], approving);
    expect(said).toHaveLength(1);
    expect(marked('b', 'c')).toEqual(['b']);

    play(waves);
    fleet({ a: '', b: stage, c: stage, d: '' });
    const aborting = {
      onOutput: (text: string) => {
        if (!text.includes('wave next is waiting')) return;
        said.push(controller.run(['show', 'last']));
        said.push(Promise.resolve(said.at(-1)).then(() => controller.run(['abort', 'last'])) as Promise<Ended>);
      },
    };
    const second = await controller.run(['resume', 'last', '--changed-files'], aborting);
    expect(second.stdout).toMatch(/wave next: b, c; when it is approved/);
    expect(second.exitCode).toBe(130);
    expect((await said[1])?.stdout).toMatch(/^waits: +wave next is waiting for approval: kplay approve /m);
    expect(marked('c')).toEqual([]);
  });

  test('that was approved too early asks when it is resumed, and takes only an approval that it is given itself', async () => {
    fleet({ a: '', b: '' });
    const waves = '{ waves: [{ name: canary, clusters: a }, { name: rest, approval: manual }] }';
    play(waves, ['a']);
    const said: Promise<Ended>[] = [];
    const first = await site.run([], {
      onOutput: (text) => {
        if (text.includes('cluster a: started'))
          said.push(controller.run(['approve', 'last', 'rest', '--reason', 'early']));
      },
    });
    expect(first.stdout).toContain('wave rest was approved before anybody was told');
    expect(first.exitCode).toBe(2);
    // It is asked, and killed before anybody has answered.
    const second = await controller.run(['resume', 'last'], {
      onOutput: (text) => {
        if (text.includes('wave rest is waiting for approval; 1 cluster has failed so far (a)'))
          said.push(controller.run(['abort', 'last']));
      },
    });
    expect(second.exitCode).toBe(130);
    expect(marked('b')).toEqual([]);
    let hasAsked = false;
    const third = await controller.run(['resume', 'last'], {
      onOutput: (text) => {
        if (!text.includes('wave rest is waiting') || hasAsked) return;
        hasAsked = true;
        said.push(controller.run(['history']));
        said.push(Promise.resolve(said.at(-1)).then(() => controller.run(['approve', 'last', '--reason', 'it may'])));
      },
    });
    const answers = await Promise.all(said);
    expect(answers.at(-2)?.stdout).toContain('running, waits for approval');
    expect(answers.at(-1)?.stdout).toMatch(/^Wave rest of run \S+ is approved\.$/m);
    expect(third.stdout).toMatch(/wave rest: approved by \S+: it may/);
    expect(marked('b')).toEqual(['b']);
    const shown = (await controller.run(['show', 'last'])).stdout;
    expect(shown).toMatch(/^approved: +wave rest by .*: it may$/m);
    expect(shown).not.toContain('early');
  });

  test('of a file is the same; --limit passes over waves of which nothing is left', async () => {
    fleet(FIVE);
    play('');
    const file = controller.file('rollout.yml', 'waves: [{ name: canary }, { name: rest }]\n');
    const { stdout, exitCode } = await run('--rollout', file, '-l', 'cluster:a:cluster:b');
    expect(stdout).toContain('2 clusters in 1 wave');
    expect(exitCode).toBe(0);
    expect(marked(...Object.keys(FIVE))).toEqual(['a', 'b']);
  });

  test('of a share is one of all clusters of the play, also with --limit: none of those that are left is forgotten', async () => {
    fleet(FIVE);
    play('{ waves: [{ name: canary }, { name: early, clusters: [a, b] }, { name: late, size: 40% }] }');
    const { stdout, exitCode } = await run('-l', 'cluster:d:cluster:e');
    expect(stdout).toContain('wave late: d, e');
    expect(exitCode).toBe(0);
    expect(marked(...Object.keys(FIVE))).toEqual(['d', 'e']);
  });

  test('limited to some clusters chooses its canary among them, as serial does among hosts', async () => {
    fleet({ a: '', b: '', c: '', d: '' });
    play('{ waves: [{ name: canary, size: 1 }, { name: rest, approval: manual }] }');
    const words = ['plan', join(controller.directory, 'play.yml'), '-i', join(controller.directory, 'fleet.yml')];
    const { stdout } = await controller.run([...words, '-l', 'cluster:c:cluster:d']);
    expect(stdout).toMatch(/2 clusters in 2 waves\n.*wave canary: c\n.*wave rest: d; when it is approved\n/);
  });

  test.each(['max_failed: 0', 'waves: [{ name: x, clusters: [a], soak: 1s }, { name: y }]'])(
    'gives all connections to the only cluster that is in progress: %s',
    async (rollout) => {
      // Each host waits for the other one of its cluster.
      const script = 'touch $1; for i in $(seq 300); do [ -e $2 ] && exit 0; sleep 0.1; done; exit 1';
      const mark = (name: string) => join(controller.directory, `met-${name}`);
      const lines = ['a', 'b'].flatMap((name) => [
        `${name}:`,
        `  vars: { kplay_cluster: { name: ${name} }, ansible_connection: local }`,
        '  hosts:',
        ...['1', '2'].map((host) => {
          const other = host === '1' ? '2' : '1';
          const root = site.at(`${name}${host}`);
          mkdirSync(root);
          return `    ${name}-m${host}: { kplay_rootfs: ${root}, own: ${mark(name + host)}, other: ${mark(name + other)} }`;
        }),
      ]);
      controller.file('fleet.yml', `${lines.join('\n')}\n`);
      const argv = JSON.stringify(['sh', '-c', script, 'sh', '{{ own }}', '{{ other }}']);
      controller.file(
        'play.yml',
        `- { name: Meet, hosts: all, rollout: { ${rollout} }, tasks: [command: { argv: ${argv} }] }\n`,
      );
      const { stdout, exitCode } = await run('-f', '2', '--clusters', '2');
      expect(exitCode, stdout).toBe(0);
    },
  );

  test('asks once, before anything is begun, and a no begins nothing', async () => {
    fleet(FIVE);
    play('{ order: name }');
    const words = [
      'run',
      join(controller.directory, 'play.yml'),
      '-i',
      join(controller.directory, 'fleet.yml'),
      '--confirm',
    ];
    expect((await controller.run(words, { types: ['no'] })).exitCode).toBe(3);
    expect(marked(...Object.keys(FIVE))).toEqual([]);
    expect((await controller.run(words, { types: ['yes'] })).exitCode).toBe(0);
    expect(marked(...Object.keys(FIVE))).toEqual(Object.keys(FIVE));
  });

  test('leaves a wave alone, and looks at it again before the next: what was changed meanwhile has failed', async () => {
    const soak = async (meddle: boolean): Promise<Ended> => {
      fleet(FIVE);
      play('{ waves: [{ name: canary, soak: 1s, max_failed: 0 }, { name: rest }] }');
      const onOutput = (text: string): void => {
        if (meddle && text.includes('wave canary soaks until')) rmSync(join(controller.directory, 'c/tmp/mark'));
      };
      const words = ['run', join(controller.directory, 'play.yml'), '-i', join(controller.directory, 'fleet.yml')];
      return controller.run(words, { onOutput });
    };
    const bad = await soak(true);
    expect(bad.stdout).toMatch(/cluster c +\/tmp\/mark of c-m1 would be changed again/);
    expect(bad.stdout).toContain('no more clusters start: 1 cluster of wave canary failed');
    expect(bad.exitCode).toBe(2);
    expect(marked(...Object.keys(FIVE))).toEqual([]);

    const good = await soak(false);
    expect(good.stdout).toContain('wave canary: 1 cluster observed again, everything is as it was left');
    expect(good.exitCode).toBe(0);
    expect(marked(...Object.keys(FIVE))).toEqual(Object.keys(FIVE));
  });

  test('begins a wave that has to be approved when that has been done, and says by whom', async () => {
    fleet(FIVE);
    play('{ waves: [{ name: canary }, { name: rest, approval: manual }] }');
    const said: Ended[] = [];
    let asked: Promise<unknown> | undefined;
    const approveNow = async (): Promise<void> => {
      said.push(await controller.run(['approve', 'last', 'canary']));
      said.push(await controller.run(['approve', 'last']));
    };
    const onOutput = (text: string): void => {
      if (text.includes('wave rest is waiting for approval')) asked ??= approveNow();
    };
    const words = ['run', join(controller.directory, 'play.yml'), '-i', join(controller.directory, 'fleet.yml')];
    const { stdout, exitCode } = await controller.run(words, { onOutput });
    await asked;
    expect(said.map((ended) => ended.exitCode)).toEqual([1, 0]);
    expect(said[0]?.stderr).toMatch(/wave canary of run \S+ has already started/);
    expect(said[1]?.stdout).toMatch(/^Wave rest of run \S+ is approved\.$/m);
    expect(stdout).toMatch(
      /wave canary, 1 of 2: c[\s\S]*What to do: kplay approve \S+ rest[\s\S]*wave rest: approved by \S+@[\s\S]*wave rest, 2 of 2/,
    );
    expect(exitCode).toBe(0);
    expect(marked(...Object.keys(FIVE))).toEqual(Object.keys(FIVE));

    const late = await controller.run(['approve', 'last', 'rest']);
    expect(late.stderr).toMatch(/run \S+ has ended: nothing is left to approve/);
    expect(late.exitCode).toBe(1);
  });

  test('says once that signals cannot be read, and waits until they can', async () => {
    fleet({ a: 'wave: canary', b: '' });
    play('{ waves: [{ name: canary }, { name: rest, approval: manual }] }');
    let file = '';
    let asked: Promise<Ended> | undefined;
    const onOutput = (text: string): void => {
      const id = /What to do: kplay approve .*?(\d{8}T\S+) /.exec(text)?.[1];
      if (id !== undefined && file === '') {
        file = join(controller.directory, 'state/kplay/runs', id, 'signals.ndjson');
        mkdirSync(file);
      }
      if (!text.includes('the signals to this run cannot be read: it is a directory') || asked) return;
      rmdirSync(file);
      asked = controller.run(['approve', 'last']);
    };
    const words = ['run', join(controller.directory, 'play.yml'), '-i', join(controller.directory, 'fleet.yml')];
    const { stdout, exitCode } = await controller.run(words, { onOutput });
    expect((await asked)?.exitCode).toBe(0);
    expect(stdout.split('the signals to this run cannot be read').length).toBe(2);
    expect(exitCode).toBe(0);
    expect(marked('a', 'b')).toEqual(['a', 'b']);
  });

  test('waits for the windows of its clusters, wave by wave', async () => {
    let now = Date.parse('2026-11-28T00:00:00Z');
    fleet({ a: 'wave: canary, window: "Sat 01:00-24:00 UTC", expected: 5m', b: '' });
    play('{ waves: [{ name: canary }, { name: rest }] }');
    const words = ['run', join(controller.directory, 'play.yml'), '-i', join(controller.directory, 'fleet.yml')];
    const { stdout, exitCode } = await controller.run([...words, '--window', 'wait'], {
      // It has opened when the clock is looked at the next time.
      wallClock: () => {
        now += 600_000;
        return new Date(now);
      },
    });
    expect(stdout).toMatch(
      /waiting for the window of cluster a[\s\S]*wave canary, 1 of 2: a[\s\S]*wave rest, 2 of 2: b/,
    );
    expect(exitCode).toBe(0);
    expect(marked('a', 'b')).toEqual(['a', 'b']);
  });

  test.each([
    [[], 3],
    [['--window', 'skip'], 0],
  ])('begins no wave behind one that its window left as it is: %j', async (words, code) => {
    fleet({ a: 'wave: canary, window: "Sat 01:00-24:00 UTC", expected: 5m', b: '' });
    play('{ waves: [{ name: canary }, { name: rest, approval: manual }] }');
    const { stdout, exitCode } = await site.run(words, FRIDAY);
    expect(stdout).toContain(
      'no more clusters start: wave canary is not done: cluster a is held back by its windows; not started: b',
    );
    expect(stdout).not.toContain('is waiting for approval');
    expect(exitCode).toBe(code);
    expect(marked('a', 'b')).toEqual([]);
  });

  test.each([
    [[], 3, 'refused: cluster b (b-m1): outside its windows'],
    [['--window', 'skip'], 0, 'cluster b is left as it is: outside its windows'],
  ])('tells a wave that is outside its windows once, and asks for no approval of it: %j', async (words, code, told) => {
    fleet({ a: 'wave: canary', b: 'window: "Sat 01:00-24:00 UTC", expected: 5m' });
    play('{ waves: [{ name: canary }, { name: rest, approval: manual }] }');
    const { stdout, exitCode } = await site.run(words, FRIDAY);
    const lines = stdout.split('\n').filter((line) => /^[\d:]+Z .*(?:cluster b|approval)/.test(line));
    expect(lines).toEqual([expect.stringContaining(told)]);
    expect(exitCode).toBe(code);
    expect(marked('a', 'b')).toEqual(['a']);
  });

  test.each([
    [[], 3],
    [['--window', 'skip'], 4],
  ])(
    'counts a host that its first look could not reach, of a cluster that it never came to: %j',
    async (words, code) => {
      fleet({ a: 'wave: canary, window: "Sat 01:00-24:00 UTC", expected: 5m', b: '', c: '' });
      controller.file('fleet.yml', controller.read('fleet.yml').replace(/b-m1: \{.*/, UNREACHABLE));
      play('{ waves: [{ name: canary }, { name: rest }] }');
      const { stdout, exitCode } = await site.run(words, FRIDAY);
      expect(stdout).toContain('cluster a is held back by its windows; not started: b, c');
      expect(stdout).toMatch(/^b-m1 : ok=0 +changed=0 +unreachable=1 /m);
      expect(stdout).toContain('State: a-m1, b-m1, c-m1 unchanged.');
      expect(exitCode).toBe(code);
    },
  );

  test('knows a window that shuts between the batches of a cluster from a failure', async () => {
    let now = Date.parse('2026-11-28T01:00:00Z');
    fleet({ a: 'wave: canary, window: "Sat 01:00-02:00 UTC", expected: 30m', b: '' });
    const [first = ''] = controller.read('fleet.yml').match(/^ {4}a-m1: .*$/m) ?? [];
    const all = [1, 2, 3].map((number) => {
      mkdirSync(join(controller.directory, `a${number}/tmp`), { recursive: true });
      return first.replace('a-m1', `a-m${number}`).replace('/a"', `/a${number}"`);
    });
    controller.file('fleet.yml', controller.read('fleet.yml').replace(first, all.join('\n')));
    play('{ waves: [{ name: canary, max_failed: 0 }, { name: rest }] }');
    controller.file('play.yml', controller.read('play.yml').replace('  tasks:', '  serial: 1\n  tasks:'));
    const words = ['run', join(controller.directory, 'play.yml'), '-i', join(controller.directory, 'fleet.yml')];
    const { stdout, exitCode } = await controller.run(words, {
      onOutput: (text) => {
        if (text.includes('1 of 3')) now = Date.parse('2026-11-28T01:59:00Z');
      },
      wallClock: () => new Date(now),
    });
    expect(stdout).toContain('no more clusters start: wave canary is not done: cluster a is held back by its windows');
    // Of all hosts that it kept from starting the window is the cause: the same command would be refused until it opens.
    expect(stdout).toContain('refused: cluster a (a-m2, a-m3): open for less time than the work is expected to take');
    expect(stdout).toMatch(/^Next: when the next window opens, 2026-12-05 01:00 UTC: kplay resume /m);
    expect(exitCode).toBe(3);
    expect(marked('a1', 'a2', 'a3', 'b')).toEqual(['a1']);
  });

  test('says why a host is refused that was not when all was looked at, and in the plan of the fleet', async () => {
    site.fleet({ a: '', b: '' });
    site.play('{ waves: [{ name: one, clusters: a }, { name: two, approval: manual }] }');
    const spoilt = createServer();
    onTestFinished(() => void spoilt.close());
    const says = /refused: cluster b › b-m1: 'copy': \/tmp\/mark is a device, a pipe or a socket/;
    let approved: Promise<unknown> | undefined;
    const { stdout, exitCode } = await site.run([], {
      onOutput: (text) => {
        if (!text.includes('is waiting for approval')) return;
        if (!spoilt.listening) spoilt.listen(site.at('b/tmp/mark'));
        approved ??= site.controller.run(['approve', 'last']);
      },
    });
    await approved;
    expect(stdout).toMatch(says);
    expect(exitCode).toBe(3);
    expect((await site.controller.run(['logs', 'last'])).stdout).toMatch(says);
    const { stdout: plan } = await site.controller.run(['plan', site.at('play.yml'), '-i', site.at('fleet.yml')]);
    expect(plan).toMatch(
      /^2 +b +two +1 refused +not at all: b-m1: 'copy': \/tmp\/mark is a device, a pipe or a socket: /m,
    );
    // What the first look has shown is not said again.
    const again = await site.run([]);
    expect(again.stdout.match(/is a device/g)).toHaveLength(1);
  });

  test('changes nothing that was not due when all was looked at: nobody was asked to approve it', async () => {
    fleet(FIVE);
    play('');
    await run();
    play('{ waves: [{ name: canary }, { name: rest, approval: manual }] }');
    const words = ['run', join(controller.directory, 'play.yml'), '-i', join(controller.directory, 'fleet.yml')];
    const onOutput = (text: string): void => {
      if (text.includes('wave canary, 1 of 2')) rmSync(join(controller.directory, 'b/tmp/mark'));
    };
    const { stdout, exitCode } = await controller.run(words, { onOutput });
    expect(stdout).toContain('the host has changed since the plan was made');
    expect(exitCode).toBe(3);
    expect(marked(...Object.keys(FIVE))).toEqual(['a', 'c', 'd', 'e']);
  });
});

describe('-l wave:NAME', () => {
  test('is the clusters that name the wave', async () => {
    fleet(FIVE);
    play('');
    expect((await run('-l', 'wave:can*')).exitCode).toBe(0);
    expect(marked(...Object.keys(FIVE))).toEqual(['c']);
    const { exitCode, stderr } = await run('-l', 'wave:canray');
    expect(exitCode).toBe(1);
    expect(stderr).toContain("no cluster of the inventory names a wave 'canray'");
    expect(stderr).toContain('did you mean canary?');
  });
});

describe('a rollout that cannot be', () => {
  test.each<[rollout: string, message: string, place: RegExp]>([
    ['{ max_failed: 101% }', 'max_failed', /play\.yml:3:26/],
    ['{ max_failed: -1 }', 'max_failed', /play\.yml:3:26/],
    ['{ waves: [] }', 'waves', /play\.yml:3/],
    ['{ waves: [{ name: x, clusters: nope }, { name: rest }] }', "there is no cluster 'nope'", /play\.yml:3/],
    ['{ waves: [{ name: x, label: env=nope }, { name: canary }] }', 'wave x matches no cluster', /play\.yml:3/],
    ['{ waves: [{ name: canary, size: 9 }, { name: rest }] }', 'wave rest matches no cluster', /play\.yml:3/],
    ['{ waves: [{ name: rest }] }', 'cluster c is in wave canary, which the rollout does not have', /fleet\.yml/],
    [
      '{ waves: [{ name: canary, size: 2 }, { name: x, size: 1 }] }',
      'no wave takes the last 2 of 5 clusters',
      /play\.yml:3/,
    ],
    [
      '{ waves: [{ name: canary, size: 2, label: a=b }, { name: r }] }',
      "a wave selects its clusters by 'size' or by 'label', not by both",
      /play\.yml:3/,
    ],
    ['{ waves: [{ name: canary }, { name: canary }] }', 'two waves have the name canary', /play\.yml:3/],
    ['{ waves: [{ size: 1 }, { name: r }] }', 'a wave has no name', /play\.yml:3/],
    ['{ waves: [{ name: canary, soak: 30 }, { name: r }] }', 'soak', /play\.yml:3/],
    ['{ waves: [{ name: canary, approval: yes }, { name: r }] }', 'approval', /play\.yml:3/],
    ['{ speed: 4 }', "rollout has no 'speed'", /play\.yml:3/],
  ])('%s is refused with its place', async (rollout, message, place) => {
    fleet(FIVE);
    play(rollout);
    const { exitCode, stderr } = await run();
    expect(stderr).toContain(message);
    expect(stderr).toMatch(place);
    expect(exitCode).toBe(1);
    expect(marked(...Object.keys(FIVE))).toEqual([]);
  });

  test('over hosts of no cluster, with two plays, or said twice, is refused', async () => {
    fleet(FIVE);
    const both = play('{ order: name }');
    const file = controller.file('rollout.yml', 'order: name\n');
    expect((await run('--rollout', file)).stderr).toContain('the play has a rollout of its own');
    controller.file('play.yml', `${controller.read('play.yml')}- hosts: a\n  tasks: [{ command: "true" }]\n`);
    expect((await run()).stderr).toContain('a rollout requires a playbook with one play, and this one has several');
    expect(both).toContain('play.yml');
    play('{ order: name }');
    controller.file(
      'fleet.yml',
      `${controller.read('fleet.yml')}lost:\n  hosts:\n    x: { ansible_connection: local }\n`,
    );
    expect((await run()).stderr).toContain('a rollout needs declared clusters, but x is in none');
  });
});
