import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { needing } from '../support/programs.ts';
import { startAgent } from '../transport/support/agent.ts';
import { makeKey } from '../transport/support/keys.ts';
import { Controller } from './support/controller.ts';

const controller = new Controller();
const socket = join(controller.directory, 'agent');
const held = makeKey(controller.home, 'held');
const other = makeKey(controller.home, 'other', 'ed25519', 'open sesame');
const playbook = controller.file('site.yml', '- hosts: all\n  tasks:\n    - certs.check: {}\n');
let agent: Awaited<ReturnType<typeof startAgent>>;

beforeAll(async () => {
  agent = await startAgent(socket, ssh2.utils.parseKey(readFileSync(held.path)) as ParsedKey);
});
afterAll(async () => {
  await agent.close();
  controller.close();
});

/** Validates the playbook for a host with this key and `IdentitiesOnly`. */
function validate(key: string) {
  const vars = `ansible_ssh_private_key_file: ${key}, ansible_ssh_common_args: -o IdentitiesOnly=yes`;
  const inventory = controller.file('hosts.yml', `all: { hosts: { m1: { ${vars} } } }\n`);
  return controller.run(['validate', playbook, '-i', inventory], { variables: { SSH_AUTH_SOCK: socket } });
}

test('an encrypted key that the agent holds needs no passphrase', needing('ssh-keygen'), async () => {
  const locked = join(controller.home, 'locked');
  copyFileSync(held.path, locked);
  execFileSync('ssh-keygen', ['-q', '-p', '-N', 'open sesame', '-f', locked]);
  expect(await validate(locked)).toMatchObject({ exitCode: 0, stderr: '' });
});

test('a key that the agent does not hold is told of', async () => {
  const { exitCode, stderr } = await validate(other.path);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('other is encrypted, and no passphrase decrypts it');
});
