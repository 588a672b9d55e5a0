import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { PROJECT } from '../cli/support/bundled-program.ts';
import { needing } from '../support/programs.ts';
import { exampleText } from './support/ci-examples.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kplay-ci-lint-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What a linter says that finds nothing; it throws, with what was found, when there is something. */
function lint(program: string, ...words: readonly string[]): string {
  return execFileSync(program, words, { cwd: directory, encoding: 'utf8', stdio: 'pipe' });
}

test('actionlint finds nothing in the workflow, nor in what it gives the action', needing('actionlint'), () => {
  mkdirSync(join(directory, '.git'));
  mkdirSync(join(directory, '.github', 'workflows'), { recursive: true });
  copyFileSync(join(PROJECT, 'action.yml'), join(directory, 'action.yml'));
  const workflow = exampleText('docs/ci/github-workflow.yml').replaceAll(/OWNER\/kplay@\S+/g, './');
  writeFileSync(join(directory, '.github', 'workflows', 'certificates.yml'), workflow);
  expect(lint('actionlint', '-no-color')).toBe('');
});

test.each(['action.yml', 'docs/ci/github-workflow.yml'])('%s names actions of others by their commits', (path) => {
  const used = [...readFileSync(join(PROJECT, path), 'utf8').matchAll(/uses: (.*)/g)].map(([, name = '']) => name);
  expect(used.length).toBeGreaterThan(0);
  const loose = used.filter((name) => !/^OWNER\/kplay@|@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(name));
  expect(loose).toEqual([]);
});

test('only the job that changes hosts waits for others of its kind: a plan that waits for an approval holds up no check', () => {
  const { concurrency, jobs } = parse(exampleText('docs/ci/github-workflow.yml'));
  expect(concurrency).toBeUndefined();
  const serial = Object.keys(jobs).filter((name) => jobs[name].concurrency !== undefined);
  expect(serial).toEqual(['apply']);
  expect(jobs.apply.concurrency).toMatchObject({ 'cancel-in-progress': false });
});

test('GitLab shows saved plans and journals to developers only', () => {
  const { default: _, variables: __, stages: ___, ...jobs } = parse(exampleText('docs/ci/gitlab-ci.yml'));
  for (const [name, { artifacts }] of Object.entries<{ artifacts: Record<string, unknown> }>(jobs))
    if (artifacts['paths'] !== undefined) expect(artifacts['access'], name).toBe('developer');
});

test.for([
  ['github-actions', 'action.yml'],
  ['github-workflows', 'docs/ci/github-workflow.yml'],
  ['gitlab-ci', 'docs/ci/gitlab-ci.yml'],
])('%s: %s is as its schema says', needing('check-jsonschema'), ([schema = '', path = '']) => {
  expect(lint('check-jsonschema', '--builtin-schema', `vendor.${schema}`, join(PROJECT, path))).toMatch(/^ok/);
});

test('the CronJob is as Kubernetes has it', needing('kubernetes-validate'), () => {
  lint('kubernetes-validate', '--strict', '-k', '1.33', join(PROJECT, 'docs/ci/kubernetes-cronjob.yml'));
});

test('the timer does not try a renewal again that has failed, until somebody has removed a file; any other it does', () => {
  const unit = exampleText('docs/ci/systemd/kplay-renew.service').replaceAll('/var/lib/kplay', directory);
  const mark = /^ConditionPathExists=!(.*)$/m.exec(unit)?.[1] ?? '';
  const [, command = ''] = /^ExecStopPost=\/bin\/sh -c '(.*)'$/m.exec(unit) ?? [];
  const isHeldAfter = (status: string): boolean => {
    rmSync(mark, { force: true });
    execFileSync('/bin/sh', ['-c', command], { env: { ...process.env, EXIT_STATUS: status } });
    return existsSync(mark);
  };
  expect(['0', '1', '2', '3', '4', '5', '130', 'KILL'].filter(isHeldAfter)).toEqual(['2', '5']);
});

test('systemd finds nothing in the units', needing('systemd-analyze'), () => {
  const names = readdirSync(join(PROJECT, 'docs/ci/systemd'));
  const units = names.map((name) => {
    const unit = join(directory, name);
    // It wants to see the program.
    writeFileSync(unit, exampleText(`docs/ci/systemd/${name}`).replace('/usr/bin/kplay', process.execPath));
    return unit;
  });
  expect(units).toHaveLength(5);
  const said = execFileSync('sh', ['-c', 'systemd-analyze verify --man=no "$@" 2>&1', 'sh', ...units], {
    encoding: 'utf8',
  });
  expect(said).toBe('');
});
