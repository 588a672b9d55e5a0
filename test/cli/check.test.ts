import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Fleet } from '../../src/simulation/fleet.ts';
import { Site } from './support/site.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let site: Site;
/** One good master whose kubelet serves what has expired. */
let fleet: Fleet;

beforeAll(async () => {
  site = await Site.open();
  fleet = await site.fleet({ stateOf: () => ({ leaves: { 'kubelet-server': { condition: 'expired' } } }) });
});
afterAll(() => site.close());

describe('kplay check', () => {
  it('proposes no renewal for what a renewal leaves alone', async () => {
    const { exitCode, stdout, stderr } = await site.controller.run(['check', '-i', fleet.inventoryFile]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^demo-m1 +kubelet-server .* expired /m);
    expect(stdout).toMatch(/ · 1 expired \(self-signed\)$/m);
    expect(stdout).not.toContain('Next:');
    expect(stderr).toContain('What to do: add a kubelet.regenerate task');
  });

  it('proposes one by the rule that it has judged by', async () => {
    const argv = ['check', '-i', fleet.inventoryFile, '--renew-before', '2y', '-l', 'masters'];
    const { stdout } = await site.controller.run(argv);
    expect(stdout).toContain(
      `\n\nNext: kplay plan renew-certs.yml -i ${fleet.inventoryFile} -l masters -e renew_before=2y\n`,
    );
  });

  it('says in its first line how many hosts it has seen', async () => {
    const inventory = site.controller.file('away.yml', fleet.inventory.replace(/ansible_port: \d+/, 'ansible_port: 1'));
    const { exitCode, stdout, stderr } = await site.controller.run(['check', '-i', inventory]);
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/^away · 0 of 1 host · 0 certificates\n/);
    expect(stderr).toContain('refuses the connection');
  });
});

describe('kplay check --report', () => {
  const kinds = ['junit', 'json', 'markdown', 'html', 'sarif', 'csv', 'gitlab'];
  // One instant for the runs of a test; where tests before it were slow, that of the file is one at which the host's clock is wrong.
  let now = new Date();
  beforeEach(() => {
    now = new Date();
  });
  const run = (...words: readonly string[]) =>
    site.controller.run(['check', '-i', fleet.inventoryFile, ...words], { clock: () => now });

  it('writes each besides the table, and changes neither it nor the exit code', async () => {
    const files = kinds.map((kind) => site.controller.file(`report.${kind}`, 'old'));
    const reports = kinds.flatMap((kind, index) => ['--report', `${kind}=${files[index]}`]);
    const plain = await run();
    const { exitCode, stdout, stderr } = await run(...reports);
    expect({ exitCode, stdout, stderr }).toEqual(plain);
    for (const kind of kinds) expect(site.controller.read(`report.${kind}`), kind).toMatch(/kubelet\\?-server/);
  });

  it('has a short word for the page', async () => {
    const page = site.controller.file('short.html', 'old');
    expect(await run('--html', page)).toEqual(await run());
    expect(site.controller.read('short.html')).toMatch(/^<!doctype html>.*kubelet-server/is);
    const refused = async (...words: readonly string[]): Promise<string> => {
      const { exitCode, stderr } = await run(...words);
      expect(exitCode).toBe(1);
      return stderr;
    };
    const twice = await refused('--html', page, '--report', `csv=${page}`);
    expect(twice).toContain(`is to be written by --report csv=${page} and by --html ${page}`);
    expect(await refused('--html', '')).toContain("error: option '--html <file>' argument '' is invalid. It is empty");
    expect(await refused('--html', '/nowhere/page.html')).toContain('choose another path with --html');
    expect(await refused('--html', fleet.inventoryFile)).toContain('and --html would replace it');
  });

  it('tells the runner of a job on standard error, and adds to its summary', async () => {
    const summary = site.controller.file('summary.md', 'before\n');
    const argv = ['check', '-i', fleet.inventoryFile, '-o', 'json', '--report', 'github', '--report', 'gitlab'];
    const { stdout, stderr } = await site.controller.run(argv, { variables: { GITHUB_STEP_SUMMARY: summary } });
    expect(JSON.parse(stdout)).toMatchObject({ version: 1 });
    expect(stderr).toContain('::warning title=demo-m1%3A kubelet-server::expired');
    expect(stderr).toContain('section_start:');
    expect(site.controller.read('summary.md')).toMatch(/^before\n# kplay check\n/);
  });

  it('tells before the first contact what is no report, or cannot be written', async () => {
    const words = ['--report', 'pdf=x', '--report', 'html=/nowhere/x.html', '--report', 'csv=m', '--metrics', 'm'];
    const { exitCode, stdout, stderr } = await run(...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(
      /pdf=x is not a kind of report.*cannot write \/nowhere\/x\.html.*m is to be written by --metrics and/s,
    );
  });

  it('judges by --warn what stands in it', async () => {
    const good = await site.fleet();
    const file = site.controller.file('warned.md', '');
    const argv = ['check', '-i', good.inventoryFile, '--warn', '2y', '--report', `markdown=${file}`];
    expect((await site.controller.run(argv)).exitCode).toBe(0);
    expect(site.controller.read('warned.md')).toContain('| warning | demo-m1 |');
  });
});

describe('what kplay check tells programs', () => {
  const run = (...words: readonly string[]) => site.controller.run(['check', '-i', fleet.inventoryFile, ...words]);

  it.each(['json', 'yaml', 'csv', 'prom', 'junit', 'sarif'])('-o %s is alone on standard output', async (format) => {
    const { exitCode, stdout } = await run('-o', format);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('kubelet-server');
    expect(stdout).not.toContain('Next:');
  });

  it('tells when what a port serves ends, besides the file', async () => {
    const [{ certificates }] = JSON.parse((await run('-o', 'json')).stdout).hosts;
    const ends = (name: string) => certificates.find((one: { readonly name: string }) => one.name === name);
    expect(ends('apiserver')).toMatchObject({ served: 'good', served_ends: ends('apiserver').ends });
    expect(ends('admin.conf')).toMatchObject({ served: null, served_ends: null });
  });

  it('--exit-code says how the certificates are: critical, unknown before a warning, ok', async () => {
    const good = await site.fleet();
    const codeOf = async (inventory: string, ...words: readonly string[]) =>
      (await site.controller.run(['check', '-i', inventory, '--exit-code', ...words])).exitCode;
    expect(await codeOf(good.inventoryFile)).toBe(0);
    expect(await codeOf(good.inventoryFile, '--warn', '2y')).toBe(3);
    expect(await codeOf(good.inventoryFile, '--warn', '2y', '--critical', '2y')).toBe(2);
    expect(await codeOf(good.inventoryFile, '-e', 'renew_before=90d', '--critical', '60d')).toBe(0);
    const other = good.inventory.replace(
      /^( +)demo-m1:$/m,
      '$1first: { ansible_host: 127.0.0.1, ansible_port: 1, renew_before: 10d }\n$&',
    );
    const [differing, short] = ['90d', '30d'].map((rule) =>
      site.controller.file(`${rule}.yml`, other.replace(/^( +)demo-m1:$/m, `$&\n$1  renew_before: ${rule}`)),
    );
    expect(await codeOf(differing ?? '', '--critical', '60d')).toBe(4);
    expect(await codeOf(short ?? '', '--critical', '60d')).toBe(1);
    // Kubelet's own that has ended.
    expect(await codeOf(fleet.inventoryFile)).toBe(3);
    const away = good.inventory.replace(/^( +)demo-m1:/m, '$1gone: { ansible_host: 127.0.0.1, ansible_port: 1 }\n$&');
    expect(away).toContain('gone:');
    expect(await codeOf(site.controller.file('gone.yml', away), '--warn', '2y')).toBe(4);
  });

  it('judges each host by its own renew_before, whichever comes first', async () => {
    const good = await site.fleet({ masters: 2 });
    const verdictsOf = async (first: string, second: string) => {
      const rules = good.inventory
        .replace(/^( +)demo-m1:\n/m, `$&$1  renew_before: ${first}\n`)
        .replace(/^( +)demo-m2:\n/m, `$&$1  renew_before: ${second}\n`);
      const file = site.controller.file('rules.yml', rules);
      const { stdout: table } = await site.controller.run(['check', '-i', file]);
      const { stdout } = await site.controller.run(['check', '-i', file, '-o', 'json']);
      const { warn, hosts } = JSON.parse(stdout);
      const severities = hosts.map(({ certificates }: { readonly certificates: readonly { severity: string }[] }) => [
        ...new Set(certificates.map(({ severity }) => severity)),
      ]);
      return [table.split('\n')[0]?.replace(/.*certificates · | {3}.*/g, ''), warn, ...severities];
    };
    expect(await verdictsOf('10d', '2y')).toEqual(['10 due', '10d', ['ok'], ['warning']]);
    expect(await verdictsOf('2y', '10d')).toEqual(['11 due', '10d', ['warning'], ['ok']]);
    expect(await verdictsOf('10d', '10d')).toEqual(['none due within 10d', '10d', ['ok'], ['ok']]);
  });

  it('--nagios is one line and a code from 0 to 3, whatever happens', async () => {
    const expired = await run('--nagios');
    expect(expired.exitCode).toBe(1);
    expect(expired.stdout).toMatch(
      /^CERTIFICATES WARNING - demo-m1 kubelet-server .*nobody can verify it\) \| soonest_end=-\d+s;.*\n$/,
    );
    const away = site.controller.file('away.yml', fleet.inventory.replace(/ansible_port: \d+/, 'ansible_port: 1'));
    const unreachable = await site.controller.run(['check', '-i', away, '--nagios']);
    expect(unreachable.exitCode).toBe(3);
    expect(unreachable.stdout).toMatch(/^CERTIFICATES UNKNOWN - demo-m1 could not be reached \| /);
    const wrong = await site.controller.run(['check', '-i', '/no/such', '--nagios']);
    expect(wrong.exitCode).toBe(3);
    expect(wrong.stdout).toMatch(/^CERTIFICATES UNKNOWN - cannot read the inventory [^\n]*\n$/);
    const misspelt = await run('--nagios', '--no-such-option');
    expect(misspelt.exitCode).toBe(3);
    expect(misspelt.stdout).toMatch(/^CERTIFICATES UNKNOWN - [^\n]*\n$/);
    expect((await run('--nagios', '-o', 'json')).exitCode).toBe(3);
  });

  it('--nagios is the same from wherever it comes, and whichever of the places of options is wrong', async () => {
    const { controller } = site;
    const plugin = async (words: readonly string[], variables: Readonly<Record<string, string>> = {}) => {
      const { exitCode, stdout } = await controller.run(['check', '-i', '/no/such', ...words], { variables });
      return { exitCode, stdout };
    };
    const unknown = { exitCode: 3, stdout: expect.stringMatching(/^CERTIFICATES UNKNOWN - [^\n]*\n$/) };
    expect(await plugin(['--no-such-option'], { KPLAY_NAGIOS: 'true' })).toEqual(unknown);
    expect(await plugin([], { KPLAY_NAGIOS: 'true', KPLAY_FORKS: 'many' })).toEqual(unknown);
    expect(await plugin([], { KPLAY_NAGIOS: 'true', KPLAY_EXIT_CODE: 'true' })).toEqual(unknown);
    onTestFinished(() => controller.remove('kplay.yml'));
    controller.file('kplay.yml', 'commands: { check: { nagios: true } }\n');
    expect(await plugin(['--no-such-option'])).toEqual(unknown);
    // Whatever else is wrong, kplay.yml says who reads the answer.
    expect(await plugin([], { KPLAY_FORKS: 'many' })).toEqual(unknown);
    expect(await plugin([], { KPLAY_FORKS: 'many', KPLAY_NAGIOS: 'false' })).toEqual({ exitCode: 1, stdout: '' });
    onTestFinished(() => controller.remove('ansible.cfg'));
    controller.file('ansible.cfg', '[defaults]\nforks = many\n');
    expect(await plugin([])).toEqual(unknown);
    controller.remove('ansible.cfg');
    controller.file('kplay.yml', 'frks: 3\ncommands: { check: { nagios: true } }\n');
    expect(await plugin([])).toEqual({ ...unknown, stdout: expect.stringContaining("'frks' cannot be set") });
    controller.file('kplay.yml', 'frks: 3\n');
    expect(await plugin(['--nagios'])).toEqual({ ...unknown, stdout: expect.stringContaining("'frks' cannot be set") });
    expect(await plugin([], { KPLAY_NAGIOS: 'false' })).toEqual({ exitCode: 1, stdout: '' });
  });
});

describe('a host on which there is no certificate', () => {
  const checked = async (groups: string) => {
    const { controller } = site;
    const root = join(controller.directory, 'bare');
    mkdirSync(root, { recursive: true });
    const host = `{ ansible_connection: local, kplay_rootfs: ${JSON.stringify(root)}, ansible_become: false }`;
    const inventory = controller.file('bare.yml', `all: { hosts: { m1: ${host} } ${groups} }\n`);
    const run = (...words: readonly string[]) => controller.run(['check', '-i', inventory, ...words]);
    return {
      table: (await run()).stdout,
      withCode: (await run('--exit-code')).exitCode,
      plugin: await run('--nagios'),
      document: JSON.parse((await run('-o', 'json')).stdout),
      playbook: await controller.run(['run', 'check-certs.yml', '-i', inventory, '-e', 'ansible_become=false']),
    };
  };

  it('is unknown, and fails the playbook, where it is one of the masters', async () => {
    const { table, withCode, plugin, document, playbook } = await checked(
      ', children: { masters: { hosts: { m1: } } }',
    );
    expect(table).toMatch(/^No kubeadm certificates on: m1 \(in the group masters\)\.$/m);
    expect(withCode).toBe(4);
    expect(plugin).toMatchObject({
      exitCode: 3,
      stdout: expect.stringMatching(
        /^CERTIFICATES UNKNOWN - m1 has no kubeadm certificates, but is in the group masters \| /,
      ),
    });
    expect(document).toMatchObject({
      severity: 'unknown',
      counts: { ok: 0, unknown: 1 },
      without_certificates: ['m1'],
      certificates_expected: ['m1'],
    });
    expect(playbook.stdout).toContain('there are no kubeadm certificates');
    expect(playbook.exitCode).toBe(2);
  });

  it('is unknown, too, if no host has any', async () => {
    const { table, withCode, plugin, playbook } = await checked('');
    expect(table).toMatch(/^No kubeadm certificates on: m1\.$/m);
    expect(withCode).toBe(4);
    expect(plugin.stdout).toContain('m1 has no kubeadm certificates, and no other host has any | ');
    expect(playbook.exitCode).toBe(0);
  });
});

describe('check-certs.yml', () => {
  it('fails, and counts as expired only what is due', async () => {
    const due = await site.fleet({
      stateOf: () => ({
        leaves: {
          'kubelet-server': { condition: 'expired' },
          apiserver: { condition: 'expired' },
          'etcd-peer': { condition: 'due' },
        },
      }),
    });
    const { exitCode, stdout } = await site.controller.run(['run', 'check-certs.yml', '-i', due.inventoryFile]);
    expect(stdout).toContain('2 certificates are due, 1 of them expired');
    expect(exitCode).toBe(2);
  });

  it('fails for CAs that expire, with which nothing is due because a new certificate could not last longer', async () => {
    const ending = await site.fleet({ authorityDaysLeft: 50, stateOf: () => ({}) });
    const run = (...words: readonly string[]) =>
      site.controller.run(['run', 'check-certs.yml', '-i', ending.inventoryFile, ...words]);
    const { exitCode, stdout } = await run();
    expect(stdout).toContain('CAs that expire, have expired or cannot be used: ca, etcd-ca, front-proxy-ca');
    expect(exitCode).toBe(2);
    expect((await run('-e', 'renew_before=40d')).exitCode).toBe(0);
  });
});
