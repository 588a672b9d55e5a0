import { describe, expect, it } from 'vitest';
import { addressesOf } from '../../src/cli/run/addresses.ts';
import type { Json } from '../../src/core/json.ts';
import { host, located } from '../transport/support/sessions.ts';

type Options = Parameters<typeof addressesOf>[1];

function address(vars: Readonly<Record<string, Json>>, options: Options = {}): string | undefined {
  const inputs = { hosts: [host('m1')], delegates: [], connectionVars: () => located(vars) };
  return addressesOf(inputs, options, { user: 'ops', home: '/home/ops' })['m1'];
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
      connectionVars: () => located({ ansible_port: 99 }),
    };
    expect(addressesOf(inputs, {}, { user: 'ops', home: '/' })).toEqual({ m1: 'm1:99', db: 'db:99' });
  });
});
