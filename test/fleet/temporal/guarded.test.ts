import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectRenewed } from '../../cli/support/host-state.ts';
import { needing } from '../../support/programs.ts';
import { Guard, SERVER_NAME } from './support/guard.ts';
import { RolloutSite } from './support/rollout-site.ts';
import { TemporalServer } from './support/temporal-server.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

describe('a Temporal server that asks for certificates and keys', needing('temporal-server'), () => {
  let guard: Guard;
  let server: TemporalServer;
  let site: RolloutSite;
  let inventory: string;
  let token: string;
  let files: Readonly<Record<string, string>>;
  beforeAll(async () => {
    guard = await Guard.open();
    server = await TemporalServer.start({ guard });
    site = await RolloutSite.open(['alpha']);
    inventory = site.inventory('alpha', 'site: north');
    token = guard.token('default:admin');
    files = {
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: guard.at('ca.crt'),
      TEMPORAL_TLS_SERVER_NAME: SERVER_NAME,
      TEMPORAL_TLS_CLIENT_CERT_PATH: guard.at('client.crt'),
      TEMPORAL_TLS_CLIENT_KEY_PATH: guard.at('client.key'),
    };
  });
  afterEach(() => site.endAll());
  afterAll(async () => {
    await site?.close();
    await server?.close();
    await guard?.close();
  });

  it('lets in who has both, and nothing of them is told or kept', async () => {
    const keyFile = site.controller.file('api-key', `${token}\n`, 0o600);
    const worker = site.worker('north', server.engine, [inventory], ['--site', 'north'], {
      ...files,
      TEMPORAL_API_KEY_FILE: keyFile,
    });
    await worker.says(/^Working for/m);
    const run = site.rollOut(server.engine, [inventory], 'order: name', ['-o', 'json'], {
      variables: { ...files, TEMPORAL_API_KEY: token },
    });
    const { code, output } = await run.ended;
    expect(code, output + worker.said()).toBe(0);
    for (const fleet of site.fleets) await expectRenewed(fleet);
    const kept = filesBelow(site.controller.directory).filter((path) => path !== keyFile);
    expect(kept.filter((path) => path.endsWith('journal.ndjson')).length).toBeGreaterThan(1);
    const told = [output, worker.said(), ...kept.map((path) => readFileSync(path, 'latin1'))].join('\n');
    const secrets = [token, readFileSync(guard.at('client.key'), 'utf8').split('\n')[1] ?? 'no key'];
    for (const secret of secrets) expect(told).not.toContain(secret);
  });

  it.each([
    ['in the clear', () => ({}), /not encrypted/],
    [
      'with the CA of another',
      () => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: guard.at('stranger-ca.crt') }),
      /does not answer/,
    ],
    ['with another name', () => ({ TEMPORAL_TLS_SERVER_NAME: 'other.test' }), /does not answer/],
    [
      'with a certificate of another CA',
      () => ({
        TEMPORAL_TLS_CLIENT_CERT_PATH: guard.at('stranger.crt'),
        TEMPORAL_TLS_CLIENT_KEY_PATH: guard.at('stranger.key'),
      }),
      /does not answer/,
    ],
    ['without a key', () => ({ TEMPORAL_API_KEY: '' }), /does not permit that in namespace 'default': .*unauthorized/],
    ['with a key of another', () => ({ TEMPORAL_API_KEY: `${token.slice(0, -6)}AAAAAA` }), /unauthorized/],
    ['with a key for another namespace', () => ({ TEMPORAL_API_KEY: guard.token('other:admin') }), /unauthorized/],
  ])('refuses kplay %s', async (how, variables, says) => {
    const given = how === 'in the clear' ? {} : { ...files, TEMPORAL_API_KEY: token, ...variables() };
    const ended = await Promise.all([
      site.rollOut(server.engine, [inventory], 'order: name', [], { variables: given }).ended,
      site.worker('refused', server.engine, [inventory], ['--site', 'north'], given).ended,
    ]);
    for (const { code, output } of ended) {
      expect(output).toMatch(says);
      expect(output).toContain(`the Temporal server at ${server.address} `);
      expect(output).not.toContain(token.slice(0, 40));
      expect(code).toBe(1);
    }
  });

  it('lets one in who may only read, and begins nothing for him', async () => {
    const variables = { ...files, TEMPORAL_API_KEY: guard.token('default:read') };
    const { code, output } = await site.rollOut(server.engine, [inventory], 'order: name', [], { variables }).ended;
    expect(output).toMatch(/does not permit that in namespace 'default': .*unauthorized/);
    expect(output).toContain('has to be one that may read and write there');
    expect(code).toBe(1);
  });
});

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}
