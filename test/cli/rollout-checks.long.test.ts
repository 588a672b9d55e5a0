import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { eventsIn } from './support/event-stream.ts';
import { MarkedFleet } from './support/marked-fleet.ts';

vi.setConfig({ testTimeout: 60_000 });

let site: MarkedFleet;
let server: Server;
let address: string;
/** What is answered, one after another; the last again and again. `undefined`: nothing, ever. */
let answers: (string | undefined)[] = [];
let asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const body = answers.length > 1 ? answers.shift() : answers[0];
    if (body !== undefined) response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  site = new MarkedFleet();
  answers = [];
  asked = [];
});
afterEach(() => site.close());
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const alert = (alertname: string, state = 'firing', cluster = 'a') => ({ labels: { alertname, cluster }, state });
const prometheus = (...alerts: readonly object[]) => JSON.stringify({ status: 'success', data: { alerts } });
const manager = (...alerts: readonly { readonly labels: object; readonly state: string }[]) =>
  JSON.stringify(alerts.map(({ labels, state }) => ({ labels, status: { state, silencedBy: [], inhibitedBy: [] } })));

/** A rollout with one check of alerts. */
const alerts = (more = '', keys = '') =>
  `{ max_failed: 0, order: name, checks: [{ name: quiet, alerts: { url: "${address}/api/v1/alerts"${more} }${keys} }] }`;
const told = (stdout: string) =>
  eventsIn(stdout).flatMap(({ type, cluster, at, outcome }) =>
    type === 'cluster-check' ? [`${(cluster as { name: string }).name} ${at} ${outcome}`] : [],
  );

/** Runs, and is aborted as soon as a check is waited for. */
function abortedWhileItWaits() {
  let isSaid = false;
  const onOutput = (text: string) => {
    if (!text.includes('waits for check') || isSaid) return;
    isSaid = true;
    void site.controller.run(['abort', 'last']);
  };
  return site.run([], { onOutput });
}

describe('checks of a rollout', () => {
  test('are asked before the first change of each cluster and after the last, and not where nothing is to be done', async () => {
    answers = [prometheus()];
    site.fleet({ a: '', b: '' });
    site.play(alerts());
    const { stdout, exitCode } = await site.run(['-o', 'json']);
    expect(told(stdout)).toEqual(['a before passed', 'a after passed', 'b before passed', 'b after passed']);
    expect(exitCode).toBe(0);
    expect(eventsIn(stdout).find(({ type }) => type === 'rollout-planned')).toMatchObject({ checks: ['quiet'] });
    site.fleet({ a: '', b: '', c: '' });
    expect((await site.run(['-vv'])).stdout).toMatch(/Z cluster c › check 'quiet' has passed\n/);
    asked = [];
    expect((await site.run([])).exitCode).toBe(0);
    expect(asked).toEqual([]);
  });

  test('that fail before refuse the cluster: nothing of it is changed, and it counts as failed', async () => {
    answers = [prometheus(alert('KubeAPIDown'), alert('Watchdog'))];
    site.fleet({ a: '', b: '' });
    site.play(alerts(', allow: [Watch*]', ', retries: 0'));
    const { stdout, exitCode } = await site.run([]);
    expect(stdout).toContain('checks of each cluster: quiet');
    expect(stdout).toContain("check 'quiet' failed: an alert is firing: KubeAPIDown");
    expect(stdout).toContain('1 cluster failed, and only 0 may (max_failed); not started: b');
    expect(exitCode).toBe(3);
    expect(site.marked('a', 'b')).toEqual([]);
  });

  test('that take long leave a cluster to its window, which may have shut meanwhile', async () => {
    let now = Date.parse('2026-11-28T01:05:00Z');
    answers = [prometheus()];
    site.fleet({ a: 'window: "Sat 01:00-02:00 UTC", expected: 30m' });
    site.play(alerts());
    // Half an hour does not fit any more, the quarter of a batch would.
    const inventory = site.controller.read('fleet.yml');
    const second = inventory.replace(/^ {4}a-m1(: .*)$/m, '$&\n    a-m2$1').replace(/(a-m2: .*\/)a"/, '$1b"');
    site.controller.file('fleet.yml', second);
    mkdirSync(site.at('b/tmp'), { recursive: true });
    site.controller.file('play.yml', site.controller.read('play.yml').replace('  tasks:', '  serial: 1\n  tasks:'));
    const onOutput = (text: string) => {
      if (text.includes('"cluster-check"')) now = Date.parse('2026-11-28T01:35:00Z');
    };
    const { stdout, exitCode } = await site.run(['-o', 'json'], { onOutput, wallClock: () => new Date(now) });
    expect(told(stdout)).toEqual(['a before passed']);
    expect(eventsIn(stdout).filter(({ type }) => type === 'window-shut')).toHaveLength(1);
    expect(exitCode).toBe(3);
    expect(site.marked('a', 'b')).toEqual([]);
  });

  test('are asked after a resumed run of a cluster that was changed before and not found good', async () => {
    answers = [prometheus(alert('Down'))];
    site.fleet({ a: '', b: '' });
    site.play(alerts('', ', at: after, retries: 0'));
    expect((await site.run([])).exitCode).toBe(2);
    expect(site.marked('a', 'b')).toEqual(['a']);
    const resume = ['resume', 'last', '-o', 'json'];
    const again = await site.controller.run(resume);
    expect({ code: again.exitCode, told: told(again.stdout) }).toEqual({ code: 2, told: ['a after failed'] });
    expect(site.marked('a', 'b')).toEqual(['a']);
    answers = [prometheus()];
    const good = await site.controller.run(resume);
    expect({ code: good.exitCode, told: told(good.stdout) }).toEqual({
      code: 0,
      told: ['a after passed', 'b after passed'],
    });
  });

  test('are asked after a resumed run of a cluster that was not as it was left after its soak', async () => {
    answers = [prometheus()];
    site.fleet({ a: '', b: '' });
    const waves = 'waves: [{ name: canary, clusters: a, soak: 1s }, { name: rest }]';
    site.play(`{ ${waves}, checks: [{ name: quiet, alerts: { url: "${address}/api/v1/alerts" }, at: after }] }`);
    const mark = site.at('a/tmp/mark');
    const bad = await site.run([], {
      onOutput: (text) => {
        if (text.includes('wave canary soaks until')) renameSync(mark, `${mark}-away`);
      },
    });
    expect({ code: bad.exitCode, marked: site.marked('a', 'b') }).toEqual({ code: 2, marked: [] });
    // Somebody has mended it: nothing is left to do, and it is not proven.
    renameSync(`${mark}-away`, mark);
    const good = await site.controller.run(['resume', 'last', '-o', 'json']);
    expect({ code: good.exitCode, told: told(good.stdout) }).toEqual({
      code: 0,
      told: ['a after passed', 'b after passed'],
    });
  });

  test('that fail afterwards make a cluster count as failed', async () => {
    answers = [prometheus(), prometheus(alert('KubeAPIDown')), prometheus(alert('KubeAPIDown'))];
    site.fleet({ a: '', b: '' });
    site.play(alerts('', ', retries: 1, delay: 0'));
    const { stdout, exitCode } = await site.run([]);
    expect(stdout).toContain(
      "cluster a waits for check 'quiet': an alert is firing: KubeAPIDown; it will run once more",
    );
    expect(stdout).toMatch(/cluster a.*check 'quiet'[\s\S]*an alert is firing: KubeAPIDown/);
    expect(stdout).toContain('1 cluster failed, and only 0 may (max_failed); not started: b');
    expect(exitCode).toBe(2);
    expect(site.marked('a', 'b')).toEqual(['a']);
  });

  test('are asked again until they pass, as often as they may', async () => {
    answers = [prometheus(alert('X')), prometheus(alert('X')), prometheus(alert('X', 'pending'))];
    site.fleet({ a: '' });
    site.play(alerts('', ', at: before, retries: 2, delay: 0'));
    const { stdout, exitCode } = await site.run(['-o', 'json']);
    expect(told(stdout)).toEqual(['a before waiting', 'a before passed']);
    expect(asked.length).toBe(3);
    expect(exitCode).toBe(0);
  });

  test('know of an alert whose cluster it is, and which are silenced', async () => {
    answers = [manager(alert('X', 'active', 'other'), alert('Y', 'suppressed', 'a'))];
    site.fleet({ a: '' });
    site.play(alerts(', match: { cluster: "{{ kplay_run.cluster }}" }', ', retries: 0'));
    expect((await site.run([])).exitCode).toBe(0);
    answers = [manager(alert('X', 'active', 'a'))];
    site.controller.remove('a/tmp/mark');
    const { stdout, exitCode } = await site.run([]);
    expect(stdout).toContain('an alert is firing: X');
    expect(exitCode).toBe(3);
  });

  test('do not pass where no alert has a label that is wanted, unless there is no alert', async () => {
    answers = [prometheus({ labels: { alertname: 'X' }, state: 'firing' })];
    site.fleet({ a: '' });
    site.play(alerts(', match: { cluster: "{{ kplay_run.cluster }}" }', ', at: before, retries: 0'));
    const { stdout, exitCode } = await site.run([]);
    expect(stdout).toContain("no alert in the answer has a label 'cluster', which match requires");
    expect(exitCode).toBe(3);
    answers = [prometheus()];
    expect((await site.run([])).exitCode).toBe(0);
  });

  test('do not pass when the list comes with a warning', async () => {
    answers = [JSON.stringify({ status: 'success', data: { alerts: [] }, warnings: ['a store is down'] })];
    site.fleet({ a: '' });
    site.play(alerts('', ', retries: 0'));
    const { stdout, exitCode } = await site.run([]);
    expect(stdout).toContain('the list of alerts comes with a warning: ["a store is down"]');
    expect(exitCode).toBe(3);
  });

  test.each<[what: string, answer: string]>([
    ['no JSON', '<html>'],
    ['nothing', ''],
    ['another document', '{"status":"success","data":{}}'],
    ['an error of Prometheus', '{"status":"error","data":{"alerts":[]}}'],
    ['an alert without a name', prometheus({ labels: {}, state: 'firing' })],
    ['a state that is not known', prometheus(alert('X', 'resting'))],
    ['a list of something else', '[1]'],
    ['an alert of Alertmanager without a status', '[{"labels":{"alertname":"X"}}]'],
  ])('do not pass when the answer is %s', async (_what, answer) => {
    answers = [answer];
    site.fleet({ a: '' });
    site.play(alerts('', ', retries: 0'));
    const { stdout, exitCode } = await site.run([]);
    expect(stdout).toContain('the answer is not a list of alerts');
    expect(exitCode).toBe(3);
    expect(site.marked('a')).toEqual([]);
  });

  test('do not pass when nobody answers, and when a program fails', async () => {
    answers = [undefined];
    site.fleet({ a: '' });
    site.play(alerts(', timeout: 1s', ', retries: 0'));
    const hung = await site.run([]);
    expect(hung.stdout).toContain("check 'quiet' failed: it did not end within 1s");
    expect(hung.exitCode).toBe(3);
    site.play('{ checks: [{ name: calm, command: { argv: [sh, -c, "echo no >&2; exit 3"] }, retries: 0 }] }');
    const failed = await site.run([]);
    expect(failed.stdout).toContain("check 'calm' failed: it ended with 3: no");
    expect(failed.exitCode).toBe(3);
    expect(site.marked('a')).toEqual([]);
  });

  test('that wait end when the run is aborted: nothing of the cluster was begun, and that is said', async () => {
    answers = [prometheus(alert('X'))];
    site.fleet({ a: '', b: '' });
    site.play(alerts('', ', retries: 1000, delay: 3600'));
    const { stdout, exitCode } = await abortedWhileItWaits();
    expect(stdout).toMatch(/no more clusters start: aborted by \S+; not started: a, b/);
    expect(exitCode).toBe(130);
    expect(site.marked('a', 'b')).toEqual([]);
  });

  test('that have not passed after the last change when the run is aborted make the cluster count as failed', async () => {
    answers = [prometheus(alert('X'))];
    site.fleet({ a: '', b: '' });
    site.play(alerts('', ', at: after, retries: 1000, delay: 3600'));
    const { stdout, exitCode } = await abortedWhileItWaits();
    expect(stdout).toMatch(/cluster a.*check 'quiet'[\s\S]*an alert is firing: X/);
    expect(stdout).toMatch(/not started: b/);
    expect(exitCode).toBe(2);
    expect(site.marked('a', 'b')).toEqual(['a']);
  });

  test('are told of the cluster', async () => {
    site.fleet({ a: '' });
    const file = site.at('seen');
    const words = `[sh, -c, 'echo "$0" >> ${file}', "{{ kplay_run.cluster }} {{ kplay_run.at }} {{ kplay_run.hosts | join }}"]`;
    site.play(`{ checks: [{ command: { argv: ${words} } }] }`);
    expect((await site.run([])).exitCode).toBe(0);
    expect(site.controller.read('seen')).toBe('a before a-m1\na after a-m1\n');
  });

  test('are tried beforehand with the hosts and the moments of each cluster', async () => {
    site.fleet({ a: '', b: '' });
    const address = '{{ {"a-m1": "x", "b-m1": "y"}[kplay_run.hosts[0]] }} {{ {"after": 1}[kplay_run.at] }}';
    site.play(`{ checks: [{ command: { argv: ["true", '${address}'] }, at: after }] }`);
    const good = await site.run([]);
    expect(good.stderr).toBe('');
    expect(good.exitCode).toBe(0);
    site.controller.remove('a/tmp/mark');
    site.play(`{ checks: [{ command: { argv: ["true", '{{ {"a": 1}[kplay_run.cluster] }}'] } }] }`);
    const { stderr, exitCode } = await site.run([]);
    expect(stderr).toMatch(/play\.yml:3/);
    expect(exitCode).toBe(1);
    expect(site.marked('a')).toEqual([]);
  });

  test.each<[what: string, checks: string, says: string]>([
    ['neither kind', '[{ name: x }]', 'a check is either uri, command or alerts'],
    ['an unknown key', '[{ command: "true", when: x }]', "unknown key 'when' of a check"],
    ['a wrong moment', '[{ command: "true", at: during }]', 'at'],
    ['a wrong number', '[{ command: "true", retries: -1 }]', 'retries'],
    ['no address', '[{ alerts: { allow: [X] } }]', 'url'],
    ['an unknown variable', '[{ command: "echo {{ nobody }}" }]', 'nobody'],
  ])('with %s are told before anything is contacted', async (_what, checks, says) => {
    site.fleet({ a: '' });
    site.play(`{ checks: ${checks} }`);
    const { stderr, exitCode } = await site.run([]);
    expect(stderr).toContain(says);
    expect(stderr).toMatch(/play\.yml:3/);
    expect(exitCode).toBe(1);
    expect(existsSync(site.at('a/tmp/mark'))).toBe(false);
  });
});
