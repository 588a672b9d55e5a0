import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';
import keyParser from 'ssh2/lib/protocol/keyParser.js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Problems } from '../../../src/core/diagnostic.ts';
import type { Json } from '../../../src/core/json.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { SshSettings } from '../../../src/transport/settings/settings.ts';
import { KeyRing, type KeyRingOptions } from '../../../src/transport/ssh/key-ring.ts';
import { needing } from '../../support/programs.ts';
import { startAgent } from '../support/agent.ts';
import { temporaryDirectory } from '../support/hosts-under-test.ts';
import { makeKey } from '../support/keys.ts';
import { host, NOWHERE, settingsOf } from '../support/sessions.ts';

const directory = temporaryDirectory();
const plain = makeKey(directory, 'plain');
const encrypted = makeKey(directory, 'encrypted', 'ed25519', 'open sesame');
afterAll(() => rmSync(directory, { recursive: true }));

async function load(vars: Readonly<Record<string, Json>>, options: Partial<KeyRingOptions> = {}, home = NOWHERE.home) {
  const problems = new Problems();
  const settings = settingsOf(host('m1', vars), { ...NOWHERE, home });
  const ring = await KeyRing.load([settings, settings], { skipsEncrypted: false, ...options }, problems);
  const keys = settings.transport === 'ssh' ? ring.keysOf(settings).map(({ key }) => key.type) : [];
  return { keys, problems: problems.all };
}

const key = (path: string) => ({ ansible_ssh_private_key_file: path });

describe('KeyRing', () => {
  it('reads a key', async () => {
    expect(await load(key(plain.path))).toEqual({ keys: ['ssh-ed25519'], problems: [] });
  });

  it('opens an encrypted key with the passphrase of a variable', async () => {
    const vars = { ...key(encrypted.path), ansible_ssh_private_key_passphrase: 'open sesame' };
    expect(await load(vars)).toEqual({ keys: ['ssh-ed25519'], problems: [] });
  });

  it('asks for a passphrase, once for all hosts, until it is right', async () => {
    const asked: (readonly [string, number])[] = [];
    const askPassphrase = async (path: string, attempt: number) => {
      asked.push([path, attempt]);
      return new Secret(attempt === 1 ? 'wrong' : 'open sesame');
    };
    expect(await load(key(encrypted.path), { askPassphrase })).toEqual({ keys: ['ssh-ed25519'], problems: [] });
    expect(asked).toEqual([
      [encrypted.path, 1],
      [encrypted.path, 2],
    ]);
  });

  it('asks for nothing where no connection will be made', async () => {
    const askPassphrase = () => Promise.reject(new Error('asked'));
    const options = { skipsEncrypted: true, askPassphrase };
    expect(await load(key(encrypted.path), options)).toEqual({ keys: [], problems: [] });
  });

  describe('with an agent', () => {
    const agentSocket = join(directory, 'agent');
    const held = makeKey(directory, 'held');
    const locked = join(directory, 'locked');
    let agent: Awaited<ReturnType<typeof startAgent>>;

    beforeAll(async () => {
      agent = await startAgent(agentSocket, ssh2.utils.parseKey(readFileSync(held.path)) as ParsedKey);
    });
    afterAll(() => agent.close());

    const only = { ansible_ssh_extra_args: '-o IdentitiesOnly=yes' };

    async function asking(vars: Readonly<Record<string, Json>>, home?: string) {
      const asked: string[] = [];
      const askPassphrase = async (path: string) => {
        asked.push(path);
        return undefined;
      };
      return { asked, ...(await load(vars, { agentSocket, askPassphrase }, home)) };
    }

    it('leaves an encrypted key to it, if it holds that', needing('ssh-keygen'), async () => {
      copyFileSync(held.path, locked);
      execFileSync('ssh-keygen', ['-q', '-p', '-N', 'open sesame', '-f', locked]);
      expect(await asking({ ...key(locked), ...only })).toEqual({ asked: [], keys: [], problems: [] });
    });

    it.each(['PEM', 'PKCS8'])(
      'leaves one in the format %s to it by its public half',
      needing('ssh-keygen'),
      async (format) => {
        const path = join(directory, `rsa-${format}`);
        execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-m', format, '-N', 'open sesame', '-f', path]);
        const vars = { ...key(path), ...only };
        expect((await asking(vars)).asked).toEqual([path]);
        copyFileSync(`${held.path}.pub`, `${path}.pub`);
        expect((await asking(vars)).asked).toEqual([]);
      },
    );

    it('asks for the passphrase of a named key that it does not hold, which is an error if nothing else is offered', async () => {
      const message = `the private key ${encrypted.path} is encrypted, and no passphrase decrypts it`;
      const { asked, problems } = await asking({ ...key(encrypted.path), ...only });
      expect([asked, problems]).toMatchObject([[encrypted.path], [{ severity: 'error', message }]]);
      const others = await asking(key(encrypted.path));
      expect([others.asked, others.problems]).toMatchObject([
        [encrypted.path],
        [{ severity: 'warning', message: `${message}; it is not used` }],
      ]);
    });

    it('gets no default key named for a jump host, behind the named one, that it does not hold', async () => {
      const home = temporaryDirectory();
      mkdirSync(join(home, '.ssh'));
      copyFileSync(encrypted.path, join(home, '.ssh', 'id_ed25519'));
      copyFileSync(`${plain.path}.pub`, join(home, '.ssh', 'id_ecdsa.pub'));
      copyFileSync(`${held.path}.pub`, join(home, '.ssh', 'id_rsa.pub'));
      const vars = { ...key(plain.path), ...only, ansible_ssh_common_args: '-J gate' };
      const settings = settingsOf(host('m1', vars), { ...NOWHERE, home }) as SshSettings;
      const problems = new Problems();
      const ring = await KeyRing.load([settings], { skipsEncrypted: false, agentSocket }, problems);
      const parsed = ssh2.utils.parseKey(held.publicKey) as ParsedKey;
      expect(ring.keysForAgent({ identities: settings.jumpIdentities })).toEqual([parsed.getPublicSSH()]);
      expect(problems.all).toEqual([]);
      rmSync(home, { recursive: true });
    });

    it('is enough for a default key that a host for which IdentitiesOnly is set tries at a jump host', async () => {
      const home = temporaryDirectory();
      mkdirSync(join(home, '.ssh'));
      copyFileSync(encrypted.path, join(home, '.ssh', 'id_ed25519'));
      const behind = host('m1', { ...key(plain.path), ...only, ansible_ssh_common_args: '-J gate' });
      const settings = [behind, host('m2', {})].map((machine) => settingsOf(machine, { ...NOWHERE, home }));
      const askPassphrase = () => Promise.reject(new Error('asked'));
      const problems = new Problems();
      await KeyRing.load(settings, { skipsEncrypted: false, agentSocket, askPassphrase }, problems);
      expect(problems.all).toEqual([]);
      rmSync(home, { recursive: true });
    });

    it('asks for that of a default key only if no other key is offered', async () => {
      const home = temporaryDirectory();
      mkdirSync(join(home, '.ssh'));
      const path = join(home, '.ssh', 'id_ed25519');
      copyFileSync(encrypted.path, path);
      expect(await asking({}, home)).toEqual({ asked: [], keys: [], problems: [] });
      const { asked, problems } = await asking(only, home);
      expect([asked, problems]).toMatchObject([[path], [{ severity: 'warning' }]]);
      rmSync(home, { recursive: true });
    });
  });

  it('takes a key whose mode is open when another user owns it, as ssh does', async () => {
    const path = join(directory, 'shared');
    makeKey(directory, 'shared');
    chmodSync(path, 0o640);
    expect((await load(key(path), { uid: 99_999 })).keys).toEqual(['ssh-ed25519']);
  });

  it('needs a key that a host names, although it is a default of the host before', async () => {
    const home = temporaryDirectory();
    const options = { ...NOWHERE, home };
    const missing = join(home, '.ssh', 'id_rsa');
    const problems = new Problems();
    const settings = [host('m1'), host('m2', key(missing))].map((machine) => settingsOf(machine, options));
    await KeyRing.load(settings, { skipsEncrypted: false }, problems);
    expect(problems.all).toMatchObject([{ severity: 'error', message: `there is no private key ${missing}` }]);
    rmSync(home, { recursive: true });
  });

  it('asks for no passphrase of a default key that is only tried at a jump host, behind the named one', async () => {
    const home = temporaryDirectory();
    mkdirSync(join(home, '.ssh'));
    copyFileSync(encrypted.path, join(home, '.ssh', 'id_ed25519'));
    const askPassphrase = () => Promise.reject(new Error('asked'));
    const vars = { ansible_ssh_common_args: '-J gate', ...key(plain.path) };
    expect(await load(vars, { askPassphrase }, home)).toEqual({ keys: ['ssh-ed25519'], problems: [] });
    await expect(load({ ansible_ssh_common_args: '-J gate' }, { askPassphrase }, home)).rejects.toThrow('asked');
    rmSync(home, { recursive: true });
  });

  it('asks for the passphrase of a default key that another host, with a passphrase for its own, tries at a jump host', async () => {
    const home = temporaryDirectory();
    mkdirSync(join(home, '.ssh'));
    copyFileSync(encrypted.path, join(home, '.ssh', 'id_ed25519'));
    const named = { ...key(plain.path), ansible_ssh_private_key_passphrase: 'of its own' };
    const behind = host('m1', { ...named, ansible_ssh_common_args: '-J gate' });
    const usual = host('m2', {});
    for (const hosts of [
      [behind, usual],
      [usual, behind],
    ]) {
      const problems = new Problems();
      const settings = hosts.map((machine) => settingsOf(machine, { ...NOWHERE, home }));
      const askPassphrase = async () => new Secret('open sesame');
      const ring = await KeyRing.load(settings, { skipsEncrypted: false, askPassphrase }, problems);
      expect(problems.all).toEqual([]);
      expect(ring.keysOf(settings[hosts.indexOf(usual)] as SshSettings)).toHaveLength(1);
    }
    rmSync(home, { recursive: true });
  });

  it('opens a default key that is only tried at a jump host with the passphrase of the named one, if that is its own', async () => {
    const home = temporaryDirectory();
    mkdirSync(join(home, '.ssh'));
    copyFileSync(encrypted.path, join(home, '.ssh', 'id_ed25519'));
    const named = { ...key(plain.path), ansible_ssh_private_key_passphrase: 'open sesame' };
    const settings = settingsOf(host('m1', { ...named, ansible_ssh_common_args: '-J gate' }), { ...NOWHERE, home });
    if (settings.transport !== 'ssh') throw new Error('no ssh');
    const problems = new Problems();
    const ring = await KeyRing.load([settings], { skipsEncrypted: false }, problems);
    expect(problems.all).toEqual([]);
    expect(ring.keysOf({ identities: settings.jumpIdentities })).toHaveLength(2);
    rmSync(home, { recursive: true });
  });

  it('tries a passphrase that a whole fleet has once: each attempt takes long', async () => {
    const home = temporaryDirectory();
    mkdirSync(join(home, '.ssh'));
    copyFileSync(encrypted.path, join(home, '.ssh', 'id_ed25519'));
    const vars = {
      ...key(plain.path),
      ansible_ssh_private_key_passphrase: 'of the fleet',
      ansible_ssh_common_args: '-J gate',
    };
    const parse = vi.spyOn(keyParser, 'parseKey');
    onTestFinished(() => parse.mockRestore());
    const settings = Array.from({ length: 30 }, (_, index) =>
      settingsOf(host(`m${index}`, vars), { ...NOWHERE, home }),
    );
    await KeyRing.load(settings, { skipsEncrypted: false }, new Problems());
    expect(parse.mock.calls.filter(([, passphrase]) => passphrase === 'of the fleet')).toHaveLength(1);
    rmSync(home, { recursive: true });
  });

  it('asks for the passphrase of a default key that the one of the variable does not open', async () => {
    const home = temporaryDirectory();
    mkdirSync(join(home, '.ssh'));
    copyFileSync(encrypted.path, join(home, '.ssh', 'id_ed25519'));
    const askPassphrase = async () => new Secret('open sesame');
    const vars = { ansible_ssh_private_key_passphrase: 'another' };
    expect(await load(vars, { askPassphrase }, home)).toEqual({ keys: ['ssh-ed25519'], problems: [] });
    rmSync(home, { recursive: true });
  });

  it('says nothing of default keys that cannot be used and are only tried at a jump host, behind the named one', async () => {
    const home = temporaryDirectory();
    mkdirSync(join(home, '.ssh'));
    const open = makeKey(join(home, '.ssh'), 'id_ed25519');
    chmodSync(open.path, 0o644);
    writeFileSync(join(home, '.ssh', 'id_rsa'), 'not a key\n', { mode: 0o600 });
    const jump = { ansible_ssh_common_args: '-J gate' };
    expect((await load({ ...jump, ...key(plain.path) }, {}, home)).problems).toEqual([]);
    expect((await load(jump, {}, home)).problems).toHaveLength(2);
    rmSync(home, { recursive: true });
  });

  it('opens a key with the passphrase of whichever host has one, in any order of the hosts', async () => {
    const vars = key(encrypted.path);
    const [without, having] = [
      host('m1', vars),
      host('m2', { ...vars, ansible_ssh_private_key_passphrase: 'open sesame' }),
    ];
    for (const hosts of [
      [without, having],
      [having, without],
    ]) {
      const problems = new Problems();
      const settings = hosts.map((machine) => settingsOf(machine));
      const ring = await KeyRing.load(settings, { skipsEncrypted: false }, problems);
      expect(problems.all).toEqual([]);
      expect(settings.map((each) => each.transport === 'ssh' && ring.keysOf(each).length)).toEqual([1, 1]);
    }
  });

  it('needs no default key', async () => {
    expect(await load({})).toEqual({ keys: [], problems: [] });
  });

  it('leaves default keys out that cannot be used, and says so', async () => {
    const home = temporaryDirectory();
    symlinkSync(directory, join(home, '.ssh'));
    const open = makeKey(directory, 'id_ed25519');
    chmodSync(open.path, 0o644);
    makeKey(directory, 'id_rsa', 'rsa');
    const { keys, problems } = await load({}, {}, home);
    expect(keys).toEqual(['ssh-rsa']);
    expect(problems).toMatchObject([{ severity: 'warning', message: expect.stringContaining('it is not used') }]);
    rmSync(home, { recursive: true });
  });

  const open = makeKey(directory, 'open');
  chmodSync(open.path, 0o644);
  const nonsense = join(directory, 'nonsense');
  writeFileSync(nonsense, 'not a key\n', { mode: 0o600 });
  const publicHalf = `${plain.path}.pub`;
  chmodSync(publicHalf, 0o600);
  const onToken = join(directory, 'id_ed25519_sk');
  writeFileSync(onToken, tokenKey(), { mode: 0o600 });
  const namesToken = `${onToken}.pub`;
  writeFileSync(namesToken, 'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t admin\n');

  it.each<[string, Record<string, Json>, RegExp, RegExp]>([
    ['is not there', key(join(directory, 'absent')), /^there is no private key/, /path/],
    ['is a directory', key(directory), /other users may read|cannot read/, /./],
    ['may be read by others', key(open.path), /^other users may read .*\(mode 0644\)/, /^chmod 600/],
    ['is no key', key(nonsense), /is not a usable private key/, /ssh-keygen/],
    ['is on a FIDO token', key(onToken), /is a key on a FIDO token, which kplay cannot use/, /name another key/],
    ['is the public half of one on a token', key(namesToken), /is a key on a FIDO token/, /name another key/],
    ['is the public half', key(publicHalf), /is a public key, and no agent holds its private half/, /private key/],
    ['is encrypted', key(encrypted.path), /is encrypted, and no passphrase decrypts it/, /ssh-add/],
    [
      'has another passphrase',
      { ...key(encrypted.path), ansible_ssh_private_key_passphrase: 'x' },
      /the passphrase does not decrypt/,
      /ansible_ssh_private_key_passphrase/,
    ],
  ])('tells where a named key %s, and what to do', async (_what, vars, message, hint) => {
    const { keys, problems } = await load(vars);
    expect(keys).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ severity: 'error', range: { file: { path: 'hosts.yml' } } });
    expect(problems[0]?.message).toMatch(message);
    expect(problems[0]?.hint).toMatch(hint);
  });

  it.each(['PEM', 'RFC4716', 'PKCS8'])(
    'sees that a key is encrypted in the format %s too',
    needing('ssh-keygen'),
    async (format) => {
      const path = join(directory, `encrypted-${format}`);
      execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-m', format, '-N', 'open sesame', '-f', path]);
      expect((await load(key(path))).problems).toMatchObject([{ message: expect.stringContaining('is encrypted') }]);
    },
  );
});

/** The beginning of what `ssh-keygen -t ed25519-sk` writes: no secret of the key is in it, but everything that tells its type. */
function tokenKey(): string {
  const text = (value: string | Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(value.length);
    return Buffer.concat([length, Buffer.from(value)]);
  };
  const half = text(Buffer.concat([text('sk-ssh-ed25519@openssh.com'), text(Buffer.alloc(32, 1)), text('ssh:')]));
  const data = [Buffer.from('openssh-key-v1\0'), text('none'), text('none'), text(''), Buffer.from([0, 0, 0, 1]), half];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.concat(data).toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
