import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { eventsIn } from './support/event-stream.ts';
import { MarkedFleet } from './support/marked-fleet.ts';

vi.setConfig({ testTimeout: 60_000 });

let site: MarkedFleet;
let server: Server;
let address: string;
/** What was told, one after another. */
let told: Record<string, unknown>[] = [];
/** Which clusters had been changed by then. */
let marked: (readonly string[])[] = [];
let status = 200;
let onTold: () => Promise<unknown> = async () => undefined;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    told.push((await json(request)) as Record<string, unknown>);
    marked.push(site.marked('a', 'b', 'c'));
    await onTold();
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
beforeEach(() => {
  site = new MarkedFleet();
  site.fleet({ a: '', b: '', c: '' });
  told = [];
  marked = [];
  status = 200;
  onTold = async () => undefined;
});
afterEach(() => site.close());
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const WAVES = '{ waves: [{ name: canary, clusters: a, max_failed: 0 }, { name: rest }], order: name }';

/** A play that tells of its waves, or at another moment. */
function play(rollout: string, fails: readonly string[] = [], moment = 'on_wave'): void {
  site.play(rollout, fails);
  const hook = `{ name: Tell, uri: { url: "${address}", method: POST, body_format: json, body: "{{ kplay_run }}" } }`;
  const text = site.controller.read('play.yml').replace('  tasks:', `  ${moment}: [${hook}]\n  tasks:`);
  site.controller.file('play.yml', text);
}
const moments = () => told.map(({ wave, at }) => `${wave} ${at}`);

describe('on_wave', () => {
  test('is called before the first cluster of a wave and after its last, with what they have come to', async () => {
    play(WAVES);
    const { stdout, exitCode } = await site.run(['-o', 'json']);
    expect(exitCode).toBe(0);
    expect(moments()).toEqual(['canary begin', 'canary end', 'rest begin', 'rest end']);
    expect(marked).toEqual([[], ['a'], ['a'], ['a', 'b', 'c']]);
    const facts = { id: expect.stringMatching(/^\d{8}T/), play: 'Mark', number: 2, of: 2, clusters: ['b', 'c'] };
    const none = { done: [], failed: [], left: [] };
    expect(told[2]).toEqual({ ...facts, wave: 'rest', at: 'begin', hosts: ['b-m1', 'c-m1'], ...none });
    expect(told[3]).toMatchObject({ ...facts, done: ['b', 'c'], failed: [], left: [] });
    const called = eventsIn(stdout).filter(({ type }) => type === 'hook-finished');
    expect(called[0]).toMatchObject({ moment: 'wave', hook: 'Tell', hosts: ['a-m1'], succeeded: true });
  });

  test('is called where the rollout stops in the wave, and of no wave behind it', async () => {
    play(WAVES, ['a']);
    expect((await site.run([])).exitCode).toBe(2);
    expect(moments()).toEqual(['canary begin', 'canary end']);
    expect(told[1]).toMatchObject({ done: [], failed: ['a'], left: [] });
  });

  test('that fails changes nothing of the run', async () => {
    status = 500;
    play(WAVES);
    const { stdout, stderr, exitCode } = await site.run([]);
    expect(exitCode).toBe(0);
    expect(site.marked('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
    expect(`${stdout}${stderr}`).toContain("warning: wave canary: on_wave: 'Tell' failed: POST");
    expect(`${stdout}${stderr}`).toContain("warning: wave rest: on_wave: 'Tell' failed: POST");
  });

  test('holds the wave back: what is said to the run meanwhile is heard before a cluster of it is begun', async () => {
    onTold = () => (told.length === 1 ? site.controller.run(['abort', 'last']) : Promise.resolve());
    play(WAVES);
    const { exitCode } = await site.run([]);
    expect(exitCode).toBe(130);
    expect(site.marked('a', 'b', 'c')).toEqual([]);
    expect(moments()).toEqual(['canary begin', 'canary end']);
    expect(told[1]).toMatchObject({ done: [], failed: [], left: ['a'] });
  });

  test('is named by a plan, which calls none, and is not called of a wave that has nothing to do', async () => {
    play(WAVES);
    const { stdout } = await site.controller.run(['plan', site.at('play.yml'), '-i', site.at('fleet.yml')]);
    expect(stdout).toContain("hooks of a run: on_wave 'Tell'");
    expect(told).toEqual([]);
    await site.run(['-l', 'cluster:a']);
    expect(moments()).toEqual(['canary begin', 'canary end']);
    await site.run([]);
    expect(moments().slice(2)).toEqual(['rest begin', 'rest end']);
  });

  test('of a play without a rollout is refused before anything is contacted; --rollout gives it one', async () => {
    play('');
    const { stderr, exitCode } = await site.run([]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/on_wave is called for the waves of a rollout, but the play has none\n.*play\.yml:3:/);
    const validated = async (...more: readonly string[]) =>
      (await site.controller.run(['validate', site.at('play.yml'), '-i', site.at('fleet.yml'), ...more])).exitCode;
    expect(await validated()).toBe(1);
    const file = site.controller.file('rollout.yml', WAVES);
    expect(await validated('--rollout', file)).toBe(0);
    expect((await site.run(['--rollout', file])).exitCode).toBe(0);
    expect(moments()).toHaveLength(4);
  });

  test('whose templates name what it is not told is refused before anything is contacted', async () => {
    play(WAVES);
    const text = site.controller.read('play.yml').replace('{{ kplay_run }}', '{{ kplay_run.changed }}');
    site.controller.file('play.yml', text);
    const { stderr, exitCode } = await site.run([]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('changed');
    expect(told).toEqual([]);
  });
});

describe('on_failure of a rollout', () => {
  const WINDOW = 'window: 2126-03-02 01:00-04:00 UTC';
  const APPROVED = WAVES.replace('clusters: a', 'clusters: a, approval: manual');
  const PARTED = '{ waves: [{ name: canary, clusters: a, max_failed: 1 }, { name: rest }] }';

  test('is called for a cluster of which no host can be reached', async () => {
    const text = site.controller
      .read('fleet.yml')
      .replace(/a-m1: .*/, 'a-m1: { ansible_host: 127.0.0.1, ansible_port: 1 }');
    site.controller.file('fleet.yml', text);
    play(PARTED, [], 'on_failure');
    expect((await site.run([])).exitCode).toBe(4);
    expect(told).toMatchObject([{ hosts: ['a-m1'], unreachable: ['a-m1'], refused: [], failed: [] }]);
    expect(site.marked('b', 'c')).toEqual(['b', 'c']);
  });

  test.each([WAVES, APPROVED])('is called for a cluster that its windows refuse: %s', async (rollout) => {
    site.fleet({ a: WINDOW, b: '', c: '' });
    play(rollout, [], 'on_failure');
    expect((await site.run([])).exitCode).toBe(3);
    expect(told).toMatchObject([{ hosts: ['a-m1'], unreachable: [], refused: ['a-m1'], failed: [] }]);
  });

  test('is not called for further clusters of a wave that needs no approval once the run is aborted', async () => {
    site.fleet({ a: WINDOW, b: WINDOW, c: WINDOW });
    play('{ waves: [{ name: all, approval: manual }], order: name }', [], 'on_failure');
    onTold = () => site.controller.run(['abort', 'last']);
    const { stdout, exitCode } = await site.run([]);
    expect(exitCode, stdout).toBe(130);
    expect(told).toMatchObject([{ refused: ['a-m1'] }]);
    expect(stdout).toMatch(/not started: b, c$/m);
  });

  test('is not called for one that is left for a later window', async () => {
    site.fleet({ a: WINDOW, b: '', c: '' });
    play(WAVES, [], 'on_failure');
    expect((await site.run(['--window', 'skip'])).exitCode).toBe(0);
    expect(told).toEqual([]);
  });
});
