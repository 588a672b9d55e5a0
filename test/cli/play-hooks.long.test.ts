import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Environment } from '../../src/cli/environment.ts';
import { runCommand } from '../../src/cli/hooks/command.ts';
import { hookCaller } from '../../src/cli/hooks/play-hooks.ts';
import type { Event } from '../../src/core/events/event.ts';
import { SourceFile } from '../../src/core/source.ts';
import type { CompiledHook, CompiledPlay } from '../../src/engine/program/compiled.ts';
import { processesWith } from '../transport/support/processes.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

vi.setConfig({ testTimeout: 60_000 });

interface Heard {
  readonly path: string;
  readonly method: string | undefined;
  readonly type: string | undefined;
  readonly token: string | undefined;
  readonly body: string;
}

let controller: Controller;
let inventory: string;
let root: string;
let server: Server;
let address: string;
let heard: Heard[] = [];

beforeAll(async () => {
  controller = new Controller();
  ({ inventory, root } = localHost(controller));
  server = createServer(async (request, response) => {
    const { url: path = '', method, headers } = request;
    const body = await text(request);
    heard.push({ path, method, type: headers['content-type'], token: headers['x-token']?.toString(), body });
    if (path === '/hangs') return;
    response.writeHead(path.startsWith('/bad') ? 500 : 200);
    if (path.startsWith('/bad/echo')) return void response.end(`no ${path} of ${headers['authorization']}`);
    response.end(path.startsWith('/bad') ? `no ${headers['x-token'] ?? ''}` : 'ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  heard = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  controller.close();
});

let number = 0;

/** Runs a play with hooks that writes a file of its own, and fails when `fails` is given. */
async function run(hooks: string, more: readonly string[] = [], command = 'run') {
  number += 1;
  const file = `/words-${number}`;
  const play = controller.file(
    `play-${number}.yml`,
    `- name: Words
  hosts: all
${hooks.replace(/^/gm, '  ')}
  tasks:
    - name: Write
      copy: { dest: ${file}, content: x }
    - name: Fail
      command: { argv: ['false'] }
      when: fails is defined
`,
  );
  const again = () => controller.run([command, play, '-i', inventory, ...more]);
  const ended = await again();
  return { ...ended, again, isWritten: existsSync(join(root, file)) };
}

const notify = (moment: string, path: string, more = '') =>
  `on_${moment}:\n  - name: Tell ${moment}\n    uri: { url: "${address}${path}", method: POST${more} }`;
const told = () => heard.map(({ path }) => path);

describe('hooks of a play', () => {
  it('are called before the first change and after the last, and not where there is nothing to change', async () => {
    const body = ', body_format: json, body: { text: "{{ kplay_run.changed | join }} by {{ kplay_run.id }}", n: 1 }';
    const hooks = [notify('start', '/start'), notify('success', '/success', body), notify('failure', '/failure')];
    const { exitCode, again, isWritten, stderr } = await run(hooks.join('\n'));
    expect({ exitCode, isWritten, stderr }).toEqual({ exitCode: 0, isWritten: true, stderr: '' });
    expect(told()).toEqual(['/start', '/success']);
    const called = controller.journals.flatMap((path) =>
      controller
        .journal(path)
        .flatMap((entry) => (entry.type === 'event' && entry.event.type === 'hook-finished' ? [entry.event] : [])),
    );
    expect(called.map(({ moment, hook, succeeded }) => `${moment} ${hook} ${succeeded}`)).toEqual([
      'start Tell start true',
      'success Tell success true',
    ]);
    expect(heard[1]).toMatchObject({ method: 'POST', type: 'application/json' });
    expect(JSON.parse(heard[1]?.body ?? '')).toEqual({ text: expect.stringMatching(/^here by \d{8}T\d{6}Z-/), n: 1 });
    expect((await again()).exitCode).toBe(0);
    expect(told()).toHaveLength(2);
  });

  it.each([
    ['plan', []],
    ['run', ['-C']],
  ])('are not called by a dry run: %s %j', async (command, more) => {
    const hooks = [notify('start', '/start'), notify('success', '/success'), notify('failure', '/failure')];
    expect((await run(hooks.join('\n'), more, command)).exitCode).toBe(0);
    expect(told()).toEqual([]);
  });

  it('of the start that fails lets nothing be changed', async () => {
    const { exitCode, stdout, isWritten } = await run(
      `${notify('start', '/bad/path')}\n${notify('failure', '/failure')}`,
    );
    expect({ exitCode, isWritten }).toEqual({ exitCode: 3, isWritten: false });
    expect(stdout).toContain(`on_start: 'Tell start' failed: POST ${address} answered 500: no`);
    expect(stdout).not.toContain('/bad/path');
    expect(told()).toEqual(['/bad/path', '/failure']);
  });

  it('are told of a failure, whose exit code stays whatever becomes of them', async () => {
    const body = ', body: "{{ kplay_run.failed | join(\',\') }}"';
    const hooks = `${notify('success', '/success')}\n${notify('failure', '/bad', body)}\n  - command: [sh, -c, "echo no >&2; exit 3"]`;
    const { exitCode, stdout, stderr } = await run(
      hooks.replace('command: [', 'command: { argv: [').replace(/\]$/, '] }'),
      ['-e', 'fails=1'],
    );
    expect(exitCode).toBe(2);
    expect(heard).toMatchObject([{ path: '/bad', body: 'here' }]);
    expect(`${stdout}${stderr}`).toMatch(/on_failure: 'Tell failure' failed: POST \S+ answered 500/);
    expect(`${stdout}${stderr}`).toContain("on_failure: 'command' failed: it ended with 3: no");
    expect(`${stdout}${stderr}`).toContain('check the URL of the hook, and the server; it affects neither');
    expect(`${stdout}${stderr}`).toContain('check the command of the hook; it affects neither');
  });

  it('that hang are ended, and what they have started with them', async () => {
    const mark = `3${process.pid}.25`;
    const hooks = `${notify('success', '/hangs', ', timeout: 1s')}
  - name: Sleep
    command: { argv: [sh, -c, "sleep ${mark} & sleep ${mark}"], timeout: 1s }`;
    const { exitCode, stdout, stderr } = await run(hooks);
    expect(exitCode).toBe(0);
    // /proc tells of processes on Linux alone.
    if (process.platform === 'linux') expect(processesWith(`sleep ${mark}`)).toBe(0);
    expect(`${stdout}${stderr}`).toMatch(
      /'Tell success' failed: it did not end within 1s.*'Sleep' failed: it did not end within 1s/s,
    );
  });

  it('that are ended with their run are not told as what keeps it from its changes', async () => {
    server.once('request', () => {
      process.emit('SIGINT');
      process.emit('SIGINT');
    });
    const { exitCode, stdout } = await run(notify('start', '/hangs'), ['-o', 'plain']);
    expect(exitCode).toBe(130);
    expect(stdout).toContain('stopping at once');
    expect(stdout).not.toMatch(/refused: |refused=1/);
    expect(stdout).toContain('Nothing changed.');
  });

  it('that run as another user, and so cannot be killed, are left to themselves', async () => {
    const abort = new AbortController();
    let group = 0;
    // A real one needs sudo.
    const kill = vi.spyOn(process, 'kill').mockImplementation((pid) => {
      group = pid;
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    });
    const environment = { variables: process.env } as unknown as Environment;
    const started = join(controller.directory, 'started');
    const script = `: >'${started}'; exec sleep 300`;
    const ended = runCommand({ argv: ['sh', '-c', script] }, environment, abort.signal);
    await vi.waitFor(() => expect(existsSync(started)).toBe(true));
    abort.abort();
    await expect(ended).rejects.toThrow('it was interrupted');
    kill.mockRestore();
    expect(group).toBeLessThan(0);
    process.kill(group, 'SIGKILL');
  });

  it('show no secret', async () => {
    const hooks = `vars: { slack_token: sesam-4711 }\n${notify('success', '/bad', ', headers: { X-Token: "{{ slack_token }}" }')}`;
    await run(hooks);
    expect(heard[0]?.token).toBe('sesam-4711');
    expect(controller.traces).toContain('answered 500: no ***');
    expect(controller.traces).not.toContain('sesam-4711');
  });

  it('show nothing of their request that an answer repeats', async () => {
    const hooks = `${notify('success', '/bad/echo/T0KEY0T0?key=q4711', ', headers: { Authorization: "Bearer h0815" }')}`;
    const { stdout } = await run(hooks, ['-o', 'json']);
    expect(heard[0]?.path).toBe('/bad/echo/T0KEY0T0?key=q4711');
    expect(stdout).toContain('answered 500: no ****** of ***');
    for (const hidden of ['T0KEY0T0', 'q4711', 'h0815']) expect(stdout + controller.traces).not.toContain(hidden);
    // Which play it was is told by its hosts.
    const events = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
    expect(events.find(({ type }) => type === 'warning')).toMatchObject({ hosts: ['here'] });
    expect(events.find(({ type }) => type === 'hook-finished')).toMatchObject({
      hook: 'Tell success',
      moment: 'success',
      hosts: ['here'],
      succeeded: false,
    });
  });

  it('do not quote what their templates give where it is wrong', async () => {
    const hooks = 'vars: { hook: hooks.example/services/T0/KEY }\non_success: [{ uri: { url: "{{ hook }}" } }]';
    const { exitCode, stderr } = await run(hooks);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('uri: the result of the templates in url is not valid');
    expect(stderr).not.toContain('T0/KEY');
  });

  it('are not called any more when the run is broken off', async () => {
    const abort = new AbortController();
    const hook = (path: string): CompiledHook => {
      const params = { url: `${address}${path}`, timeout: '1m' };
      const file = new SourceFile('play.yml', '');
      return {
        moment: 'success',
        kind: 'uri',
        name: path,
        params: { kind: 'constant', value: params },
        range: file.range(0, 0),
      };
    };
    const play = { name: 'p', hosts: [], directory: '/', vars: new Map(), hooks: [hook('/hangs'), hook('/after')] };
    const ended: Event[] = [];
    const call = hookCaller(
      new Map(),
      { variables: {}, clock: () => new Date(0) } as unknown as Environment,
      (event) => {
        ended.push(event);
      },
      abort.signal,
    );
    const facts = { id: 'r', play: 'p', hosts: ['a'], changed: [], failed: [], refused: [], unreachable: [] };
    const called = call(play as unknown as CompiledPlay, 'success', facts);
    await vi.waitFor(() => expect(told()).toEqual(['/hangs']));
    abort.abort();
    await called;
    expect(told()).toEqual(['/hangs']);
    const message = "on_success: '/hangs' was interrupted";
    expect(ended).toMatchObject([
      { type: 'hook-finished', reason: 'it was interrupted' },
      { type: 'warning', message, hosts: ['a'], remedy: expect.stringContaining('in part') },
    ]);
  });

  it.each([
    ['neither', 'on_start: [{ name: x }]', /a hook is either uri or command/],
    ['both', 'on_start: [{ uri: { url: "http://x" }, command: ls }]', /a hook is either uri or command/],
    ['an unknown key', 'on_start: [{ uri: { url: "http://x" }, when: x }]', /when/],
    ['no address', 'on_start: [{ uri: { method: POST } }]', /uri.* url/],
    ['a port too high', 'on_start: [{ uri: { url: "https://h:99999/x" } }]', /play-\d+\.yml:3:28\n.*port up to 65535/s],
    ['an address without a host', 'on_wave: []\non_success: [{ uri: { url: "https://" } }]', /url is not an address/],
    ['a space in the host', 'on_failure: [{ uri: { url: "https://a b/x" } }]', /url is not an address/],
    [
      'a variable that is no address',
      'vars: { at: "https://h:99999/T0KEY" }\non_start: [{ uri: { url: "{{ at }}" } }]',
      /url is not an address\s+┌─ \S+:4:\d+/,
    ],
    ['another scheme', 'on_start: [{ uri: { url: "ftp://h/x" } }]', /starting with http:\/\/ or https:\/\//],
    ['a wrong method', 'on_failure: [{ uri: { url: "http://x", method: SHOUT } }]', /method.*(GET|SHOUT)/],
    ['an unknown variable', 'on_failure: [{ command: "echo {{ nobody }}" }]', /nobody/],
    ['two commands', 'on_start: [{ command: { cmd: ls, argv: [ls] } }]', /either cmd or argv/],
    ['too long a wait', 'on_start: [{ command: { cmd: ls, timeout: 61m } }]', /play-\d+\.yml:3:.*at most 60m/s],
    ['no list', 'on_failure: { command: ls }', /on_failure/],
  ])('with %s are told before anything is contacted', async (_what, hooks, says) => {
    const { exitCode, stderr, isWritten } = await run(hooks);
    expect({ exitCode, isWritten }).toEqual({ exitCode: 1, isWritten: false });
    expect(stderr).toMatch(says);
  });
});
