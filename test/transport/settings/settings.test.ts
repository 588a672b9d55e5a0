import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { Problems } from '../../../src/core/diagnostic.ts';
import type { Json } from '../../../src/core/json.ts';
import { Secret } from '../../../src/core/secret.ts';
import { rangeOfArgument, SourceFile } from '../../../src/core/source.ts';
import { type OfferedAlgorithms, SAFE_ALGORITHMS } from '../../../src/transport/settings/algorithms.ts';
import { connectionSettings } from '../../../src/transport/settings/connection-settings.ts';
import type { ConnectionOptions, HostKeySettings, SshSettings } from '../../../src/transport/settings/settings.ts';
import { SettingsReader } from '../../../src/transport/settings/settings-reader.ts';
import { needing } from '../../support/programs.ts';
import { host, located } from '../support/sessions.ts';

const OPTIONS: ConnectionOptions = { localUser: 'ops', home: '/home/ops' };

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => ({
  path: `/home/ops/.ssh/${name}`,
  isDefault: true,
}));
const STRICT: HostKeySettings = {
  mode: 'strict',
  alias: undefined,
  userFiles: ['/home/ops/.ssh/known_hosts', '/home/ops/.ssh/known_hosts2'],
  globalFiles: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
};

function interpret(vars: Readonly<Record<string, Json>>, options: Partial<ConnectionOptions> = {}, name = 'm1') {
  const problems = new Problems();
  const settings = connectionSettings(host(name), located(vars), { ...OPTIONS, ...options }, problems);
  return { settings, problems: problems.all };
}

function ssh(vars: Readonly<Record<string, Json>>, options: Partial<ConnectionOptions> = {}, name = 'm1'): SshSettings {
  const { settings, problems } = interpret(vars, options, name);
  expect(problems).toEqual([]);
  if (settings.transport !== 'ssh') throw new Error('not ssh');
  return settings;
}

/** Arguments of the command line. */
function given(value: string) {
  return { value, range: new SourceFile('--ssh-common-args', value).range(0, value.length) };
}

function args(text: string): SshSettings {
  return ssh({ ansible_ssh_common_args: text });
}

describe('connectionSettings', () => {
  it('needs no variables', () => {
    expect(ssh({})).toEqual({
      host: 'm1',
      transport: 'ssh',
      become: undefined,
      rootfs: '',
      target: { address: 'm1', port: 22, user: 'ops' },
      jumps: [],
      password: undefined,
      identities: DEFAULT_KEYS,
      passphrase: undefined,
      identitiesOnly: false,
      algorithms: SAFE_ALGORITHMS,
      hostKeys: STRICT,
      jumpIdentities: DEFAULT_KEYS,
      jumpHostKeys: STRICT,
      connectTimeoutMs: 30_000,
      keepAlive: { intervalMs: 15_000, count: 3 },
    });
  });

  it('gives jump hosts keys of their own, those of the target, and the default ones', () => {
    const vars = { ansible_ssh_private_key_file: '/k', kplay_jump_private_key_file: '~/gate "/second key"' };
    const { identities, jumpIdentities } = ssh({ ...vars, ansible_ssh_common_args: '-J gate' });
    expect(identities).toMatchObject([{ path: '/k', isDefault: false }]);
    expect(jumpIdentities).toMatchObject([
      { path: '/home/ops/gate', isDefault: false, range: { file: { path: 'hosts.yml' } } },
      { path: '/second key', isDefault: false },
      { path: '/k', isDefault: false },
      ...DEFAULT_KEYS,
    ]);
    const usual = ssh({ ansible_ssh_private_key_file: '~/.ssh/id_rsa' }).jumpIdentities;
    expect(usual.map(({ path, isDefault }) => [path, isDefault])).toEqual([
      ['/home/ops/.ssh/id_rsa', false],
      ['/home/ops/.ssh/id_ed25519', true],
      ['/home/ops/.ssh/id_ecdsa', true],
    ]);
    const same = ssh({ ansible_ssh_private_key_file: '/k', kplay_jump_private_key_file: '/k' }).jumpIdentities;
    expect(same.map(({ path }) => path)).toEqual(['/k', ...DEFAULT_KEYS.map(({ path }) => path)]);
    expect(ssh({ kplay_jump_private_key_file: '/gate' }).identities).toEqual(DEFAULT_KEYS);
  });

  it('relaxes the check of the keys of jump hosts for no option of the target, as ssh, but for that of kplay', () => {
    const options = '-o StrictHostKeyChecking=accept-new -o HostKeyAlias=real';
    const files = '-o UserKnownHostsFile=/known -o GlobalKnownHostsFile=none';
    expect(args(options).jumpHostKeys).toEqual(STRICT);
    expect(args(files).jumpHostKeys).toEqual({ ...STRICT, userFiles: ['/known', ...STRICT.userFiles] });
    expect(ssh({}, { hostKeys: 'accept-new' }).jumpHostKeys).toEqual({ ...STRICT, mode: 'accept-new' });
  });

  it.each<[string, Record<string, Json>, Partial<ConnectionOptions>, Partial<SshSettings>]>([
    [
      'address and port',
      { ansible_host: '10.0.0.1', ansible_port: 2222 },
      {},
      { target: { address: '10.0.0.1', port: 2222, user: 'ops' } },
    ],
    ['a port that is a text', { ansible_port: '2222' }, {}, { target: { address: 'm1', port: 2222, user: 'ops' } }],
    [
      'old names',
      { ansible_ssh_host: 'h', ansible_ssh_port: 1, ansible_ssh_user: 'u' },
      {},
      { target: { address: 'h', port: 1, user: 'u' } },
    ],
    [
      'a user that looks like a number',
      { ansible_user: 1000 },
      {},
      { target: { address: 'm1', port: 22, user: '1000' } },
    ],
    ['-u where no variable says otherwise', {}, { user: 'cli' }, { target: { address: 'm1', port: 22, user: 'cli' } }],
    [
      'a variable over -u, as in Ansible',
      { ansible_user: 'var' },
      { user: 'cli' },
      { target: { address: 'm1', port: 22, user: 'var' } },
    ],
    [
      '-u over -l in arguments, as in Ansible',
      { ansible_ssh_common_args: '-l args' },
      { user: 'cli' },
      { target: { address: 'm1', port: 22, user: 'cli' } },
    ],
    [
      'null as not set',
      { ansible_user: null, ansible_port: null },
      {},
      { target: { address: 'm1', port: 22, user: 'ops' } },
    ],
    [
      'a key with tokens, which Ansible leaves to ssh',
      { ansible_host: '10.0.0.1', ansible_ssh_private_key_file: '~/%n-%h' },
      {},
      { identities: [{ path: '/home/ops/m1-10.0.0.1', isDefault: false }] },
    ],
    [
      'the key of the command line',
      {},
      { privateKeyFile: { value: '~/k', range: rangeOfArgument('--private-key', '~/k') } },
      { identities: [{ path: '/home/ops/k', range: rangeOfArgument('--private-key', '~/k'), isDefault: false }] },
    ],
    ['a root directory', { kplay_rootfs: '/srv/host/' }, {}, { rootfs: '/srv/host' }],
    [
      'timings of the command line over those of arguments',
      { ansible_ssh_common_args: '-o ConnectTimeout=5' },
      { connectTimeoutMs: 7_000 },
      { connectTimeoutMs: 7_000 },
    ],
    [
      'the check of host keys of the command line over that of arguments',
      { ansible_ssh_common_args: '-o StrictHostKeyChecking=yes -o UserKnownHostsFile=/k' },
      { hostKeys: 'accept-new' },
      {
        hostKeys: {
          mode: 'accept-new',
          alias: undefined,
          userFiles: ['/k'],
          globalFiles: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
        },
      },
    ],
  ])('takes %s', (_what, vars, options, expected) => {
    expect(ssh(vars, options)).toMatchObject(expected);
  });

  it('prefers the key of a variable to that of the command line, and remembers where it is named', () => {
    const { identities } = ssh(
      { ansible_ssh_private_key_file: '/var/key' },
      { privateKeyFile: { value: '/cli/key', range: rangeOfArgument('--private-key', '/cli/key') } },
    );
    expect(identities).toMatchObject([{ path: '/var/key', isDefault: false, range: { file: { path: 'hosts.yml' } } }]);
  });

  it('never shows passwords', () => {
    const vars = { ansible_password: 'login!', ansible_become: true, ansible_become_password: 'root!' };
    const settings = ssh(vars, { password: new Secret('other') });
    expect(settings.password?.reveal()).toBe('login!');
    expect(settings.become?.password?.reveal()).toBe('root!');
    expect(JSON.stringify(settings)).not.toMatch(/login!|root!/);
  });

  it.each(['ansible_password', 'ansible_become_pass', 'ansible_ssh_private_key_passphrase'])(
    'takes no %s of several lines, but one with the line end of a block',
    (name) => {
      const vars = { ansible_become: true, [name]: 'open\ntouch /executed' };
      expect(interpret(vars).problems).toMatchObject([
        { severity: 'error', message: `${name} has more than one line`, hint: 'leave only the password in it' },
      ]);
      const { password, become, passphrase } = ssh({ ...vars, [name]: 'open\n' });
      const [only, ...others] = [password, become?.password, passphrase].filter((secret) => secret !== undefined);
      expect([only?.reveal(), others]).toEqual(['open', []]);
    },
  );

  it.each<[string, Json, boolean]>([
    ['yes', 'yes', true],
    ['True', 'True', true],
    ['1', 1, true],
    ['off', 'off', false],
    ['false', false, false],
  ])('takes %s for a truth value', (_what, value, expected) => {
    expect(ssh({ ansible_become: value }).become !== undefined).toBe(expected);
  });

  it('takes -b and -K where no variable says otherwise', () => {
    const options = { become: true, becomePassword: new Secret('K') };
    expect(ssh({}, options).become?.password?.reveal()).toBe('K');
    expect(ssh({ ansible_become: false }, options).become).toBeUndefined();
    expect(ssh({ ansible_sudo_pass: 'v' }, options).become?.password?.reveal()).toBe('v');
  });

  it('warns of nothing that it does not use for the controller', () => {
    const vars = { ansible_connection: 'local', ansible_ssh_common_args: '-o StrictHostKeyChecking=no' };
    expect(interpret(vars).problems).toEqual([]);
  });

  it('knows the controller', () => {
    expect(interpret({ ansible_connection: 'local', kplay_rootfs: '/r' })).toEqual({
      settings: { host: 'm1', transport: 'local', become: undefined, rootfs: '/r' },
      problems: [],
    });
  });
});

describe('arguments of ssh', () => {
  it.each<[string, Partial<SshSettings>]>([
    ['-o Port=2200 -o User=u', { target: { address: 'm1', port: 2200, user: 'u' } }],
    ['-p 2200 -lu', { target: { address: 'm1', port: 2200, user: 'u' } }],
    ['-oPort=1 -oPort=2', { target: { address: 'm1', port: 1, user: 'ops' } }],
    ['-J jump', { jumps: [{ address: 'jump', port: 22, user: 'ops' }] }],
    [
      '-o ProxyJump=a@one:2201,ssh://two,[fd00::1]:22',
      {
        jumps: [
          { address: 'one', port: 2201, user: 'a' },
          { address: 'two', port: 22, user: 'ops' },
          { address: 'fd00::1', port: 22, user: 'ops' },
        ],
      },
    ],
    [
      '-l u -p 2200 -J %r@%n.jump:22,%h-%p%%,[fe80::1%%net0]',
      {
        target: { address: 'm1', port: 2200, user: 'u' },
        jumps: [
          { address: 'm1.jump', port: 22, user: 'u' },
          { address: 'm1-2200%', port: 22, user: 'ops' },
          { address: 'fe80::1%net0', port: 22, user: 'ops' },
        ],
      },
    ],
    ['-o ProxyJump=none -J x', { jumps: [] }],
    ['-o ProxyCommand=none', { jumps: [] }],
    ['-o ConnectTimeout=5', { connectTimeoutMs: 5_000 }],
    ['-o ConnectTimeout=0', { connectTimeoutMs: 30_000 }],
    ['-o ConnectTimeout=3000000', { connectTimeoutMs: 2 ** 31 - 1 }],
    ['-o ServerAliveInterval=5w', { keepAlive: { intervalMs: 2 ** 31 - 1, count: 3 } }],
    ['-o ServerAliveInterval=60 -o ServerAliveCountMax=9', { keepAlive: { intervalMs: 60_000, count: 9 } }],
    [
      '-i ~/a -o IdentityFile=/b',
      {
        identities: [
          { path: '/home/ops/a', isDefault: false },
          { path: '/b', isDefault: false },
        ],
      },
    ],
    ['-i "/with space"', { identities: [{ path: '/with space', isDefault: false }] }],
    ["-i '/it'\\''s'", { identities: [{ path: "/it's", isDefault: false }] }],
    [
      '-l u -p 2200 -o HostKeyAlias=real -i %d/%u/%h-%n -o IdentityFile=~/%r-%k-%p%%',
      {
        identities: [
          { path: '/home/ops/ops/m1-m1', isDefault: false },
          { path: '/home/ops/u-real-2200%', isDefault: false },
        ],
      },
    ],
    [
      '-o "UserKnownHostsFile=~/%k.known /%%" -o GlobalKnownHostsFile=/%h',
      {
        hostKeys: { mode: 'strict', alias: undefined, userFiles: ['/home/ops/m1.known', '/%'], globalFiles: ['/%h'] },
      },
    ],
    ['-o IdentitiesOnly=yes', { identitiesOnly: true }],
    [
      '-o "UserKnownHostsFile=/a /b" -o GlobalKnownHostsFile=none',
      { hostKeys: { mode: 'strict', alias: undefined, userFiles: ['/a', '/b'], globalFiles: [] } },
    ],
    [
      '-o HostKeyAlias=real -o StrictHostKeyChecking=accept-new',
      {
        hostKeys: {
          mode: 'accept-new',
          alias: 'real',
          userFiles: ['/home/ops/.ssh/known_hosts', '/home/ops/.ssh/known_hosts2'],
          globalFiles: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
        },
      },
    ],
    [
      '-o stricthostkeychecking=ask',
      {
        hostKeys: {
          mode: 'strict',
          alias: undefined,
          userFiles: ['/home/ops/.ssh/known_hosts', '/home/ops/.ssh/known_hosts2'],
          globalFiles: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
        },
      },
    ],
    ['-C -q -o ControlMaster=auto -o ControlPersist=60s -o "ControlPath ~/.ansible/cp/%r"', {}],
    ['-CqTp 2200', { target: { address: 'm1', port: 2200, user: 'ops' } }],
  ])('understands %s', (text, expected) => {
    expect(args(text)).toMatchObject(expected);
  });

  it('lets the variables of hosts win, then common arguments over extra ones', () => {
    const vars = {
      ansible_port: 1,
      ansible_ssh_common_args: '-p 2 -l common',
      ansible_ssh_extra_args: '-p 3 -l extra',
    };
    expect(ssh(vars).target).toEqual({ address: 'm1', port: 1, user: 'common' });
  });
});

describe('of several arguments the same counts as with ssh', needing('ssh'), () => {
  /** How ssh tells what kplay has. */
  const TOLD: Readonly<Record<string, (settings: SshSettings) => string>> = {
    ciphers: ({ algorithms }) => algorithms.Ciphers.join(','),
    macs: ({ algorithms }) => algorithms.MACs.join(','),
    hostkeyalgorithms: ({ algorithms }) => algorithms.HostKeyAlgorithms.join(','),
    serveraliveinterval: ({ keepAlive }) => String(keepAlive.intervalMs / 1_000),
    // Without a timeout of its own, a host has that of kplay.
    connecttimeout: ({ connectTimeoutMs }) => String(connectTimeoutMs / 1_000).replace(/^30$/, '0'),
    proxyjump: ({ jumps }) => jumps.map(({ user, address }) => `${user}@${address}`).join(','),
    identityfile: ({ identities }) => identities.map(({ path }) => path).join(' ') || 'none',
  };

  it.each([
    ['ciphers', '-o Ciphers=aes256-ctr -c aes128-ctr'],
    ['ciphers', '-c aes128-ctr -o Ciphers=aes256-ctr'],
    ['ciphers', '-c aes128-ctr -c aes256-ctr'],
    ['macs', '-o MACs=hmac-sha2-256 -m hmac-sha2-512'],
    ['macs', '-m hmac-sha2-256 -m hmac-sha2-512'],
    ['hostkeyalgorithms', '-o HostKeyAlgorithms=ssh-ed25519,rsa-sha2-*'],
    ['hostkeyalgorithms', '-o HostKeyAlgorithms=rsa-sha2-???,ssh-rs*,ssh-ed25519'],
    ['serveraliveinterval', '-o ServerAliveInterval=none -o ServerAliveInterval=10'],
    ['serveraliveinterval', '-o ServerAliveInterval=0 -o ServerAliveInterval=10'],
    ['serveraliveinterval', '-o ServerAliveInterval=none'],
    ['connecttimeout', '-o ConnectTimeout=0 -o ConnectTimeout=7'],
    ['connecttimeout', '-o ConnectTimeout=none -o ConnectTimeout=7'],
    ['proxyjump', '-J a@corp.example@bastion'],
    ['proxyjump', '-J a@corp.example@bastion,x@y@z'],
    ['identityfile', '-o IdentityFile=none'],
  ])('%s: %s', (name, text) => {
    const { stdout } = spawnSync('ssh', ['-G', '-F', 'none', ...text.split(' '), 'm1'], { encoding: 'utf8' });
    const told = new RegExp(`^${name} (.*)$`, 'm').exec(stdout)?.[1] ?? '';
    // kplay knows no certificates of hosts.
    const known = told.split(',').filter((each) => !each.includes('-cert-'));
    // What a pattern stands for is in an order of their own.
    expect(TOLD[name]?.(args(text)).split(',').sort()).toEqual(known.sort());
    const [first = '', ...rest] = text.split(/ (?=-)/);
    const parted = ssh({ ansible_ssh_common_args: first, ansible_ssh_extra_args: rest.join(' ') });
    expect(TOLD[name]?.(parted)).toBe(TOLD[name]?.(args(text)));
  });

  it('no key, of which the others are left, and those of jump hosts', () => {
    expect(args('-o IdentityFile=None -o IdentityFile=/k').identities).toEqual([{ path: '/k', isDefault: false }]);
    expect(args('-o IdentityFile=none -J gate').jumpIdentities).toEqual(DEFAULT_KEYS);
  });
});

describe('ansible_ssh_args', needing('ssh'), () => {
  const own = { ansible_user: 'var', ansible_port: 1, ansible_ssh_private_key_file: '/k/var' };

  it.each([
    ['-o User=args -o Port=2 -o IdentityFile=/k/args', '-o User=common -p 3 -o IdentityFile=/k/common'],
    ['-l args', '-p 3'],
    ['', '-o User=common -p 3 -o IdentityFile=/k/common'],
  ])(
    'count before the variables of a host, and these before the other arguments, as in Ansible: %s %s',
    (before, after) => {
      // What Ansible passes to ssh, in its order.
      const words = [before, '-o Port=1 -o IdentityFile=/k/var -o User=var', after]
        .join(' ')
        .split(' ')
        .filter(Boolean);
      const { stdout } = spawnSync('ssh', ['-G', '-F', 'none', ...words, 'm1'], {
        encoding: 'utf8',
      });
      const { target, identities } = ssh(
        { ...own, ansible_ssh_args: before, ansible_ssh_common_args: after },
        { user: 'cli' },
      );
      const told = (name: string) => [...stdout.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(([, value]) => value);
      expect([[target.user], [String(target.port)]]).toEqual([told('user'), told('port')]);
      expect(identities.map(({ path }) => path)).toEqual(told('identityfile'));
    },
  );
});

it('knows hosts from the same files as ssh', needing('ssh'), () => {
  const { stdout } = spawnSync('ssh', ['-G', '-F', 'none', 'm1'], { encoding: 'utf8' });
  const { userFiles, globalFiles } = ssh({}, { home: userInfo().homedir }).hostKeys;
  expect(stdout).toContain(`\nuserknownhostsfile ${userFiles.join(' ')}\n`);
  expect(stdout).toContain(`\nglobalknownhostsfile ${globalFiles.join(' ')}\n`);
});

it.each([
  ['m1', '-o HostKeyAlias=real'],
  ['M1.Example', '-o HostKeyAlias=Real'],
  ['M1.Example', '-C'],
])('expands the tokens of identity files of %s with %s as ssh does', needing('ssh'), (name, more) => {
  const text = `-l u -p 2200 ${more} -o IdentityFile=~/%r-%k-%p%% -o IdentityFile=%d/%u/%h-%n`;
  // The command that stands for a connection ends at once: only how far ssh comes is of interest.
  const { stderr } = spawnSync('ssh', ['-v', '-F', 'none', '-o', 'ProxyCommand=false', ...text.split(' '), name, ':'], {
    encoding: 'utf8',
  });
  const tried = [...stderr.matchAll(/identity file (\S+) type/g)].flatMap(([, path]) => path ?? []);
  const options = { localUser: userInfo().username, home: userInfo().homedir };
  const { identities } = ssh({ ansible_ssh_common_args: text }, options, name);
  expect(tried.filter((path) => !path.endsWith('-cert'))).toEqual(identities.map(({ path }) => path));
});

describe('a yes or a no', needing('ssh'), () => {
  const words = ['yes', 'true', 'no', 'false', 'YES', 'True', 'off', 'ask', 'accept-new', 'on', '1', 'maybe'];
  const cases = ['IdentitiesOnly', 'StrictHostKeyChecking'].flatMap((name) => words.map((word) => ({ name, word })));

  it.each(cases)('is read as by ssh: $name=$word', ({ name, word }) => {
    const option = `${name}=${word}`;
    const { stdout } = spawnSync('ssh', ['-G', '-F', 'none', '-o', option, 'm1'], { encoding: 'utf8' });
    const told = new RegExp(`^${name} (.*)$`, 'im').exec(stdout)?.[1];
    const { settings, problems } = interpret({ ansible_ssh_common_args: `-o ${option}` });
    const isWrong = problems.some(({ severity }) => severity === 'error');
    expect(isWrong).toBe(told === undefined);
    if (isWrong || settings.transport !== 'ssh') return;
    const modes = { strict: /^(true|ask)$/, 'accept-new': /^accept-new$/, no: /^false$/ };
    if (name === 'IdentitiesOnly') expect(told).toBe(settings.identitiesOnly ? 'yes' : 'no');
    else expect(told).toMatch(modes[settings.hostKeys.mode]);
  });
});

describe('arguments of the command line', () => {
  it('count for hosts that have no such variable', () => {
    const options = { sshArguments: { ansible_ssh_common_args: given('-o Port=2 -l common') } };
    expect(ssh({}, options).target).toEqual({ address: 'm1', port: 2, user: 'common' });
    expect(ssh({ ansible_ssh_common_args: '-p 3' }, options).target.port).toBe(3);
    expect(ssh({ ansible_ssh_extra_args: '-p 3' }, options).target.port).toBe(2);
  });
});

describe('algorithms', () => {
  const offered = (args: string) => ssh({ ansible_ssh_common_args: args }).algorithms;

  it('hold none with SHA-1 or CBC unless it is asked for', () => {
    for (const kind of ['KexAlgorithms', 'HostKeyAlgorithms', 'Ciphers', 'MACs'] as const) {
      expect(SAFE_ALGORITHMS[kind].filter((name) => /sha1|cbc|^ssh-rsa$|^ssh-dss$/.test(name))).toEqual([]);
    }
  });

  it.each<[string, string, Partial<OfferedAlgorithms>]>([
    [
      'are added at the end',
      '-o HostKeyAlgorithms=+ssh-rsa',
      { HostKeyAlgorithms: [...SAFE_ALGORITHMS.HostKeyAlgorithms, 'ssh-rsa'] },
    ],
    ['are put first', '-o MACs=^hmac-sha1', { MACs: ['hmac-sha1', ...SAFE_ALGORITHMS.MACs] }],
    ['are taken away', '-o Ciphers=-aes*', { Ciphers: ['chacha20-poly1305@openssh.com'] }],
    ['are the whole list', '-c aes256-ctr,rot13', { Ciphers: ['aes256-ctr'] }],
    ['may sign for the user with SHA-1', '-o PubkeyAcceptedKeyTypes=+ssh-rsa', { sha1UserSignatures: true }],
    [
      'are of several kinds at once',
      '-o KexAlgorithms=curve25519-sha256 -m hmac-sha2-512',
      { KexAlgorithms: ['curve25519-sha256'], MACs: ['hmac-sha2-512'] },
    ],
  ])('%s', (_what, args, expected) => {
    expect(offered(args)).toEqual({ ...SAFE_ALGORITHMS, ...expected });
  });

  it('of one variable do not hide those of another', () => {
    const vars = { ansible_ssh_common_args: '-o MACs=+hmac-sha1', ansible_ssh_extra_args: '-c aes256-ctr' };
    expect(ssh(vars).algorithms).toMatchObject({
      MACs: expect.arrayContaining(['hmac-sha1']),
      Ciphers: ['aes256-ctr'],
    });
  });
});

/** What no variable of a connection may hold. */
const MALFORMED: readonly (readonly [name: string, value: Json, message: RegExp])[] = [
  ...[
    'ansible_host',
    'ansible_ssh_host',
    'ansible_user',
    'ansible_ssh_user',
    'ansible_password',
    'ansible_ssh_pass',
    'ansible_ssh_private_key_file',
    'ansible_private_key_file',
    'ansible_ssh_private_key_passphrase',
    'ansible_ssh_args',
    'ansible_ssh_common_args',
    'ansible_ssh_extra_args',
    'ansible_become_user',
    'ansible_become_method',
    'ansible_become_password',
    'ansible_become_exe',
    'ansible_become_flags',
    'kplay_jump_private_key_file',
    'kplay_rootfs',
  ].flatMap((name) =>
    [['x'], { x: 1 }, true].map((value) => [name, value, new RegExp(`^${name} must be a string`)] as const),
  ),
  ['ansible_ssh_port', [22], /^ansible_ssh_port must be a port/],
  ['ansible_become', [true], /^ansible_become must be true or false/],
  ['ansible_ssh_common_args', '-o Port=x', /^ansible_ssh_common_args: /],
];

describe('what is wrong', () => {
  it.each<[string, Record<string, Json>, 'error' | 'warning', RegExp]>([
    ['a port out of range', { ansible_port: 70_000 }, 'error', /^ansible_port must be a port/],
    [
      'a port of a local host',
      { ansible_connection: 'local', ansible_port: 99_999 },
      'error',
      /^ansible_port must be a port/,
    ],
    ...MALFORMED.flatMap(([name, value, message]): [string, Record<string, Json>, 'error', RegExp][] => [
      [`${name} of a local host`, { ansible_connection: 'local', [name]: value }, 'error', message],
      [name, { [name]: value }, 'error', message],
    ]),
    [
      'a name that another takes precedence over',
      { ansible_user: 'ops', ansible_ssh_user: ['x'] },
      'error',
      /^ansible_ssh_user must be a string/,
    ],
    ['a port that is none', { ansible_port: 'ssh' }, 'error', /^ansible_port must be a port/],
    ['an address that is a list', { ansible_host: ['a'] }, 'error', /^ansible_host must be a string/],
    ['a truth value that is none', { ansible_become: 'maybe' }, 'error', /^ansible_become must be true or false/],
    [
      'another user to become',
      { ansible_become: true, ansible_become_user: 'etcd' },
      'error',
      /^ansible_become_user 'etcd'/,
    ],
    [
      'another way to become root',
      { ansible_become: true, ansible_become_method: 'su' },
      'error',
      /^ansible_become_method 'su'/,
    ],
    [
      'options of sudo',
      { ansible_become: true, ansible_become_flags: '-E' },
      'warning',
      /^ansible_become_flags has no effect/,
    ],
    [
      'what Ansible would do and kplay does not',
      { ansible_host_key_checking: false },
      'warning',
      /^ansible_host_key_checking has no effect in kplay/,
    ],
    [
      'a variable of another connection',
      { ansible_paramiko_pty: true },
      'warning',
      /^ansible_paramiko_pty has no effect/,
    ],
    ['a slip of the pen', { ansible_usr: 'x' }, 'warning', /^nothing reads the variable ansible_usr/],
    [
      'a slip of the pen that JavaScript knows',
      { ansible_becom: 1, ansible_toString: 1 },
      'warning',
      /^nothing reads the variable ansible_becom/,
    ],
    ['another connection', { ansible_connection: 'winrm' }, 'error', /^ansible_connection 'winrm'/],
    ['a relative root directory', { kplay_rootfs: 'x' }, 'error', /^kplay_rootfs must be an absolute path/],
    [
      'a proxy command',
      { ansible_ssh_common_args: '-o ProxyCommand="ssh -W %h:%p j"' },
      'error',
      /ProxyCommand is not supported/,
    ],
    ['an open quote', { ansible_ssh_common_args: '-o "Port=1' }, 'error', /a quote is not closed/],
    ['an option without a value', { ansible_ssh_extra_args: '-i' }, 'error', /-i needs a value/],
    ['an option that says nothing', { ansible_ssh_extra_args: '-o Port' }, 'error', /must be written -o Name=Value/],
    ['a user with an @ in a URI', { ansible_ssh_extra_args: '-J ssh://a@b@c' }, 'error', /ProxyJump 'ssh:/],
    [
      'a pattern where ssh takes none',
      { ansible_ssh_args: '-c aes*-ctr,aes256-ctr' },
      'error',
      /Ciphers=aes\*-ctr,aes/,
    ],
    ['a jump that is none', { ansible_ssh_extra_args: '-J a:b' }, 'error', /ProxyJump 'a:b'/],
    ['a token that ssh refuses', { ansible_ssh_extra_args: '-J [fe80::1%eth0]' }, 'error', /'%e' in ProxyJump is not/],
    ['a token of keys that kplay does not know', { ansible_ssh_args: '-i %C' }, 'error', /'%C' in IdentityFile is not/],
    ['such a token in a variable', { ansible_private_key_file: 'a%C' }, 'error', /'%C' in IdentityFile is not/],
    ['a token of known hosts', { ansible_ssh_args: '-o UserKnownHostsFile=%C' }, 'error', /'%C' in UserKnownHostsFile/],
    ...['${HOME}/k', '~root/k', '~root', '%d/${X'].flatMap((path): [string, Record<string, Json>, 'error', RegExp][] =>
      ['IdentityFile', 'UserKnownHostsFile'].map((option) => [
        `what ssh would replace in ${option}: ${path}`,
        { ansible_ssh_args: `-o '${option}=${path}'` },
        'error',
        new RegExp(`'(?:~root|\\$\\{\\w+\\}?)' in ${option} is not supported`),
      ]),
    ),
    ['such a path in a variable', { ansible_private_key_file: '~root/k' }, 'error', /'~root' in IdentityFile is not/],
    [
      'the home directory of a user in the second of two files',
      { ansible_ssh_args: '-o "UserKnownHostsFile=/a ~root/b"' },
      'error',
      /'~root' in UserKnownHostsFile is not/,
    ],
    [
      'the home directory of a user in a file for all',
      { ansible_ssh_args: '-o "GlobalKnownHostsFile=/a ~root/b"' },
      'error',
      /'~root' in GlobalKnownHostsFile is not/,
    ],
    ['such a key of a jump host', { kplay_jump_private_key_file: '/a ~root/k' }, 'error', /'~root' in IdentityFile/],
    ['an open quote of such keys', { kplay_jump_private_key_file: '"/a' }, 'error', /a quote is not closed/],
    ['half a token', { ansible_ssh_extra_args: '-J a%' }, 'error', /'%' in ProxyJump is not supported/],
    ['a word that is no option', { ansible_ssh_extra_args: 'host' }, 'error', /'host' is not an ssh option/],
    ['a time that is none', { ansible_ssh_extra_args: '-o ConnectTimeout=soon' }, 'error', /not a number of seconds/],
    ['neither yes nor no', { ansible_ssh_args: '-o IdentitiesOnly=on' }, 'error', /IdentitiesOnly=on is unknown/],
    [
      'a mode that is none',
      { ansible_ssh_extra_args: '-o StrictHostKeyChecking=maybe' },
      'error',
      /StrictHostKeyChecking=maybe/,
    ],
    [
      'no check of host keys',
      { ansible_ssh_extra_args: '-o StrictHostKeyChecking=no' },
      'warning',
      /turns host key checking off/,
    ],
    ['an option without effect', { ansible_ssh_extra_args: '-o RekeyLimit=1G' }, 'warning', /RekeyLimit has no effect/],
    [
      'unknown ciphers',
      { ansible_ssh_extra_args: '-o Ciphers=aes' },
      'error',
      /Ciphers=aes contains algorithms that kplay does not/,
    ],
    [
      'an unknown MAC',
      { ansible_ssh_extra_args: '-m +hmac-md5' },
      'error',
      /MACs=\+hmac-md5 contains algorithms that kplay does not/,
    ],
    [
      'other algorithms for user keys',
      { ansible_ssh_extra_args: '-o PubkeyAcceptedAlgorithms=ssh-ed25519' },
      'warning',
      /only \+ssh-rsa is/,
    ],
    ['a flag without effect', { ansible_ssh_extra_args: '-A' }, 'warning', /-A has no effect/],
    ['a forwarding', { ansible_ssh_extra_args: '-L 1:b:2' }, 'warning', /-L has no effect/],
    ['a configuration file', { ansible_ssh_args: '-F /c' }, 'warning', /does not read ssh_config/],
  ])('is told with its place: %s', (_what, vars, severity, message) => {
    const { problems } = interpret(vars);
    expect(problems).toMatchObject([{ severity, message: expect.stringMatching(message) }]);
    expect(problems[0]?.range?.file.path).toBe('hosts.yml');
  });

  it.each([
    'ansible_python_interpreter',
    'ansible_ssh_pipelining',
    'ansible_remote_tmp',
    'ansible_facts',
    'ansible_local',
  ])('%s is nothing that kplay would need', (name) => {
    expect(interpret({ [name]: 'x' }).problems).toEqual([]);
  });

  it.each<[string, Record<string, Json>, Partial<ConnectionOptions>]>([
    ['an argument before', { ansible_ssh_args: '-o StrictHostKeyChecking=yes' }, {}],
    ['the command line', {}, { hostKeys: 'strict' }],
  ])('is not told of a check of host keys that %s keeps on', (_what, vars, options) => {
    const off = { ansible_ssh_common_args: '-o StrictHostKeyChecking=no' };
    const { settings, problems } = interpret({ ...vars, ...off }, options);
    expect(settings).toMatchObject({ hostKeys: STRICT });
    expect(problems).toEqual([]);
  });

  it('is told all at once', () => {
    expect(interpret({ ansible_port: 0, ansible_host: {}, ansible_connection: 'x' }).problems).toHaveLength(3);
  });
});

describe('settings that are read for many hosts', () => {
  const shared = located({ ansible_user: 'admin', ansible_port: 2222, ansible_ssh_common_args: '-J jump' });
  const hosts: readonly (readonly [string, Record<string, Json>])[] = [
    ['m1', { ansible_host: '10.0.0.1' }],
    ['m2', { ansible_host: '10.0.0.2' }],
    ['m3', {}],
    ['m4', { ansible_user: 'other' }],
    ['m5', { ansible_ssh_host: '10.0.0.5', ansible_port: 22 }],
    ['m6', { ansible_connection: 'local' }],
    ['m7', { ansible_connection: 'local' }],
    ['m8', { ansible_host: '10.0.0.8', ansible_ssh_common_args: '-J %h-jump -i %n -o UserKnownHostsFile=%h' }],
    ['m9', { ansible_host: '10.0.0.9', ansible_ssh_common_args: '-J %h-jump -i %n -o UserKnownHostsFile=%h' }],
  ];

  it.each([undefined, true])('are those of each (become %s)', (become) => {
    const options = { ...OPTIONS, ...(become !== undefined && { become }) };
    const reader = new SettingsReader(new Problems());
    for (const [name, own] of hosts) {
      const vars = new Map([...shared, ...located(own)]);
      expect(reader.read(host(name), vars, options)).toEqual(
        connectionSettings(host(name), vars, options, new Problems()),
      );
    }
  });

  it('are those of each, if the command line has tokens', () => {
    const options = { ...OPTIONS, sshArguments: { ansible_ssh_common_args: given('-J %n-jump') } };
    const reader = new SettingsReader(new Problems());
    for (const name of ['m1', 'm2'])
      expect(reader.read(host(name), new Map(), options)).toMatchObject({ jumps: [{ address: `${name}-jump` }] });
  });

  it('say what is wrong with the address of each local host', () => {
    const problems = new Problems();
    const reader = new SettingsReader(problems);
    const local = located({ ansible_connection: 'local' });
    reader.read(host('a'), new Map([...local, ...located({ ansible_host: 'x' })]), OPTIONS);
    reader.read(host('b'), new Map([...local, ...located({ ansible_host: ['x'] })]), OPTIONS);
    expect(problems.all.map(({ message }) => message)).toEqual(['ansible_host must be a string']);
  });

  it('say what is wrong with the address of each', () => {
    const problems = new Problems();
    const reader = new SettingsReader(problems);
    for (const [name, address] of [
      ['a', '10.0.0.1'],
      ['b', ['x']],
      ['c', true],
    ] as const)
      reader.read(host(name), new Map([...shared, ...located({ ansible_host: address })]), OPTIONS);
    expect(problems.all.map(({ message }) => message)).toContain('ansible_host must be a string');
  });
});
