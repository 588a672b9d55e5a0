import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { refuseInputs } from '../../src/cli/output/report-files.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import { againstJenkins } from '../report/reports/support/jenkins.ts';
import { readXml } from '../report/support/xml-reader.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

vi.setConfig({ testTimeout: 60_000 });

let controller: Controller;
let inventory: string;
let play: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory } = localHost(controller));
  play = controller.file(
    'play.yml',
    `- name: Words
  hosts: all
  tasks:
    - name: Write
      copy: { dest: /words, content: "{{ what | default('x') }}" }
    - name: Fail
      command: { argv: [sh, -c, "echo '<script>]]>' >&2; exit 3"] }
      when: fails is defined
`,
  );
});
afterAll(() => controller.close());

const at = (name: string): string => join(controller.directory, name);
const drafts = (): readonly string[] => readdirSync(controller.directory).filter((name) => name.includes('kplay-new'));
const kplay = (command: string, reports: readonly string[], more: readonly string[] = [], variables = {}) =>
  controller.run([command, play, '-i', inventory, ...reports.flatMap((one) => ['--report', one]), ...more], {
    variables,
  });

describe('a file that the command reads', () => {
  it.each<[option: string, words: () => readonly string[]]>([
    ['--metrics', () => ['run', play, '-i', inventory, '--metrics', inventory]],
    ['--report', () => ['run', play, '-i', inventory, '--report', `html=${play}`]],
    [
      '--report',
      () => ['run', play, '-i', inventory, '-e', `@${at('vars.yml')}`, '--report', `json=${at('vars.yml')}`],
    ],
    ['--out', () => ['plan', play, '-i', inventory, '--out', at('same.yml')]],
    ['--report', () => ['check', '-i', inventory, '--report', `csv=${inventory}`]],
    ['--metrics', () => ['check', '-i', inventory, '--metrics', inventory]],
    ['--report', () => ['apply', at('kept.kplan'), '--report', `html=${at('kept.kplan')}`]],
  ])('is not replaced by %s of %s', async (option, words) => {
    controller.file('vars.yml', 'what: z\n');
    rmSync(at('same.yml'), { force: true });
    symlinkSync(inventory, at('same.yml'));
    await controller.run(['plan', play, '-i', inventory, '--out', at('kept.kplan')]);
    const files = [inventory, play, at('vars.yml'), at('kept.kplan')];
    const before = files.map((file) => readFileSync(file, 'utf8'));
    const { exitCode, stdout, stderr } = await controller.run(words());
    expect(stderr).toMatch(
      new RegExp(`error: \\S+ is read by this command, and ${option} would replace it\n +name another`),
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(before);
    expect(drafts()).toEqual([]);
  });

  it('may have the name of a report without a file', () => {
    const problems = new Problems();
    // As with `-i gitlab --report gitlab`, wherever the test runs.
    refuseInputs({ reports: [inventory] }, () => [inventory], problems);
    expect(problems.all).toEqual([]);
    refuseInputs({ reports: [`html=${inventory}`] }, () => [inventory], problems);
    expect(problems.all).toHaveLength(1);
  });
});

describe('kplay run --report', () => {
  it('writes each report at the end, whole, for all to read, and changes nothing of the screen', async () => {
    const reports = [`junit=${at('all.xml')}`, `json=${at('all.json')}`, `markdown=${at('all.md')}`];
    const { exitCode, stderr } = await kplay('run', reports, ['-o', 'json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(againstJenkins(readXml(readFileSync(at('all.xml'), 'utf8')))).toEqual([]);
    expect(JSON.parse(readFileSync(at('all.json'), 'utf8'))).toMatchObject({
      summary: expect.stringMatching(/^1 change on 1 host\./),
      end: { exitCode: 0 },
      plays: [{ play: 'Words', tasks: [{ outcome: 'changed' }, { outcome: 'skipped' }] }],
    });
    expect(readFileSync(at('all.md'), 'utf8')).toContain('| here | changed |');
    expect(statSync(at('all.xml')).mode & 0o777).toBe(0o644);
    expect(drafts()).toEqual([]);
  });

  it('tells of a failure, with what the host has said as text', async () => {
    const { exitCode } = await kplay('run', [`junit=${at('failed.xml')}`], ['-e', 'fails=1', '-e', 'what=y']);
    expect(exitCode).toBe(2);
    const root = readXml(readFileSync(at('failed.xml'), 'utf8'));
    expect(root.attributes['failures']).toBe('1');
    expect(readFileSync(at('failed.xml'), 'utf8')).not.toContain('<script>');
  });

  it('speaks to GitHub on standard error and adds to the summary of the job', async () => {
    const summary = controller.file('summary.md', 'before\n');
    const variables = { GITHUB_STEP_SUMMARY: summary };
    const { stdout, stderr } = await kplay('run', ['github'], ['-e', 'fails=1', '-o', 'json'], variables);
    expect(stderr).toMatch(/^::group::Words\n/);
    expect(stderr).toMatch(/^::error file=play\.yml,line=6,col=7,title=here failed in Fail::/m);
    expect(stdout).not.toContain('::error');
    expect(readFileSync(summary, 'utf8')).toMatch(/^before\n# kplay run: /);
  });

  it('has the plan of kplay plan in Markdown and in the summary of the job, with contents only with --diff', async () => {
    const summary = controller.file('planned.md', '');
    const reports = ['github', `markdown=${at('plan.md')}`];
    const more = ['-e', 'what=planned', '-o', 'json'];
    await kplay('plan', reports, more, { GITHUB_STEP_SUMMARY: summary });
    const changes =
      /\n<summary>1 host to change, 0 unchanged, 0 refused\.<\/summary>\n\n```\n {2}here\n {4}copy {5}[+~] \/words /;
    for (const page of [summary, at('plan.md')]) {
      expect(readFileSync(page, 'utf8')).toMatch(changes);
      expect(readFileSync(page, 'utf8')).not.toContain('+planned');
    }
    await kplay('plan', reports, [...more, '-D'], { GITHUB_STEP_SUMMARY: summary });
    for (const page of [summary, at('plan.md')]) expect(readFileSync(page, 'utf8')).toMatch(/^ +\+planned$/m);
  });

  it('names the playbook as the repository of the job does, and none that is outside of it', async () => {
    const failing = ['-e', 'fails=1', '-o', 'json'];
    const above = await kplay('run', ['github'], failing, { GITHUB_WORKSPACE: join(controller.directory, '..') });
    expect(above.stderr).toContain(`::error file=${basename(controller.directory)}/play.yml,line=6,`);
    const quality = [`gitlab=${at('quality.json')}`];
    await kplay('run', quality, failing, { CI_PROJECT_DIR: join(controller.directory, '..') });
    expect(JSON.parse(readFileSync(at('quality.json'), 'utf8'))).toMatchObject([
      { location: { path: `${basename(controller.directory)}/play.yml`, lines: { begin: 6 } } },
    ]);
    symlinkSync(controller.directory, at('link'));
    const linked = await kplay('run', ['github'], failing, { GITHUB_WORKSPACE: at('link') });
    rmSync(at('link'));
    expect(linked.stderr).toContain('::error file=play.yml,line=6,');
    const elsewhere = await kplay('run', ['github'], failing, { GITHUB_WORKSPACE: at('elsewhere') });
    expect(elsewhere.stderr).toMatch(/^::error title=here failed in Fail::/m);
  });

  it('annotates what is wrong with the input', async () => {
    const bad = controller.file('bad.yml', '- hosts: all\n  tasks:\n    - cpoy: {}\n    - copy: {}\n');
    const words = ['run', bad, '-i', inventory, '--tags', 'none', '--report', 'github'];
    const { exitCode, stderr } = await controller.run(words);
    expect(exitCode).toBe(1);
    expect(stderr.match(/^::.*$/gm)).toEqual([
      expect.stringMatching(/^::error title=[^:]*none[^:]*::/),
      expect.stringMatching(
        /^::error file=bad\.yml,line=3,col=7,title=unknown step 'cpoy'::What to do: did you mean copy/,
      ),
      expect.stringMatching(/^::error file=bad\.yml,line=4,col=7,title=copy needs the parameter/),
      expect.stringMatching(/^::error file=bad\.yml,line=4,col=7,title=copy needs the parameter/),
    ]);
    expect(readdirSync(controller.directory)).not.toContain('none');
  });

  it('adds nothing to a summary that GitHub would no longer show then', async () => {
    const summary = controller.file('full.md', 'x'.repeat(1024 * 1024 - 10));
    const { exitCode, stderr } = await kplay('run', ['github'], [], { GITHUB_STEP_SUMMARY: summary });
    expect(exitCode).toBe(0);
    expect(statSync(summary).size).toBe(1024 * 1024 - 10);
    expect(stderr).toMatch(/^warning: .*full\.md is not added to: with more than 1 MiB GitHub would show nothing/m);
  });

  it('keeps its exit code when the summary cannot be written', async () => {
    const variables = { GITHUB_STEP_SUMMARY: at('absent/summary.md') };
    const { exitCode, stderr } = await kplay('run', ['github'], [], variables);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^warning: cannot write the job's summary .*no such .*The exit code is valid all the same\.$/m,
    );
  });

  it('keeps its exit code, and the other reports, when a place is gone at the end', async () => {
    const gone = at('gone');
    mkdirSync(gone);
    const reports = [`json=${join(gone, 'a.json')}`, `markdown=${at('kept.md')}`];
    const away = controller.file('away.yml', `- hosts: all\n  tasks:\n    - command: { argv: [rm, -rf, "${gone}"] }\n`);
    const argv = ['run', away, '-i', inventory, ...reports.flatMap((one) => ['--report', one])];
    const { exitCode, stderr } = await controller.run(argv);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^warning: cannot write .*a\.json: .*The exit code is valid all the same\.$/m);
    expect(existsSync(at('kept.md'))).toBe(true);
  });
});

describe('kplay plan --report', () => {
  it('tells what would be done', async () => {
    const reports = [`junit=${at('plan.xml')}`, `json=${at('plan.json')}`];
    const { exitCode } = await kplay('plan', reports, ['-e', 'what=z', '-e', 'fails=1']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(readFileSync(at('plan.json'), 'utf8'))).toMatchObject({
      summary: expect.stringMatching(/^1 host to change/),
      plays: [{ plans: [{ totals: { change: 1 } }] }],
    });
    expect(readXml(readFileSync(at('plan.xml'), 'utf8')).attributes).toMatchObject({ tests: '2', failures: '0' });
  });
});

describe('a report that cannot be', () => {
  it.each<[what: string, reports: () => readonly string[], more: () => readonly string[], says: RegExp]>([
    [
      'of an unknown kind',
      () => ['pdf=x.pdf'],
      () => [],
      /--report pdf=x\.pdf is not a kind of report.*junit=FILE, json=FILE/s,
    ],
    ['without its file', () => ['junit'], () => [], /--report junit needs a file: junit=FILE/],
    ['with an empty file', () => ['json='], () => [], /--report json needs a file: json=FILE/],
    [
      'on standard output',
      () => ['json=-'],
      () => [],
      /--report takes a file, not -\n.*use a file name; for standard output use -o/,
    ],
    ['that another command has', () => ['sarif=x'], () => [], /--report sarif is only for kplay check/],
    [
      'in a directory that is absent',
      () => [`json=${at('absent/a.json')}`],
      () => [],
      /cannot write .*absent\/a\.json/,
    ],
    ['that is a directory', () => [`json=${controller.directory}`], () => [], /cannot write .*directory/],
    [
      'in the same file as another',
      () => [`json=${at('one')}`, `junit=${at('./x/../one')}`],
      () => [],
      /one is to be written by --report json=.* and by --report junit=/,
    ],
    [
      'in the file of the metrics',
      () => [`json=${at('m.prom')}`],
      () => ['--metrics', at('m.prom')],
      /is to be written by --metrics and by --report/,
    ],
    [
      'among the journals',
      () => [`json=${at('runs/a.json')}`],
      () => ['--state', controller.directory],
      /is where the journals of runs are kept/,
    ],
  ])('%s is told before anything is contacted', async (_what, reports, more, says) => {
    mkdirSync(at('runs'), { recursive: true });
    const before = controller.journals;
    const { exitCode, stdout, stderr } = await kplay('run', reports(), more());
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(says);
    expect(controller.journals).toEqual(before);
    expect(drafts()).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)('in a directory without the right to write is told before', async () => {
    const closed = at('closed');
    mkdirSync(closed);
    chmodSync(closed, 0o500);
    const { exitCode, stderr } = await kplay('run', [`json=${join(closed, 'a.json')}`]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('permission denied');
  });

  it('leaves an old file as it was where the input is wrong', async () => {
    const old = controller.file('old.json', 'old');
    const { exitCode } = await kplay('run', [`json=${old}`, 'pdf=x']);
    expect(exitCode).toBe(1);
    expect(readFileSync(old, 'utf8')).toBe('old');
  });
});
