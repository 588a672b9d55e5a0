import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2, { type Algorithms, type AnyAuthMethod, type AuthenticationType, type ParsedKey } from 'ssh2';
import { afterAll, describe, expect, it } from 'vitest';
import { Authentication } from '../../../src/transport/ssh/authentication.ts';
import { Sha1Refused } from '../../../src/transport/ssh/guarded-agent.ts';
import { needing } from '../../support/programs.ts';
import { Fixture, refusal, visit } from '../support/fixture.ts';
import { startHostileSshd } from '../support/hostile-sshd.ts';
import { makeKey } from '../support/keys.ts';
import { startSshd } from '../support/real-sshd.ts';

/** ssh2 asks so before the sshd has said what it accepts; its types do not know it. */
const NOTHING_SAID = null as unknown as AuthenticationType[];
const fixture = new Fixture();
const { directory } = fixture;
const rsa = makeKey(directory, 'rsa', 'rsa');
afterAll(() => fixture.close());

/** A host whose sshd knows no other algorithms than these. */
async function oldHost(algorithms: Algorithms) {
  const hostKey = readFileSync(rsa.path, 'utf8');
  const sshd = await startHostileSshd({ kind: 'algorithms', algorithms, hostKey });
  const known = join(directory, `known-${sshd.port}`);
  writeFileSync(known, `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
  const args = `-o UserKnownHostsFile=${known} -o GlobalKnownHostsFile=none`;
  return {
    at: (more = '') => fixture.at(sshd.port, { ansible_ssh_common_args: `${args} ${more}` }),
    close: () => sshd.close(),
  };
}

describe('an sshd that knows only what is broken', () => {
  it.each<[string, string, string, Algorithms]>([
    ['host key type', 'HostKeyAlgorithms=+ssh-rsa', 'ssh-rsa', { serverHostKey: ['ssh-rsa'] }],
    ['MAC', 'MACs=+hmac-sha1', 'hmac-sha1', { cipher: ['aes128-ctr'], hmac: ['hmac-sha1'] }],
    [
      'key exchange method',
      'KexAlgorithms=+diffie-hellman-group14-sha1',
      'diffie-hellman-group14-sha1, kex-strict-s-v00@openssh.com',
      { kex: ['diffie-hellman-group14-sha1'] },
    ],
    ['cipher', 'Ciphers=+aes256-cbc', 'aes256-cbc', { cipher: ['aes256-cbc'] }],
  ])('is refused with the option that would accept it: %s', async (what, option, offered, algorithms) => {
    const host = await oldHost(algorithms);
    const error = await refusal(host.at());
    expect(error).toMatchObject({
      reason: 'refused',
      message: expect.stringMatching(/and kplay have no /),
      remedy: `update sshd on the host; until then '-o ${option}' in ansible_ssh_common_args accepts it`,
    });
    expect(error.message).toContain(`have no ${what} in common; the host offers ${offered}`);
    await visit(host.at(`-o ${option}`));
    await host.close();
  });

  it('is not offered compression', async () => {
    const host = await oldHost({ compress: ['zlib@openssh.com'] });
    const remedy = 'allow connections without compression in the configuration of its sshd';
    expect(await refusal(host.at('-C'))).toMatchObject({ reason: 'refused', remedy });
    await host.close();
  });
});

describe('an sshd that knows only what is newer than kplay', needing('sshd'), () => {
  it.each([
    ['KexAlgorithms', 'sntrup761x25519-sha512@openssh.com', 'curve25519-sha256'],
    ['MACs', 'umac-128-etm@openssh.com', 'hmac-sha2-256-etm@openssh.com'],
  ])('is refused with what to add to its %s, and let in with that', async (kind, only, missing) => {
    const lines = (list: string) => [`${kind} ${list}`, 'Ciphers aes256-ctr'];
    const client = makeKey(directory, `client-${kind}`);
    const at = async (list: string) => {
      const sshd = await startSshd(directory, client, lines(list));
      fixture.know(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`);
      const vars = { ansible_user: sshd.user, ansible_password: null, ansible_ssh_private_key_file: client.path };
      return { sshd, machine: fixture.at(sshd.port, vars) };
    };
    const hardened = await at(only);
    expect(await refusal(hardened.machine)).toMatchObject({
      message: expect.stringContaining(`in common; the host offers ${only}`),
      remedy: expect.stringMatching(new RegExp(`^add one of kplay's to ${kind} in its sshd_config: ${missing}, `)),
    });
    const corrected = await at(`${only},${missing}`);
    await visit(corrected.machine);
    await Promise.all([hardened.sshd.stop(), corrected.sshd.stop()]);
  });
});

describe('a key of RSA', () => {
  const text = readFileSync(rsa.path, 'utf8');
  const login = { ssh2, timeoutMs: 1_000, isOver: () => false, onBroken: () => undefined };
  const data = Buffer.from('to be signed');

  /** The first credential that is offered. */
  function offered(sha1: boolean, agentSocket?: string): AnyAuthMethod {
    const key = ssh2.utils.parseKey(text) as ParsedKey;
    const keys = agentSocket === undefined ? [{ path: rsa.path, key, isDefault: false }] : [];
    const agent =
      agentSocket === undefined ? undefined : { socket: agentSocket, named: [], files: [], onlyNamed: false };
    const credentials = { keys, keysAreDefaults: false, password: undefined, agent, sha1 };
    const methods: unknown[] = [];
    new Authentication('admin', credentials).handler(login)(NOTHING_SAID, false, (method) => void methods.push(method));
    return methods[0] as AnyAuthMethod;
  }

  it('signs with SHA-1 only where that is asked for', () => {
    const signature = (sha1: boolean, hash: string): unknown => {
      const method = offered(sha1);
      return method.type === 'publickey' && (method.key as ParsedKey).sign(data, hash);
    };
    expect(signature(false, 'sha1')).toBeInstanceOf(Sha1Refused);
    expect(signature(false, 'sha256')).toBeInstanceOf(Buffer);
    expect(signature(true, 'sha1')).toBeInstanceOf(Buffer);
  });

  it('is not asked of an agent with SHA-1 either', async () => {
    const method = offered(false, '/nonexistent/agent');
    if (method.type !== 'agent' || typeof method.agent === 'string') throw new Error('no agent was offered');
    const { agent } = method;
    const error = await new Promise((resolve) => agent.sign(text, data, { hash: 'sha1' }, resolve));
    expect(error).toBeInstanceOf(Sha1Refused);
  });

  it('is told of with the option that lets it', () => {
    const authentication = new Authentication('admin', {
      keys: [],
      keysAreDefaults: false,
      password: undefined,
      agent: undefined,
      sha1: false,
    });
    authentication.note(new Sha1Refused());
    expect([...authentication.problems]).toEqual([expect.stringContaining('-o PubkeyAcceptedAlgorithms=+ssh-rsa')]);
  });
});
