import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret, SecretMask } from '../../../src/core/secret.ts';
import { Authentication } from '../../../src/transport/ssh/authentication.ts';
import { needing } from '../../support/programs.ts';
import { startAgent } from '../support/agent.ts';
import { Fixture, refusal, visit } from '../support/fixture.ts';
import { makeKey } from '../support/keys.ts';
import { startSshd } from '../support/real-sshd.ts';
import { NOWHERE } from '../support/sessions.ts';

const fixture = new Fixture();
const { directory } = fixture;
const ed25519 = makeKey(directory, 'id_ed25519');
const ecdsa = makeKey(directory, 'id_ecdsa', 'ecdsa');
const rsa = makeKey(directory, 'id_rsa', 'rsa');
const stranger = makeKey(directory, 'stranger');
const other = makeKey(directory, 'other', 'ecdsa');
const hostKey = makeKey(directory, 'host_key');

afterAll(() => fixture.close());

/** The variables of a user who has this key and no password. */
function only({ path }: { readonly path: string }) {
  return { ansible_password: null, ansible_ssh_private_key_file: path };
}

/**
 * An sshd with `AuthenticationMethods publickey,password`, which looks at no password before it has seen this key.
 * It lets nobody in: `stages` is what it has looked at and found to be right.
 */
async function startDemanding({ publicKey }: { readonly publicKey: string }) {
  const stages: string[] = [];
  const sshd = new ssh2.Server({ hostKeys: [readFileSync(hostKey.path)] });
  sshd.on('connection', (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => {
      const isKey = context.method === 'publickey' && publicKey.includes(context.key.data.toString('base64'));
      if (stages.length > 0) {
        if (context.method === 'password') stages.push(`password ${context.password}`);
        context.reject(['password']);
      } else if (!isKey) context.reject(['publickey']);
      else if (context.signature) {
        stages.push('key');
        context.reject(['password'], true);
      } else context.accept();
    });
  });
  const port = await fixture.listen((socket) => sshd.injectSocket(socket));
  fixture.know(`[127.0.0.1]:${port} ${hostKey.publicKey}`);
  return { port, stages };
}

describe('a user is let in', () => {
  it.each([
    ['ed25519', ed25519],
    ['ecdsa', ecdsa],
    ['rsa', rsa],
  ])('with a key of type %s', async (_type, key) => {
    const server = await fixture.serve({ users: { admin: { publicKeys: [key.publicKey] } } });
    await visit(fixture.at(server.port, only(key)));
  });

  it('where a host wants a key first, and then a password, with a default key', async () => {
    const home = join(directory, 'home-of-default');
    mkdirSync(join(home, '.ssh'), { recursive: true });
    copyFileSync(ed25519.path, join(home, '.ssh', 'id_ed25519'));
    const { port, stages } = await startDemanding(ed25519);
    await refusal(fixture.at(port, { ansible_password: 'right' }), { connection: { ...NOWHERE, home } });
    expect(stages).toEqual(['key', 'password right']);
  });

  it('with the second of two keys', async () => {
    const server = await fixture.serve({ users: { admin: { publicKeys: [ed25519.publicKey] } } });
    await visit(fixture.at(server.port, { ...only(stranger), ansible_ssh_extra_args: `-i ${ed25519.path}` }));
  });

  it('with a default key', async () => {
    const home = join(directory, 'home');
    mkdirSync(join(home, '.ssh'), { recursive: true });
    copyFileSync(ecdsa.path, join(home, '.ssh', 'id_ecdsa'));
    const server = await fixture.serve({ users: { admin: { publicKeys: [ecdsa.publicKey] } } });
    await visit(fixture.at(server.port, { ansible_password: null }), { connection: { ...NOWHERE, home } });
  });

  it('with a password', async () => {
    const server = await fixture.serve({ users: { admin: { password: 'open sesame' } } });
    await visit(fixture.at(server.port, { ansible_password: 'open sesame' }));
  });

  it('with a password that the host asks for', async () => {
    const users = { admin: { questions: [{ prompt: 'Password: ', answer: 'open sesame' }] } };
    const server = await fixture.serve({ users });
    await visit(fixture.at(server.port, { ansible_password: 'open sesame' }));
  });

  it('with a named key, before the password is tried', async () => {
    const users = { admin: { publicKeys: [ed25519.publicKey], password: 'right' } };
    const server = await fixture.serve({ users });
    await visit(fixture.at(server.port, { ...only(ed25519), ansible_password: 'wrong' }));
  });
});

describe('an sshd', needing('sshd'), () => {
  it.each([
    ['ed25519', ed25519],
    ['ecdsa', ecdsa],
    ['rsa', rsa],
  ])('gets the signature with the first offer of a key of type %s', async (_type, key) => {
    const sshd = await startSshd(directory, key, ['LogLevel VERBOSE']);
    fixture.know(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`);
    await visit(fixture.at(sshd.port, { ...only(key), ansible_user: sshd.user }));
    await sshd.stop();
    expect(sshd.log()).toContain('Accepted publickey');
    expect(sshd.log()).not.toContain('Postponed publickey');
  });
});

describe('an agent', needing('ssh-agent'), () => {
  const socket = join(directory, 'agent');
  let stop: () => void;

  beforeAll(async () => {
    const daemon = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    stop = () => daemon.kill();
    await new Promise((resolve) => daemon.stdout.once('data', resolve));
    for (const { path } of [stranger, other, rsa]) {
      const add = spawn('ssh-add', ['-q', path], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
      await new Promise((resolve) => add.once('exit', resolve));
    }
  });
  afterAll(() => stop());

  it('lets a user in with one of its keys', async () => {
    const server = await fixture.serve({ users: { admin: { publicKeys: [rsa.publicKey] } } });
    await visit(fixture.at(server.port, { ansible_password: null }), { agentSocket: socket });
  });

  it.each([false, true])(
    'and a password let a user in where a host wants a key first, and then a password: named %s',
    async (isNamed) => {
      const { port, stages } = await startDemanding(rsa);
      const vars = isNamed ? { ansible_ssh_private_key_file: ed25519.path } : {};
      await refusal(fixture.at(port, { ...vars, ansible_password: 'right' }), { agentSocket: socket });
      expect(stages).toEqual(['key', 'password right']);
    },
  );

  it('that has no key for a host does not lead to a password that the host does not want', async () => {
    const sshd = new ssh2.Server({ hostKeys: [readFileSync(hostKey.path)] });
    const methods = new Set<string>();
    sshd.on('connection', (connection) => {
      connection.on('error', () => undefined);
      connection.on('authentication', (context) => {
        methods.add(context.method);
        context.reject(['publickey']);
      });
    });
    const port = await fixture.listen((socket) => sshd.injectSocket(socket));
    fixture.know(`[127.0.0.1]:${port} ${hostKey.publicKey}`);
    const machine = fixture.at(port, { ansible_ssh_private_key_file: ed25519.path });
    const error = await refusal(machine, { agentSocket: socket });
    expect([...methods]).toEqual(['publickey']);
    expect(error.message).toMatch(/the keys of the agent; it accepts publickey$/);
    expect(error.remedy).not.toContain('password');
  });

  it('is not asked when IdentitiesOnly says so', async () => {
    const server = await fixture.serve({ users: { admin: { publicKeys: [rsa.publicKey] } } });
    const vars = { ...only(ed25519), ansible_ssh_extra_args: '-o IdentitiesOnly=yes' };
    const error = await refusal(fixture.at(server.port, vars), { agentSocket: socket });
    expect(error.message).not.toContain('agent');
  });

  describe(
    'offers only the keys that are named where IdentitiesOnly says so, as with ssh:',
    needing('ssh', 'sshd'),
    () => {
      const kept = join(directory, 'kept');
      const absent = join(directory, 'absent');
      const unknown = makeKey(directory, 'unknown', 'ed25519', 'open sesame');
      let sshd: Awaited<ReturnType<typeof startSshd>>;

      beforeAll(async () => {
        copyFileSync(rsa.path, kept);
        execFileSync('ssh-keygen', ['-q', '-p', '-N', 'open sesame', '-f', kept]);
        copyFileSync(`${rsa.path}.pub`, `${absent}.pub`);
        // An agent's other keys would use up the attempts.
        sshd = await startSshd(directory, rsa, ['MaxAuthTries 2']);
        fixture.know(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`);
      });
      afterAll(() => sshd.stop());

      /** Whether ssh, too, is let in. It cannot ask. */
      function ssh(key: string): boolean {
        const options = ['IdentitiesOnly=yes', `IdentityFile=${key}`, `UserKnownHostsFile=${fixture.known}`];
        const words = ['BatchMode=yes', 'GlobalKnownHostsFile=none', ...options].flatMap((option) => ['-o', option]);
        const env = { ...process.env, SSH_AUTH_SOCK: socket };
        try {
          execFileSync('ssh', ['-F', 'none', ...words, '-p', String(sshd.port), '127.0.0.1', ':'], {
            env,
            stdio: 'ignore',
          });
          return true;
        } catch {
          return false;
        }
      }

      const named = (path: string) => ({
        ...only({ path }),
        ansible_user: sshd.user,
        ansible_ssh_extra_args: '-o IdentitiesOnly=yes',
      });

      it.each([
        ['one whose file is encrypted', kept],
        ['one with the public half in its file', `${rsa.path}.pub`],
        ['one with nothing but a public half beside it', absent],
      ])('%s', async (_what, path) => {
        expect(ssh(path)).toBe(true);
        await visit(fixture.at(sshd.port, named(path)), { agentSocket: socket });
      });

      it('also of the default ones', async () => {
        const home = join(directory, 'home-with-locked-key');
        mkdirSync(join(home, '.ssh'), { recursive: true });
        copyFileSync(kept, join(home, '.ssh', 'id_rsa'));
        const vars = { ...named(''), ansible_ssh_private_key_file: null };
        await visit(fixture.at(sshd.port, vars), { agentSocket: socket, connection: { ...NOWHERE, home } });
      });

      it('and the named one first where it does not', async () => {
        const vars = { ...only({ path: kept }), ansible_user: sshd.user };
        await visit(fixture.at(sshd.port, vars), { agentSocket: socket });
      });

      it('none, if it holds none of them', async () => {
        expect(ssh(unknown.path)).toBe(false);
        const halved = `${unknown.path}.pub`;
        const login = (path: string) => visit(fixture.at(sshd.port, named(path)), { agentSocket: socket });
        await expect(login(unknown.path)).rejects.toThrow(/unknown is encrypted, and no passphrase decrypts it/);
        await expect(login(halved)).rejects.toThrow(`${halved} is a public key, and no agent holds its private half`);
      });
    },
  );

  it('that cannot be reached does not keep other credentials from being tried', async () => {
    const server = await fixture.serve({ users: { admin: { publicKeys: [rsa.publicKey] } } });
    const home = join(directory, 'home-without-agent');
    mkdirSync(join(home, '.ssh'), { recursive: true });
    copyFileSync(rsa.path, join(home, '.ssh', 'id_rsa'));
    const options = { agentSocket: join(directory, 'no-agent'), connection: { ...NOWHERE, home } };
    await visit(fixture.at(server.port, { ansible_password: null }), options);
  });
});

describe('a user is not let in', () => {
  it('and told what was tried and what would do, after one connection', async () => {
    const server = await fixture.serve({ users: { admin: { publicKeys: [ed25519.publicKey] } } });
    const error = await refusal(fixture.at(server.port, { ansible_ssh_private_key_file: stranger.path }));
    expect(error).toMatchObject({
      reason: 'authentication',
      message: `127.0.0.1 rejects the login of user admin: tried key ${stranger.path} (ssh-ed25519); it accepts publickey`,
      remedy: expect.stringContaining('authorized_keys'),
    });
    expect(server.traffic.connections).toBe(1);
  });

  it(
    'with a key alone where only its certificate would do, and is told so',
    needing('sshd', 'ssh-keygen'),
    async () => {
      const { path } = makeKey(directory, 'certified');
      const authority = makeKey(directory, 'authority');
      execFileSync('ssh-keygen', ['-q', '-s', authority.path, '-I', 'me', '-n', userInfo().username, `${path}.pub`]);
      const sshd = await startSshd(directory, stranger, [`TrustedUserCAKeys ${authority.path}.pub`]);
      fixture.know(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`);
      const error = await refusal(fixture.at(sshd.port, { ...only({ path }), ansible_user: sshd.user }));
      expect(error).toMatchObject({
        message: expect.stringContaining(`key ${path} (ssh-ed25519) without its certificate, which kplay cannot use;`),
        remedy: expect.stringContaining('authorized_keys'),
      });
      await sshd.stop();
    },
  );

  it('when only a password would do', async () => {
    const server = await fixture.serve();
    const error = await refusal(fixture.at(server.port, only(stranger)));
    expect(error).toMatchObject({ reason: 'authentication', remedy: 'provide a password: ansible_password, or -k' });
  });

  it('with a wrong password, which is never shown', async () => {
    const users = { admin: { password: 'right', questions: [{ prompt: 'Password: ', answer: 'right' }] } };
    const server = await fixture.serve({ users });
    const error = await refusal(fixture.at(server.port, { ansible_password: 'wrong-secret' }));
    expect(error.reason).toBe('authentication');
    expect(error.message).toContain('tried the password, the password, asked for by the host');
    expect(error.message).not.toContain('wrong-secret');
    expect(error.remedy).toBe('check ansible_user and the password: ansible_password, or -k');
  });

  it('with a key and a password that are both wrong', async () => {
    const server = await fixture.serve({ users: { admin: { publicKeys: [ed25519.publicKey], password: 'right' } } });
    const error = await refusal(fixture.at(server.port, { ...only(stranger), ansible_password: 'wrong' }));
    expect(error.remedy).toMatch(/^check ansible_user, the password .*authorized_keys/);
  });

  it('when the host has no such user, or lets him log in with nothing', async () => {
    const server = await fixture.serve();
    const error = await refusal(fixture.at(server.port, { ...only(stranger), ansible_user: 'nobody' }));
    expect(error).toMatchObject({
      message: `127.0.0.1 rejects the login of user nobody: tried key ${stranger.path} (ssh-ed25519); it accepts nothing of this user`,
      remedy: 'check ansible_user, and on the host whether sshd lets this user log in with a key',
    });
  });

  it('where the key is right and the account is not, for the reason that the host gives', async () => {
    const sshd = new ssh2.Server({
      hostKeys: [readFileSync(hostKey.path)],
      banner: 'Authorized use only.\r\n\r\nYour account has expired; ask the administrator.\r\n',
    });
    const port = await fixture.listen((socket) => sshd.injectSocket(socket));
    // As sshd does where PAM says no: it closes the connection instead of an answer.
    sshd.on('connection', (connection) => {
      connection.on('error', () => undefined);
      connection.on('authentication', (context) => {
        if (context.method === 'publickey' && !context.signature) context.accept();
        else connection.end();
      });
    });
    fixture.know(`[127.0.0.1]:${port} ${hostKey.publicKey}`);
    const error = await refusal(fixture.at(port, only(ed25519)));
    expect(error).toMatchObject({
      reason: 'authentication',
      message: expect.stringMatching(
        /rejects the login .*; it said: Your account has expired; ask the administrator\.$/,
      ),
      remedy: expect.stringMatching(/^check the account on the host: it may have expired/),
    });
  });

  describe('when the host ends the login before the right one of many keys,', () => {
    const many = Array.from({ length: 8 }, (_, index) => makeKey(directory, `of-many-${index}`));
    const agentSocket = join(directory, 'agent-with-many');
    let agent: Awaited<ReturnType<typeof startAgent>>;
    beforeAll(async () => {
      const keys = many.map(({ path }) => ssh2.utils.parseKey(readFileSync(path)) as ParsedKey);
      agent = await startAgent(agentSocket, keys);
    });
    afterAll(() => agent.close());

    const NAME_IT = /name the right key \(ansible_ssh_private_key_file .* IdentitiesOnly=yes: .* \(MaxAuthTries\)$/;

    it('is told how many there were, and how to offer fewer, as by OpenSSH', needing('sshd'), async () => {
      const last = many.at(-1) as (typeof many)[number];
      const sshd = await startSshd(directory, last);
      fixture.know(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`);
      const vars = { ansible_password: null, ansible_user: sshd.user };
      const error = await refusal(fixture.at(sshd.port, vars), { agentSocket });
      expect(error.message).toMatch(/while it was offered 8 keys; it said: Too many authentication failures$/);
      expect(error.remedy).toMatch(NAME_IT);
      await visit(fixture.at(sshd.port, { ...vars, ...only(last) }), { agentSocket });
      await sshd.stop();
    });

    it('is told to check the password where one was tried before them, or last', needing('sshd'), async () => {
      const sshd = await startSshd(directory, stranger, ['PasswordAuthentication yes', 'MaxAuthTries 3']);
      fixture.know(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`);
      const vars = { ansible_password: 'wrong', ansible_user: sshd.user };
      const before = await refusal(fixture.at(sshd.port, vars), { agentSocket });
      expect(before.message).toMatch(/tried the password, .* while it was offered 8 keys; it said: Too many/);
      expect(before.remedy).toMatch(/^check the password \(ansible_password, or -k\), or name the right key /);
      const [one, two] = many.map(({ path }) => `-o IdentityFile=${path}`);
      const last = await refusal(fixture.at(sshd.port, { ...vars, ansible_ssh_extra_args: `${one} ${two}` }));
      expect(last.message).toMatch(/of-many-1 \(ssh-ed25519\), the password; it accepts [^;]*; it said: Too many/);
      expect(last.remedy).toMatch(/^check ansible_user, the password /);
      await sshd.stop();
    });

    it('is told so also where the host says nothing, which may be a matter of the account', async () => {
      const sshd = new ssh2.Server({ hostKeys: [readFileSync(hostKey.path)] });
      sshd.on('connection', (connection) => {
        let attempts = 0;
        connection.on('error', () => undefined);
        connection.on('authentication', (context) => {
          attempts += 1;
          if (attempts < 6) context.reject(['publickey']);
          else connection.end();
        });
      });
      const port = await fixture.listen((socket) => sshd.injectSocket(socket));
      fixture.know(`[127.0.0.1]:${port} ${hostKey.publicKey}`);
      const error = await refusal(fixture.at(port, { ansible_password: null }), { agentSocket });
      expect(error.message).toMatch(/; it ended the login while it was offered 8 keys$/);
      expect(error.remedy).toMatch(
        /^check the account on the host: .*; if it says that there were too many attempts, name/,
      );
      expect(error.remedy).toMatch(NAME_IT);
    });
  });

  it('with a reason that is cut where it is too long, so that the mask knows a secret that is cut', () => {
    const credentials = { keys: [], password: undefined, agent: undefined, keysAreDefaults: true, sha1: false };
    const authentication = new Authentication('admin', credentials);
    const mask = new SecretMask();
    mask.add(new Secret('correct horse battery staple'));
    const line = `${'a'.repeat(290)} correct horse battery staple ${'b'.repeat(285)}`;
    authentication.hear(`Authorized use only.\r\n${line}\r\n\r\n`);
    expect(mask.apply(authentication.said)).toBe(`${'a'.repeat(290)} ***…`);
  });

  it('when there is nothing to try', async () => {
    const server = await fixture.serve();
    const error = await refusal(fixture.at(server.port, { ansible_password: null }));
    expect(error).toMatchObject({ reason: 'authentication', remedy: expect.stringContaining('name a key') });
  });
});
