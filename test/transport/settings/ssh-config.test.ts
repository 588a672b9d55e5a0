import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Problems } from '../../../src/core/diagnostic.ts';
import { SourceFile } from '../../../src/core/source.ts';
import { connectionSettings } from '../../../src/transport/settings/settings.ts';
import { parseSshArguments } from '../../../src/transport/settings/ssh-arguments.ts';
import { readSshConfig } from '../../../src/transport/settings/ssh-config.ts';
import { connectionVariables } from '../../../src/transport/settings/ssh-config-variables.ts';
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
    const way = '-o ProxyJump=[fd00::1],jump@gate.example:2022 -o IdentityFile=~/.ssh/gate';
    expect(variables('a')).toEqual({
      ansible_ssh_private_key_file: '~/.ssh/a',
      ansible_ssh_common_args: `-o IdentityFile=/second ${way}`,
    });
    expect(variables('b')).toEqual({ ansible_ssh_common_args: way });
  });

  it('keeps percent signs of a jump host from being read as tokens', () => {
    const { variables, said } = read(
      'Host gate\n HostName fe80::1%%net0\n User a%n\n IdentityFile /%n-%h\nHost a\n ProxyJump gate,%r@%n-gate\n IdentityFile 9%%\n',
    );
    const vars = variables('a');
    expect(vars).toEqual({
      ansible_ssh_private_key_file: '9%%',
      ansible_ssh_common_args: '-o ProxyJump=a%%n@[fe80::1%%net0],%r@%n-gate -o IdentityFile=/gate-fe80::1%%net0',
    });
    const options = { localUser: 'ops', home: '/home/ops' };
    const settings = connectionSettings(host('a'), located(vars), options, new Problems());
    expect(settings).toMatchObject({
      jumps: [
        { address: 'fe80::1%net0', user: 'a%n' },
        { address: 'a-gate', user: 'ops' },
      ],
      identities: [{ path: '9%' }, { path: '/gate-fe80::1%net0' }],
    });
    expect(said()).toEqual([]);
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
