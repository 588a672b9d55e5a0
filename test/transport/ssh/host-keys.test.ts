import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { needing } from '../../support/programs.ts';
import { Fixture, refusal, visit } from '../support/fixture.ts';
import { makeKey } from '../support/keys.ts';
import { startSshd } from '../support/real-sshd.ts';
import { connectorFor } from '../support/sessions.ts';

const fixture = new Fixture();
afterAll(() => fixture.close());

let files = 0;

/** Variables with a known_hosts file of this content; undefined: it does not exist yet. */
function knowing(content: string | undefined, more = '') {
  files += 1;
  const file = join(fixture.directory, 'ssh', `known-${files}`);
  if (content !== undefined) {
    execFileSync('mkdir', ['-p', join(fixture.directory, 'ssh')]);
    writeFileSync(file, content);
  }
  const args = `-o UserKnownHostsFile=${file} -o GlobalKnownHostsFile=none ${more}`;
  return { file, vars: { ansible_ssh_common_args: args } };
}

/** As `ssh-keygen -l` shows it. */
function fingerprintOf(publicKey: string): string {
  const digest = createHash('sha256').update(Buffer.from(publicKey.split(' ')[1] ?? '', 'base64'));
  return `SHA256:${digest.digest('base64').replace(/=+$/, '')}`;
}

const FINGERPRINTS = 'for k in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $k; done';

describe('a host key', () => {
  it('can be compared with what the command that is told prints, of several keys', needing('ssh-keygen'), async () => {
    const server = await fixture.serve();
    const { remedy = '' } = await refusal(fixture.at(server.port, knowing('').vars));
    const keys = (['ed25519', 'rsa'] as const).map((type) => makeKey(fixture.directory, `ssh_host_${type}_key`, type));
    for (const [index, { publicKey }] of keys.entries())
      writeFileSync(join(fixture.directory, `ssh_host_${index}_key.pub`), `${publicKey}\n`);
    const command = (/'(.*?)'/.exec(remedy)?.[1] ?? '').replaceAll('/etc/ssh', fixture.directory);
    const printed = execFileSync('sh', ['-c', command], { encoding: 'utf8' });
    for (const { publicKey } of keys) expect(printed).toContain(fingerprintOf(publicKey));
  });

  it('that is not known is not trusted, shown, and told how to compare and add: that one, and not what answers next', async () => {
    const server = await fixture.serve();
    const { file, vars } = knowing('');
    const error = await refusal(fixture.at(server.port, vars));
    expect(error).toMatchObject({
      reason: 'host-key',
      message: `the host key of [127.0.0.1]:${server.port} is unknown: ssh-ed25519 ${fingerprintOf(server.hostKey)}`,
      remedy: expect.stringMatching(/^compare it with what '.*' prints at the host's console; if it is the same, add/),
    });
    expect(error.remedy).toContain(FINGERPRINTS);
    expect(server.traffic.connections).toBe(1);
    expect(error.remedy).not.toContain('accept-new');
    const [, where, line] = /, add this line to (\S+): (.*)$/.exec(error.remedy ?? '') ?? [];
    expect([where, line]).toEqual([file, `[127.0.0.1]:${server.port} ${server.hostKey}`]);
    appendFileSync(file, `${line}\n`);
    await visit(fixture.at(server.port, vars));
  });

  it('that is known without the port is trusted at another one, as by ssh, unless it is known there or revoked', async () => {
    const server = await fixture.serve();
    const other = makeKey(fixture.directory, 'at-port').publicKey;
    const known = `127.0.0.1 ${server.hostKey}\n`;
    await visit(fixture.at(server.port, knowing(known).vars));
    const reasons = [`[127.0.0.1]:${server.port} ${other}\n`, `@revoked 127.0.0.1 ${server.hostKey}\n`].map(
      async (line) => (await refusal(fixture.at(server.port, knowing(known + line).vars))).message,
    );
    expect(await Promise.all(reasons)).toEqual([
      expect.stringContaining('has changed'),
      expect.stringContaining('is revoked'),
    ]);
    expect((await refusal(fixture.at(server.port, knowing(`127.0.0.1 ${other}\n`).vars))).message).toContain(
      'is unknown',
    );
  });

  it('that has changed is not trusted; both keys, the line and the remedy are told', async () => {
    const server = await fixture.serve();
    const other = makeKey(fixture.directory, 'other').publicKey;
    const name = `[127.0.0.1]:${server.port}`;
    const { file, vars } = knowing(`# first line\n${name} ${other}\n`);
    const error = await refusal(fixture.at(server.port, vars));
    expect(error).toMatchObject({
      reason: 'host-key',
      remedy: expect.stringMatching(
        /^compare it with what '.*' prints at the host's console; only if it is the same: ssh-/,
      ),
    });
    expect(error.remedy).toContain(
      `ssh-keygen -f ${file} -R '${name}', then add this line to ${file}: ${name} ${server.hostKey};`,
    );
    expect(error.remedy).not.toContain('accept-new');
    expect(error.message).toContain(fingerprintOf(server.hostKey));
    expect(error.message).toContain(`${fingerprintOf(other)} (${file}:2)`);
    expect(server.traffic.connections).toBe(1);
  });

  it('that has changed is not trusted under accept-new either, nor one of another type', async () => {
    const server = await fixture.serve();
    const name = `[127.0.0.1]:${server.port}`;
    for (const type of ['ed25519', 'ecdsa'] as const) {
      const other = makeKey(fixture.directory, `changed-${type}`, type).publicKey;
      const { file, vars } = knowing(`${name} ${other}\n`, '-o StrictHostKeyChecking=accept-new');
      expect(await refusal(fixture.at(server.port, vars))).toMatchObject({ reason: 'host-key' });
      expect(readFileSync(file, 'utf8')).toBe(`${name} ${other}\n`);
    }
  });

  it('that is revoked is not trusted, known or not', async () => {
    const server = await fixture.serve();
    const known = `[127.0.0.1]:${server.port} ${server.hostKey}\n@revoked * ${server.hostKey}\n`;
    const { file, vars } = knowing(known, '-o StrictHostKeyChecking=accept-new');
    const error = await refusal(fixture.at(server.port, vars));
    expect(error).toMatchObject({ reason: 'host-key', message: expect.stringContaining(`is revoked`) });
    expect(error.message).toContain(`${file}:2`);
  });

  // As in ssh, a name without a port is the host's at any port.
  it.each(['*,[*]:*', '127.0.0.*'])(
    'that only a certificate authority of %s vouches for cannot be checked, and that is told',
    async (names) => {
      const server = await fixture.serve();
      const { file, vars } = knowing(
        `@cert-authority ${names} ${server.hostKey}\n`,
        '-o StrictHostKeyChecking=accept-new',
      );
      const error = await refusal(fixture.at(server.port, vars));
      expect(error).toMatchObject({
        reason: 'host-key',
        message: expect.stringContaining('kplay cannot check host certificates'),
      });
      const [, where, line] = /, add this line to (\S+): (.*)$/.exec(error.remedy ?? '') ?? [];
      expect(where).toBe(file);
      appendFileSync(file, `${line}\n`);
      await visit(fixture.at(server.port, vars));
    },
  );

  it('that is new is remembered under accept-new, in a file of its own if need be', async () => {
    const server = await fixture.serve();
    const { file, vars } = knowing(undefined, '-o StrictHostKeyChecking=accept-new');
    await visit(fixture.at(server.port, vars));
    expect(readFileSync(file, 'utf8')).toBe(`[127.0.0.1]:${server.port} ${server.hostKey}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await visit(fixture.at(server.port, { ansible_ssh_common_args: `-o UserKnownHostsFile=${file}` }));
  });

  it('that is new is remembered on a line of its own, whatever the file ends with, and once', async () => {
    const [first, second] = [await fixture.serve(), await fixture.serve()];
    const { file, vars } = knowing('# no newline', '-o StrictHostKeyChecking=accept-new');
    const machines = [first, second].map((server, index) => fixture.at(server.port, vars, `machine-${index}`));
    const connector = await connectorFor(machines);
    for (const machine of [...machines, ...machines]) await (await connector.openForReading(machine)).close();
    const lines = [first, second].map(({ port, hostKey }) => `[127.0.0.1]:${port} ${hostKey}\n`);
    expect(readFileSync(file, 'utf8')).toBe(`# no newline\n${lines.join('')}`);
  });

  it.each(['/dev/null', 'none'])('is not told to be added where nothing is kept: %s', async (nowhere) => {
    const server = await fixture.serve();
    const global = join(fixture.directory, `global-${server.port}`);
    const args = `-o UserKnownHostsFile=${nowhere} -o GlobalKnownHostsFile=${global}`;
    const machine = fixture.at(server.port, { ansible_ssh_common_args: args });
    const { remedy = '' } = await refusal(machine);
    expect(remedy).toContain(`add this line to ${global}, or to a file that UserKnownHostsFile then names`);
    appendFileSync(global, `${remedy.split(': ').at(-1)}\n`);
    await visit(machine);
  });

  it.each(['/dev/null', 'none'])(
    'is accepted each time where nothing is kept, and told each time: %s',
    async (nowhere) => {
      const server = await fixture.serve();
      const args = `-o UserKnownHostsFile=${nowhere} -o GlobalKnownHostsFile=none -o StrictHostKeyChecking=accept-new`;
      const warnings: string[] = [];
      const remedies: unknown[] = [];
      const warn = (_host: string, message: string, remedy?: string): unknown =>
        warnings.push(message) && remedies.push(remedy);
      const machine = fixture.at(server.port, { ansible_ssh_common_args: args });
      for (let run = 1; run <= 2; run += 1) await visit(machine, { warn });
      expect(warnings).toHaveLength(2);
      expect(remedies[0]).toMatch(/ then add this line to a file that UserKnownHostsFile then names instead of /);
      expect(warnings[0]).toContain(
        `${fingerprintOf(server.hostKey)}) and is not remembered, as UserKnownHostsFile is ${nowhere}`,
      );
    },
  );

  it('that is another than the same name had earlier in the run is told so where nothing is kept', async () => {
    const args =
      '-o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=none -o StrictHostKeyChecking=accept-new -o HostKeyAlias=same';
    const servers = [await fixture.serve(), await fixture.serve()];
    const [first, second] = servers.map(({ port }, index) =>
      fixture.at(port, { ansible_ssh_common_args: args }, `machine-${index}`),
    );
    if (!first || !second) throw new Error('there are two');
    const connector = await connectorFor([first, second]);
    await (await connector.openForReading(first)).close();
    await expect(connector.openForReading(second)).rejects.toMatchObject({
      message: expect.stringMatching(/^the host key of same has changed, .* \(accepted earlier in this run\)$/),
      remedy: expect.stringContaining('only if it is the same: run again, or give each host a HostKeyAlias of its own'),
    });
  });

  it('that cannot be remembered is trusted nevertheless under accept-new, with a warning', async () => {
    const server = await fixture.serve();
    const args =
      '-o UserKnownHostsFile=/proc/known_hosts -o GlobalKnownHostsFile=none -o StrictHostKeyChecking=accept-new';
    const warnings: string[] = [];
    const warn = (_host: string, message: string): unknown => warnings.push(message);
    await visit(fixture.at(server.port, { ansible_ssh_common_args: args }), { warn });
    expect(warnings).toEqual([expect.stringContaining('could not be saved')]);
  });

  it('in a file that cannot be read is not known, and that is told once', async () => {
    const server = await fixture.serve();
    const { file } = knowing(`127.0.0.1 ${server.hostKey}\n`);
    const args = `-o UserKnownHostsFile=${file} -o GlobalKnownHostsFile=${fixture.directory}`;
    const machine = fixture.at(server.port, { ansible_ssh_common_args: args });
    const warnings: string[] = [];
    const warn = (_host: string, message: string): unknown => warnings.push(message);
    await visit(machine, { warn });
    expect(warnings).toEqual([`the host keys in ${fixture.directory} are not known: it is a directory`]);
  });

  it('is not checked where that is said, and that is told each time', async () => {
    const server = await fixture.serve();
    const { vars } = knowing('', '-o StrictHostKeyChecking=no');
    const warnings: (readonly [string, string])[] = [];
    const warn = (host: string, message: string): unknown => warnings.push([host, message]);
    await visit(fixture.at(server.port, vars), { warn });
    await visit(fixture.at(server.port, vars), { warn });
    const told = ['machine', expect.stringContaining(fingerprintOf(server.hostKey))];
    expect(warnings).toEqual([told, told]);
  });

  describe('that is not the known one, where the check is off,', () => {
    const other = makeKey(fixture.directory, 'known-before').publicKey;
    const client = makeKey(fixture.directory, 'of-the-user');
    const off = '-o StrictHostKeyChecking=no';
    const lines = (port: number, hostKey: string) => ({
      changed: `[127.0.0.1]:${port} ${other}\n`,
      revoked: `@revoked * ${hostKey}\n`,
    });

    it.each(['changed', 'revoked'] as const)('gives away no password, as with ssh: %s', async (what) => {
      const asked: string[] = [];
      const questions = [{ prompt: 'Password: ', answer: 'x' }];
      const server = await fixture.serve({ users: { admin: { password: 'x', questions } } });
      const { vars } = knowing(lines(server.port, server.hostKey)[what], off);
      const warn = (_host: string, message: string, remedy?: string): unknown => asked.push(`${message}; ${remedy}`);
      expect(await refusal(fixture.at(server.port, vars), { warn })).toMatchObject({
        reason: 'authentication',
        message: expect.stringMatching(
          /there was no key to try; the password was not sent, because the host key is not the known one$/,
        ),
        remedy: 'correct known_hosts as the warning about the host key says, or log in with a key',
      });
      expect(asked).toEqual([
        expect.stringMatching(new RegExp(`^the host key of .* (has|is) ${what}.* but no password is sent to it; `)),
      ]);
    });

    it('gives away no password of sudo, which a user with a key would send; without one it is let in', async () => {
      const bin = join(fixture.directory, 'asking-bin');
      mkdirSync(bin, { recursive: true });
      const sudo = `[ "$2" = -n ] && { echo 'sudo: a password is required' >&2; exit 1; }; exec "\${0%/*}/never"`;
      writeFileSync(join(bin, 'sudo'), `#!/bin/sh\n${sudo}\n`, { mode: 0o755 });
      writeFileSync(join(bin, 'id'), '#!/bin/sh\necho 1000\n', { mode: 0o755 });
      const environment = { PATH: `${bin}:${process.env['PATH']}` };
      const users = { admin: { publicKeys: [client.publicKey] } };
      const server = await fixture.serve({ users, environment });
      const { vars } = knowing(lines(server.port, server.hostKey).changed, off);
      const login = { ...vars, ansible_ssh_private_key_file: client.path };
      await visit(fixture.at(server.port, login));
      const become = { ansible_become: true, ansible_become_password: 'open sesame' };
      expect(await refusal(fixture.at(server.port, { ...login, ...become }))).toMatchObject({
        reason: 'become',
        message: expect.stringContaining('not sent, because the host key is not the known one'),
      });
    });

    it('does not keep the password from a host whose key is known, and nothing is warned of', async () => {
      const server = await fixture.serve();
      const { vars } = knowing(`[127.0.0.1]:${server.port} ${server.hostKey}\n`, off);
      const warnings: string[] = [];
      await visit(fixture.at(server.port, vars), { warn: (_host, message): unknown => warnings.push(message) });
      expect(warnings).toEqual([]);
    });
  });

  it('is looked for under its alias', async () => {
    const server = await fixture.serve();
    const { vars } = knowing(`the-real-name ${server.hostKey}\n`, '-o HostKeyAlias=the-real-name');
    await visit(fixture.at(server.port, vars));
  });

  it.each([
    ['of every host', '*'],
    ['of several', 'a?,b'],
    ['with an entry of its own in it', 'a\n*'],
  ])('is not learnt under the name %s, which whoever wrote the inventory chose', async (_what, alias) => {
    const server = await fixture.serve();
    const { file, vars } = knowing('', `-o StrictHostKeyChecking=accept-new -o "HostKeyAlias=${alias}"`);
    expect(await refusal(fixture.at(server.port, vars))).toMatchObject({
      reason: 'host-key',
      message: `'${alias}' is not the name or the address of a host`,
    });
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  it('is found under a hashed name', needing('ssh-keygen'), async () => {
    const server = await fixture.serve();
    const { file, vars } = knowing(`[127.0.0.1]:${server.port} ${server.hostKey}\n`);
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
    await visit(fixture.at(server.port, vars));
  });

  it('that the second file of the user revokes is not trusted; new ones are written to the first', async () => {
    const server = await fixture.serve();
    const home = mkdtempSync(join(fixture.directory, 'home-'));
    mkdirSync(join(home, '.ssh'));
    const second = join(home, '.ssh', 'known_hosts2');
    writeFileSync(second, `@revoked * ${server.hostKey}\n`);
    const machine = fixture.at(server.port, { ansible_ssh_common_args: '-o StrictHostKeyChecking=accept-new' });
    const connection = { localUser: 'admin', home };
    expect((await refusal(machine, { connection })).message).toContain(`is revoked`);
    writeFileSync(second, '');
    await visit(machine, { connection });
    expect(readFileSync(join(home, '.ssh', 'known_hosts'), 'utf8')).toContain(server.hostKey);
    expect(readFileSync(second, 'utf8')).toBe('');
  });

  it('of the type that is known is asked for, where the host has several', needing('sshd'), async () => {
    const client = makeKey(fixture.directory, 'client');
    const rsa = makeKey(fixture.directory, 'host_rsa', 'rsa');
    const ecdsa = makeKey(fixture.directory, 'host_ecdsa', 'ecdsa');
    const sshd = await startSshd(fixture.directory, client, [`HostKey ${rsa.path}`, `HostKey ${ecdsa.path}`]);
    for (const { publicKey } of [rsa, ecdsa]) {
      const { vars } = knowing(`[127.0.0.1]:${sshd.port} ${publicKey}\n`);
      const login = { ansible_user: sshd.user, ansible_password: null, ansible_ssh_private_key_file: client.path };
      await visit(fixture.at(sshd.port, { ...vars, ...login }));
    }
    await sshd.stop();
  });
});
