import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Problems } from '../../../src/core/diagnostic.ts';
import { SourceFile } from '../../../src/core/source.ts';
import { connectionSettings } from '../../../src/transport/settings/connection-settings.ts';
import type { SshSettings } from '../../../src/transport/settings/settings.ts';
import { parseSshArguments } from '../../../src/transport/settings/ssh-arguments.ts';
import { readSshConfig } from '../../../src/transport/settings/ssh-config.ts';
import { connectionVariables } from '../../../src/transport/settings/ssh-config-variables.ts';
import { splitConfigWords } from '../../../src/transport/settings/ssh-words.ts';
import { needing } from '../../support/programs.ts';
import { fc } from '../../support/random-cases.ts';
import { temporaryDirectory } from '../support/hosts-under-test.ts';
import { host, located } from '../support/sessions.ts';

const directory = temporaryDirectory();
afterAll(() => rmSync(directory, { recursive: true }));

function read(text: string) {
  const problems = new Problems();
  const config = readSshConfig(new SourceFile('config', text), problems);
  const variables = (name: string) => connectionVariables(config, name, problems);
  const said = () =>
    problems.all.map(({ severity, message, range }) => {
      const at = range?.file.position(range.start);
      return `${severity} ${at?.line}:${at?.column} ${message}`;
    });
  return { config, variables, said };
}

describe('an ssh_config', () => {
  it('names the hosts of its Host lines that are no patterns', () => {
    const { config, said } = read('Host a b\nHost *.x !y a\n  Port 1\nhost=c\n');
    expect(config.names.map(({ value }) => value)).toEqual(['a', 'b', 'c']);
    expect(said()).toEqual([]);
  });

  it('may have lines that end with CR LF, as OpenSSH takes them', () => {
    const text = 'Host a b\n  Port 22\n\n# remark\n  User "x y"\nHost *\n  ConnectTimeout=3 \n';
    const [unix, dos] = [read(text), read(text.replaceAll('\n', '\r\n'))];
    expect(dos.variables('a')).toEqual(unix.variables('a'));
    expect(dos.config.names.map(({ value }) => value)).toEqual(['a', 'b']);
    expect(dos.said()).toEqual([]);
  });

  it('says what is not followed, and where', () => {
    const { variables, said } = read(
      'Include more\nHost a\n  User x\nMatch host a\n  Port 9\nMatch all\n  ConnectTimeout 3\n',
    );
    expect(variables('a')).toEqual({ ansible_user: 'x', ansible_ssh_common_args: '-o ConnectTimeout=3' });
    expect(said()).toEqual([
      "warning 1:1 'Include more' is not supported: hosts in other files are not read",
      "warning 4:1 'Match host a' is not supported: the lines below it are ignored",
    ]);
  });

  it('says what is wrong, and where', () => {
    const { said, variables } = read('Host a\n  Port "22\n  =x\n  User\n  Port many\n');
    variables('a');
    expect(said()).toEqual([
      'error 2:3 a quote is not closed',
      'error 3:3 this is not a line of an ssh_config',
      'error 4:3 this is not a line of an ssh_config',
      "error 5:3 'many' is not a port number",
    ]);
  });

  it('names jump hosts by their addresses, with the keys that they take', () => {
    const { variables } = read(
      [
        'Host gate\n HostName gate.example\n User jump\n Port 2022\n IdentityFile ~/.ssh/gate\n ProxyJump outer',
        'Host outer\n HostName fd00::1',
        'Host a\n ProxyJump gate\n IdentityFile ~/.ssh/%n\n IdentityFile /second',
        'Host b\n ProxyCommand ssh -W %h:%p gate\n',
      ].join('\n'),
    );
    const way = '-o ProxyJump=[fd00::1],jump@gate.example:2022';
    const kplay_jump_private_key_file = '~/.ssh/gate';
    expect(variables('a')).toEqual({
      ansible_ssh_private_key_file: '~/.ssh/a',
      ansible_ssh_common_args: `-o IdentityFile=/second ${way}`,
      kplay_jump_private_key_file,
    });
    expect(variables('b')).toEqual({ ansible_ssh_common_args: way, kplay_jump_private_key_file });
  });

  it('keeps percent signs of a jump host from being read as tokens', () => {
    const { variables, said } = read(
      'Host gate\n HostName fe80::1%%net0\n User a%n\n IdentityFile /%n-%h\nHost a\n ProxyJump gate,%r@%n-gate\n IdentityFile 9%%\n',
    );
    const vars = variables('a');
    expect(vars).toEqual({
      ansible_ssh_private_key_file: '9%%',
      ansible_ssh_common_args: '-o ProxyJump=a%%n@[fe80::1%%net0],%r@%n-gate',
      kplay_jump_private_key_file: '/gate-fe80::1%%net0',
    });
    const options = { localUser: 'ops', home: '/home/ops' };
    const settings = connectionSettings(host('a'), located(vars), options, new Problems());
    expect(settings).toMatchObject({
      jumps: [
        { address: 'fe80::1%net0', user: 'a%n' },
        { address: 'a-gate', user: 'ops' },
      ],
      identities: [{ path: '9%' }],
      jumpIdentities: [{ path: '/gate-fe80::1%net0' }, { path: '9%' }, {}, {}, {}],
    });
    expect(said()).toEqual([]);
  });

  it('leaves the default keys to a host whose jump host has a key, as ssh does', () => {
    const { variables, said } = read(
      'Host gate\n IdentityFile "~/my key"\n IdentityFile ~/two\nHost a\n ProxyJump gate\n',
    );
    const problems = new Problems();
    const vars = located(variables('a'));
    const made = connectionSettings(host('a'), vars, { localUser: 'ops', home: '/home/ops' }, problems);
    expect(made).toMatchObject({
      identities: [{ isDefault: true }, { isDefault: true }, { isDefault: true }],
      jumpIdentities: [{ path: '/home/ops/my key' }, { path: '/home/ops/two' }, {}, {}, {}],
    });
    expect([...said(), ...problems.all]).toEqual([]);
  });

  it('says which settings of a jump host have no effect, unless those of the host behind it count for both', () => {
    const settings = [
      'HostName 203.0.113.7\n User jump\n StrictHostKeyChecking yes\n BatchMode yes\n ServerAliveInterval 30',
      'HostKeyAlias gate-key\n UserKnownHostsFile ~/known_gate\n IdentitiesOnly yes\n ForwardAgent yes',
    ];
    const all = 'Host *\n ServerAliveInterval 30\n StrictHostKeyChecking accept-new\n IdentitiesOnly no\n';
    const { variables, said } = read(
      `Host outer\nHost gate\n ${settings.join('\n ')}\n ProxyJump outer\nHost a\n ProxyJump gate\n${all}`,
    );
    expect(variables('a')['ansible_ssh_common_args']).toContain('-o ProxyJump=outer,jump@203.0.113.7 ');
    expect(said()).toEqual([
      'warning 17:2 StrictHostKeyChecking of a jump host is left out',
      'warning 8:2 HostKeyAlias of a jump host is left out',
      'warning 9:2 UserKnownHostsFile of a jump host is left out',
      'warning 10:2 IdentitiesOnly of a jump host is left out',
      "warning 11:2 ssh's option ForwardAgent has no effect in kplay: it is left out",
    ]);
  });

  it('keeps a host without keys from getting the default ones', () => {
    const { variables } = read('Host a\n IdentityFile none\nHost b\n IdentityFile none\n IdentityFile /k\n');
    expect(variables('a')).toEqual({ ansible_ssh_common_args: '-o IdentityFile=none' });
    expect(variables('b')).toEqual({ ansible_ssh_private_key_file: '/k' });
  });

  it('says which tokens ssh refuses', () => {
    const { variables, said } = read(
      'Host a\n HostName %n.x\n IdentityFile k%\n ProxyJump b%x\nHost b\n ProxyCommand ssh -W %h:%p u%C@c\n',
    );
    variables('a');
    variables('b');
    expect(said()).toEqual([
      "error 2:2 '%n' in HostName is not supported",
      "warning 3:2 '%' in IdentityFile is not supported: the key is ignored",
      "error 4:2 '%x' in ProxyJump is not supported",
      "error 6:2 '%C' in ProxyJump is not supported",
    ]);
  });

  it('says that jump hosts lead in a circle, and what has no effect in kplay', () => {
    const { variables, said } = read(
      'Host a\n ProxyJump b\n ForwardAgent yes\n IdentityFile %k\nHost b\n ProxyJump c\nHost c\n ProxyJump b\n',
    );
    variables('a');
    expect(said()).toEqual([
      "warning 4:2 '%k' in IdentityFile is not supported: the key is ignored",
      'error 2:2 ProxyJump forms a cycle: b, c, b',
      "warning 3:2 ssh's option ForwardAgent has no effect in kplay: it is left out",
    ]);
  });

  /** What `ssh -G` says about a host of such a file; undefined if it refuses the file. */
  function told(text: string, name: string): string | undefined {
    const file = join(directory, 'config');
    writeFileSync(file, text);
    const { status, stdout } = spawnSync('ssh', ['-G', '-F', file, name], { encoding: 'utf8' });
    return status === 0 ? stdout : undefined;
  }

  /** The settings that kplay writes for a host of such a file, as they are read from the inventory. */
  function settings(text: string, name: string): SshSettings {
    const { variables, said } = read(text);
    const problems = new Problems();
    const vars = located(variables(name));
    const made = connectionSettings(host(name), vars, { localUser: 'ops', home: '/home/ops' }, problems);
    expect([...said(), ...problems.all]).toEqual([]);
    if (made.transport !== 'ssh') throw new Error('not ssh');
    return made;
  }

  it.each<[string, string, readonly string[]]>([
    ['the first of both, a jump', 'Host a\n ProxyJump gate\nHost a\n ProxyCommand none', ['a', 'gate']],
    ['the first of both, a command', 'Host a\n ProxyCommand none\nHost *\n ProxyJump gate', ['a']],
    ['no jump', 'Host a\n ProxyJump none\nHost *\n ProxyJump gate', ['a']],
    ['a jump for all but its host', 'Host gate\n ProxyJump none\nHost *\n ProxyJump gate', ['a', 'gate']],
    ['the same, by a command', 'Host gate\n ProxyCommand none\nHost *\n ProxyJump gate', ['a', 'gate']],
    ['two jumps, each for what is behind it', 'Host b\n ProxyJump none\nHost *\n ProxyJump b,c', ['a', 'b']],
  ])('leads to a host as ssh does: %s', needing('ssh'), (_what, text, names) => {
    for (const name of names) {
      const jumps = /^proxyjump (.*)$/m.exec(told(text, name) ?? '')?.[1] ?? '';
      expect(settings(text, name).jumps.map(({ address }) => address)).toEqual(jumps.split(',').filter(Boolean));
    }
  });

  it('goes on from no jump to a command, as ssh does', () => {
    const { variables } = read('Host a\n ProxyJump none\n ProxyCommand ssh -W %h:%p gate\n');
    expect(variables('a')).toEqual({ ansible_ssh_common_args: '-o ProxyJump=gate' });
  });

  it('is refused where ssh would jump in a circle, with what to write', needing('ssh'), () => {
    const text = 'Host *\n ProxyJump gate\n';
    expect(told(text, 'gate')).toBeUndefined();
    const problems = new Problems();
    connectionVariables(readSshConfig(new SourceFile('config', text), problems), 'm1', problems);
    expect(problems.all).toMatchObject([
      {
        message: 'ProxyJump forms a cycle: gate, gate',
        hint: expect.stringContaining("'ProxyJump none' for Host gate"),
      },
    ]);
  });

  it.each(['1m', '90', '1h30m', '1M1', '1w2d3h4m5S', 'none'])('has the time %s, as in ssh', needing('ssh'), (time) => {
    const text = `ConnectTimeout ${time}\nServerAliveInterval ${time}\n`;
    const { connectTimeoutMs, keepAlive } = settings(text, 'a');
    const value = (keyword: string) => new RegExp(`^${keyword} (.*)$`, 'm').exec(told(text, 'a') ?? '')?.[1];
    // Without a timeout of its own, a host has that of kplay.
    expect(value('connecttimeout')).toBe(time === 'none' ? 'none' : String(connectTimeoutMs / 1_000));
    expect(value('serveraliveinterval')).toBe(String(keepAlive.intervalMs / 1_000));
  });

  it.each(['m', '-1', '1x', '99999999999', '1.5'])('has no time %s, as in ssh', needing('ssh'), (time) => {
    const { variables, said } = read(`ConnectTimeout ${time}\n`);
    expect(told(`ConnectTimeout ${time}\n`, 'a')).toBeUndefined();
    expect(variables('a')).toEqual({});
    expect(said()).toEqual([`warning 1:1 ConnectTimeout=${time} is not a number of seconds: it is left out`]);
  });

  it.each([`'/root/my key'`, `"/root/k\\"q"`, `"o"ps`, String.raw`/a\ b\c`, `/a#b # c`, `"/c" '/d e'`, `/x%h "/b c"`])(
    'has the words %s, as in ssh',
    needing('ssh'),
    (words) => expectSameWords(words),
  );

  it('has the same words as in ssh', needing('ssh'), () => {
    const part = fc.constantFrom('a', 'b', '"', "'", '\\', ' ', '#', '$', '`', '\t');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 9 }), (parts) => expectSameWords(parts.join(''))),
      { numRuns: 60 },
    );
  });

  function expectSameWords(words: string): void {
    const files = `UserKnownHostsFile /k${words}\n`;
    const known = /^userknownhostsfile (.*)$/m.exec(told(files, 'm') ?? '')?.[1];
    if (known !== undefined) expect(settings(files, 'm').hostKeys.userFiles.join(' ')).toBe(known);
    for (const keys of [`IdentityFile /k${words}\n`, `IdentityFile /first\nIdentityFile /k${words}\n`]) {
      const key = [...(told(keys, 'm') ?? '').matchAll(/^identityfile (.*)$/gm)].at(-1)?.[1];
      if (key !== undefined) expect(settings(keys, 'm').identities.at(-1)?.path).toBe(key.replaceAll('%h', 'm'));
    }
  }

  it('is understood as ssh does', needing('ssh'), () => {
    const name = fc.constantFrom('m1', 'm2', 'w1', 'W1', 'node.example');
    const pattern = fc.oneof(name, fc.constantFrom('*', 'm?', '!m1', 'w*', '*.example', '!*.example'));
    const setting = fc.oneof(
      fc.integer({ min: 1, max: 65_535 }).map((port) => `Port ${port}`),
      fc.constantFrom(
        'HostName %h.example',
        'HostName %%%h%%h',
        'HostName=10.0.0.1',
        'hostname "10.0.0.2" # it',
        'User ops',
        'USER = root',
      ),
      fc.constantFrom('ConnectTimeout 3', 'StrictHostKeyChecking no', 'HostKeyAlias x', '# nothing', ''),
    );
    const block = fc.tuple(fc.array(pattern, { minLength: 1, maxLength: 3 }), fc.array(setting, { maxLength: 4 }));
    const file = join(directory, 'config');
    fc.assert(
      fc.property(fc.array(block, { maxLength: 5 }), name, (blocks, host) => {
        const text = blocks.map(([patterns, settings]) => [`Host ${patterns.join(' ')}`, ...settings].join('\n  '));
        writeFileSync(file, `${text.join('\n')}\n`);
        const told = execFileSync('ssh', ['-G', '-F', file, host], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        const value = (keyword: string) => new RegExp(`^${keyword} (.*)$`, 'm').exec(told)?.[1];
        const ours = read(`${text.join('\n')}\n`).variables(host);
        const args = parseSshArguments(String(ours['ansible_ssh_common_args'] ?? ''), { error: fail, warning: fail });
        expect({
          // ssh looks names up in small letters.
          hostname: String(ours['ansible_host'] ?? host).toLowerCase(),
          port: String(ours['ansible_port'] ?? 22),
          timeout: args.connectTimeoutMs === undefined ? 'none' : String(args.connectTimeoutMs / 1_000),
          alias: args.hostKeyAlias,
          checking: args.hostKeyMode === 'no' ? 'false' : 'ask',
        }).toEqual({
          hostname: value('hostname')?.toLowerCase(),
          port: value('port'),
          timeout: value('connecttimeout'),
          alias: value('hostkeyalias'),
          checking: value('stricthostkeychecking'),
        });
        if (ours['ansible_user'] !== undefined) expect(value('user')).toBe(ours['ansible_user']);
      }),
      { numRuns: 40, seed: 20_261_124 },
    );
  });
});

function fail(message: string): never {
  throw new Error(message);
}

it('a quote that is not closed is found at once, whatever is behind it', () => {
  const words = `'${'\\\\'.repeat(5_000)}`;
  expect(splitConfigWords(words)).toBeUndefined();
  expect(splitConfigWords(words.replace("'", '"'))).toBeUndefined();
});
