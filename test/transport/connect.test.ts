import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { UnreachableError } from '../../src/core/session.ts';
import { hereDocument, sh } from '../../src/core/shell.ts';
import { NAMELESS } from '../support/nameless.ts';
import { needing } from '../support/programs.ts';
import { Fixture, refusal, visit } from './support/fixture.ts';
import { makeKey } from './support/keys.ts';
import { until } from './support/processes.ts';
import { startProxy } from './support/proxy.ts';
import { freePort, startSshd } from './support/real-sshd.ts';
import { connectorFor, host, NOWHERE } from './support/sessions.ts';

const fixture = new Fixture();
const { directory } = fixture;
afterAll(() => fixture.close());

/** A login shell that is this script. */
function loginShell(name: string, text: string): readonly [string] {
  const file = join(directory, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return [file];
}

describe('a host cannot be reached', () => {
  it('when nothing listens', async () => {
    const port = await freePort();
    const error = await refusal(fixture.at(port));
    expect(error).toMatchObject({ reason: 'refused', message: `127.0.0.1:${port} refuses the connection` });
  });

  it('when its name has no address', async () => {
    const error = await refusal(fixture.at(22, { ansible_host: NAMELESS }));
    expect(error).toMatchObject({ reason: 'address', message: expect.stringContaining(NAMELESS) });
  });

  it('when nobody answers in time', async () => {
    const port = await fixture.listen(() => undefined);
    const error = await refusal(fixture.at(port), { connection: { ...NOWHERE, connectTimeoutMs: 100 } });
    expect(error).toMatchObject({ reason: 'timeout', message: expect.stringContaining('within 0.1 s') });
  });

  it('when it closes the connection, three times, before the login', async () => {
    let connections = 0;
    const port = await fixture.listen((socket) => {
      connections += 1;
      socket.end();
    });
    expect(await refusal(fixture.at(port))).toMatchObject({ reason: 'refused' });
    expect(connections).toBe(3);
  });

  it('when it is no sshd', async () => {
    const port = await fixture.listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const error = await refusal(fixture.at(port));
    expect(error).toMatchObject({ reason: 'refused', remedy: expect.stringContaining('is an sshd') });
  });

  it('when its account has no shell', async () => {
    const text = 'echo "This account is currently not available."\nexit 1';
    const server = await fixture.serve({ shell: loginShell('nologin', text) });
    expect(await refusal(fixture.at(server.port))).toMatchObject({
      reason: 'shell',
      message: 'the login shell does not start sh (exit code 1): This account is currently not available.',
    });
  });

  it('when what its sh writes to standard error does not arrive there', async () => {
    const server = await fixture.serve({ shell: loginShell('merged', '/bin/sh "$@" 2>&1 </dev/null') });
    expect(await refusal(fixture.at(server.port))).toMatchObject({
      reason: 'shell',
      message: 'sh starts on the host, but what it writes to standard error does not arrive there',
      remedy: expect.stringContaining('ForceCommand'),
    });
  });

  it('when it has no sh', async () => {
    const server = await fixture.serve({ environment: { PATH: '/nonexistent' } });
    expect(await refusal(fixture.at(server.port))).toMatchObject({
      reason: 'shell',
      message: expect.stringMatching(/^the login shell does not start sh \(exit code 127\): .*sh: not found$/),
    });
  });
});

/** A host whose connections a proxy can break. */
async function behindProxy() {
  const server = await fixture.serve();
  const proxy = await startProxy(server.port);
  fixture.know(`[127.0.0.1]:${proxy.port} ${server.hostKey}`);
  return { proxy, machine: fixture.at(proxy.port) };
}

describe('a connection', () => {
  it('can be given up while it is made', async () => {
    const abort = new AbortController();
    const port = await fixture.listen(() => abort.abort(new Error('interrupted')));
    const machine = fixture.at(port);
    const opening = (await connectorFor([machine])).openForReading(machine, { signal: abort.signal });
    await expect(opening).rejects.toThrow('interrupted');
  });

  it('can be given up while its shell starts', async () => {
    const server = await fixture.serve({ shell: loginShell('slow', 'exec sleep 1000') });
    const machine = fixture.at(server.port);
    const abort = new AbortController();
    const opening = (await connectorFor([machine])).openForReading(machine, { signal: abort.signal });
    const refused = expect(opening).rejects.toThrow('interrupted');
    await until(() => server.traffic.commands.length > 0);
    abort.abort(new Error('interrupted'));
    await refused;
  });

  it('is made once for a session, whatever the session does', async () => {
    const server = await fixture.serve();
    const machine = fixture.at(server.port);
    const session = await (await connectorFor([machine])).openForWriting(machine);
    for (let count = 0; count < 5; count += 1) await session.run(sh`:`);
    await session.close();
    expect(server.traffic).toMatchObject({ connections: 1, commands: { length: 1 } });
  });

  it('carries twenty probes in one message', async () => {
    const server = await fixture.serve({ resolve: () => undefined });
    const machine = fixture.at(server.port);
    const session = await (await connectorFor([machine])).openForReading(machine);
    await session.observe([{ script: sh`:` }]);
    const before = server.traffic;
    const dials = [{ kind: 'tls', address: '10.0.0.1', port: 6443 } as const];
    await session.observe(Array.from({ length: 20 }, (_, index) => ({ script: sh`echo ${index}`, dials })));
    const after = server.traffic;
    expect(after.inputs - before.inputs).toBe(1);
    expect(after.forwards - before.forwards).toBe(20);
    expect(after.commands.length).toBe(before.commands.length);
    await session.close();
  });

  it('that is cut in mid-script leaves the outcome unknown, whatever the script has said', async () => {
    const server = await fixture.serve();
    const machine = fixture.at(server.port);
    const session = await (await connectorFor([machine])).openForWriting(machine);
    server.cutAfter((input) => input.includes('cut here'));
    const error = await session.run(sh`echo done # cut here`).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ reason: 'lost', message: expect.stringContaining('unknown') });
    await expect(session.observe([{ script: sh`:` }])).rejects.toMatchObject({ reason: 'lost' });
    await session.close();
  });

  it('that goes dead is noticed', async () => {
    const { proxy, machine } = await behindProxy();
    const connection = { ...NOWHERE, keepAlive: { intervalMs: 50, count: 2 } };
    const session = await (await connectorFor([machine], { connection })).openForWriting(machine);
    proxy.freeze();
    const error = await session.run(sh`:`).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reason: 'lost', message: expect.stringMatching(/lost \(no answer for 0.15 s\)/) });
    await session.close();
    await proxy.close();
  });

  it('that something on the way resets is told as that, and not as one without an answer', async () => {
    const { proxy, machine } = await behindProxy();
    const session = await (await connectorFor([machine])).openForWriting(machine);
    const marker = join(directory, 'runs');
    const running = session.run(sh`: > ${marker}; exec sleep 1000`).catch((caught: unknown) => caught);
    // A reset is read while nothing is written: to write to such a connection is another error on some systems.
    await until(() => existsSync(marker));
    proxy.reset();
    expect(await running).toMatchObject({ reason: 'lost', message: expect.stringMatching(/lost \(it was reset\)/) });
    await session.close();
    await proxy.close();
  });

  it('that goes dead while a script is to be stopped does not blame the processes of the host alone', async () => {
    const { proxy, machine } = await behindProxy();
    const session = await (await connectorFor([machine], { stopTimeoutMs: 100 })).openForWriting(machine);
    proxy.freeze();
    await expect(session.run(sh`:`, { timeoutMs: 50 })).rejects.toMatchObject({
      reason: 'timeout',
      remedy: expect.stringMatching(/^if the host still answers, /),
    });
    await session.close();
    await proxy.close();
  });

  it('that goes dead is waited for only briefly once the run is to end at once', async () => {
    const { proxy, machine } = await behindProxy();
    const session = await (await connectorFor([machine])).openForWriting(machine);
    const marker = join(directory, 'runs-on');
    const abort = new AbortController();
    const running = session.run(sh`: > ${marker}; exec sleep 1000`, { signal: abort.signal });
    const ended = expect(running).rejects.toMatchObject({ reason: 'timeout' });
    await until(() => existsSync(marker));
    proxy.freeze();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    abort.abort(new Error('interrupted'));
    vi.advanceTimersByTime(5_000);
    vi.useRealTimers();
    await ended;
    await session.close();
    await proxy.close();
  });

  it('that has gone dead unnoticed can be closed nevertheless', async () => {
    const { proxy, machine } = await behindProxy();
    const session = await (await connectorFor([machine])).openForWriting(machine);
    proxy.freeze();
    await session.close();
    await proxy.close();
  });

  it('gets past a login shell that prints 100 kB, and words like ours, before it does what it is told', async () => {
    const text = 'head -c 100000 /dev/zero\necho "kplay-0 1" >&2\nexec /bin/sh "$@"';
    const server = await fixture.serve({ shell: loginShell('talkative', text) });
    await visit(fixture.at(server.port));
  });

  it('goes on while OpenSSH exchanges keys again and again', needing('sshd'), async () => {
    const key = makeKey(directory, 'rekeyed');
    const sshd = await startSshd(directory, key, ['RekeyLimit 64K', 'LogLevel DEBUG1']);
    fixture.know(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`);
    const vars = { ansible_user: sshd.user, ansible_password: null, ansible_ssh_private_key_file: key.path };
    const machine = fixture.at(sshd.port, vars);
    const session = await (await connectorFor([machine])).openForWriting(machine);
    const limits = { maxOutputBytes: 10_000_000 };
    const script = sh`head -c 2000000 /dev/zero; head -c 300000 /dev/zero >&2; exit 5`;
    const { exitCode, stdout, stderr } = await session.run(script, limits);
    expect([exitCode, stdout.length, stderr.length]).toEqual([5, 2_000_000, 300_000]);
    const text = 'a line of text\n'.repeat(20_000);
    expect((await session.run(hereDocument(sh`cat`, text), limits)).stdout).toBe(text);
    await session.close();
    await sshd.stop();
    expect(sshd.log().split('rekeying out').length).toBeGreaterThan(20);
  });

  it(
    'is closed with the reason if sshd allows no second shell, which would end a script',
    needing('sshd'),
    async () => {
      const key = makeKey(directory, 'single');
      const sshd = await startSshd(directory, key, ['MaxSessions 1']);
      fixture.know(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`);
      const vars = { ansible_user: sshd.user, ansible_password: null, ansible_ssh_private_key_file: key.path };
      const machine = fixture.at(sshd.port, vars);
      const session = await (await connectorFor([machine], { stopTimeoutMs: 2_000 })).openForWriting(machine);
      await expect(session.run(sh`sleep 5`, { timeoutMs: 50 })).rejects.toMatchObject({
        reason: 'timeout',
        message: expect.stringMatching(/could not be stopped, .*: no program can be started on the host/),
        remedy: expect.stringContaining('MaxSessions'),
      });
      await session.close();
      await sshd.stop();
    },
  );

  it('gets past a forced command of OpenSSH that talks', needing('sshd'), async () => {
    const key = makeKey(directory, 'forced');
    const sshd = await startSshd(directory, key, [
      `ForceCommand echo hello; echo hello >&2; eval "$SSH_ORIGINAL_COMMAND"`,
    ]);
    fixture.know(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`);
    const vars = { ansible_user: sshd.user, ansible_password: null, ansible_ssh_private_key_file: key.path };
    await visit(fixture.at(sshd.port, vars));
    await sshd.stop();
  });
});

it('of this machine, too, a script that cannot be stopped is told of without SSH', async () => {
  const machine = host('here', { ansible_connection: 'local' });
  const session = await (await connectorFor([machine], { stopTimeoutMs: 0 })).openForWriting(machine);
  const error = await session.run(sh`sleep 2`, { timeoutMs: 50 }).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ reason: 'timeout', remedy: expect.not.stringContaining('ssh') });
  await session.close();
});

it('a directory can stand for the root of a host', async () => {
  const root = join(directory, "root's files");
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  mkdirSync(join(root, 'usr/bin/kubelet'), { recursive: true });
  writeFileSync(join(root, 'usr/local/bin/kubeadm'), '#!/bin/sh\necho v1.33.0\n', { mode: 0o755 });
  writeFileSync(join(root, 'usr/bin/crictl'), 'not executable', { mode: 0o644 });
  const machine = host('here', { ansible_connection: 'local', kplay_rootfs: root });
  const session = await (await connectorFor([machine])).openForWriting(machine);
  const { stdout } = await session.run(sh`"$(tool kubeadm)"
    for name in ls kubelet crictl; do tool "$name" || echo "no $name"; done
    sh -c 'echo "$R"'`);
  expect(stdout).toBe(`v1.33.0\nno ls\nno kubelet\nno crictl\n${root}\n`);
  await session.close();
});
