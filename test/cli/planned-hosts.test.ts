import { describe, expect, it } from 'vitest';
import { plannedHosts } from '../../src/cli/run/planned-hosts.ts';
import type { Json } from '../../src/core/json.ts';
import { host, located } from '../transport/support/sessions.ts';

type Options = Parameters<typeof plannedHosts>[1];

type Vars = Readonly<Record<string, Json>>;

function planned(
  vars: Vars,
  options: Options = {},
  own: Vars = {},
): ReturnType<typeof plannedHosts>[string] | undefined {
  const inputs = {
    hosts: [host('m1', own)],
    delegates: [],
    plays: [],
    playbook: { plays: [] },
    connectionVars: () => located(vars),
  };
  return plannedHosts(inputs, options, { user: 'ops', home: '/home/ops' })['m1'];
}

function address(vars: Vars, options: Options = {}): string | undefined {
  return planned(vars, options)?.address;
}

describe('the address in a saved plan is where kplay connects to', () => {
  it.each<[string, string, Readonly<Record<string, Json>>, Options]>([
    ['the name', 'm1:22', {}, {}],
    ['ansible_host', '10.0.0.1:2222', { ansible_host: '10.0.0.1', ansible_port: 2222 }, {}],
    ['the older names', '10.0.0.1:2222', { ansible_ssh_host: '10.0.0.1', ansible_ssh_port: 2222 }, {}],
    ['IPv6', '[fd77::1]:22', { ansible_host: 'fd77::1' }, {}],
    ['ansible_ssh_args', 'm1:2222', { ansible_ssh_args: '-p 2222' }, {}],
    ['ansible_ssh_extra_args', 'm1:2222', { ansible_ssh_extra_args: '-o Port=2222' }, {}],
    ['a jump host', 'm1:22 through bastion:2200', { ansible_ssh_common_args: '-J ops@bastion:2200' }, {}],
    ['--ssh-args', 'm1:2222', {}, { sshArgs: '-p 2222' }],
    ['--ssh-common-args', 'm1:22 through b:22', {}, { sshCommonArgs: '-o ProxyJump=b' }],
    ['--ssh-extra-args', 'm1:2222', {}, { sshExtraArgs: '-p 2222' }],
    ['ansible_connection', 'this machine', { ansible_connection: 'local', ansible_host: '10.0.0.1' }, {}],
    ['-c', 'this machine', { ansible_host: '10.0.0.1' }, { connection: 'local' }],
    ['kplay_rootfs', 'm1:22/srv/root', { kplay_rootfs: '/srv/root' }, {}],
  ])('%s: %s', (_name, expected, vars, options) => {
    expect(address(vars, options)).toBe(expected);
  });

  it('is known of hosts to which tasks are delegated, too', () => {
    const inputs = {
      hosts: [host('m1')],
      delegates: [host('db')],
      plays: [],
      playbook: { plays: [] },
      connectionVars: () => located({ ansible_port: 99 }),
    };
    const hosts = plannedHosts(inputs, {}, { user: 'ops', home: '/' });
    expect(hosts).toMatchObject({ m1: { address: 'm1:99' }, db: { address: 'db:99' } });
  });
});

describe('the digest of the variables in a saved plan', () => {
  const digest = (own: Vars): string | undefined => planned({}, {}, own)?.variables;

  it('is another one for another value, whatever the order', () => {
    expect(digest({ a: 1, b: { c: 'x' } })).toBe(digest({ b: { c: 'x' }, a: 1 }));
    expect(digest({ a: 1, b: { c: 'x' } })).not.toBe(digest({ a: 1, b: { c: 'y' } }));
    expect(digest({ a: 1 })).not.toBe(digest({}));
  });

  it.each<[string, Vars, Vars]>([
    ['a secret', { db_password: 'x' }, { db_password: 'y' }],
    ['one in another variable', { list: [{ token: 'x' }] }, { list: [{ token: 'y' }] }],
    ['a password in an address', { proxy: 'http://u:x@proxy' }, { proxy: 'http://u:y@proxy' }],
    ['how a host is reached', { ansible_host: '10.0.0.1' }, { ansible_host: '10.0.0.2' }],
    ['when its cluster may be changed', { kplay_cluster: { window: 'Sat' } }, { kplay_cluster: { window: 'Sun' } }],
  ])('does not depend on %s', (_what, own, other) => {
    expect(digest(own)).toBe(digest(other));
  });
});
