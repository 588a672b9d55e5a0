import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { JOURNAL_VERSION, journalLine } from '../../src/journal/journal-line.ts';
import { needing, program } from '../support/programs.ts';
import { bundleProgram, programOf } from './support/bundled-program.ts';
import { Controller } from './support/controller.ts';
import { startElsewhere } from './support/start-entry.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PROGRAM = programOf('completion');

const RUN = '20261124T151244Z-abcd';

let controller: Controller;
beforeAll(async () => {
  await bundleProgram('completion');
  controller = new Controller();
  controller.file('hosts.ini', '[masters]\nm[1:2]\n[workers]\nw1\n');
  controller.file(
    'fleet.yml',
    [
      'eu: { hosts: { e1: }, vars: { kplay_cluster: { name: prod-eu, wave: canary, labels: { env: prod } } } }',
      'us: { hosts: { u1: }, vars: { kplay_cluster: { name: prod-us, labels: { env: test } } } }',
      '',
    ].join('\n'),
  );
  controller.file('evil.ini', 'evil\u202e\n');
  controller.file('play.yml', '- hosts: all\n  tags: [play]\n  tasks:\n    - { command: id, tags: [one, other] }\n');
  controller.file('bad.yml', '- hosts: [\n');
  controller.file('kplay.yml', 'state: kept\n');
  controller.file('k 1', '');
  controller.file(`kept/runs/${RUN}/journal.ndjson`, '');
});
afterAll(() => controller.close());

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

/** What bash offers where the words of a command line stand as it parts them, the last one being typed. */
function bash(...words: readonly string[]): readonly string[] {
  const script = `source <(node ${PROGRAM} completion bash)
kplay() { node ${PROGRAM} "$@"; }
COMP_WORDS=(kplay "$@"); COMP_CWORD=$#
_kplay kplay "$cur"
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync(program('bash') ?? '', ['-c', script, 'bash', ...words], {
    cwd: controller.directory,
    encoding: 'utf8',
    // What it would replace: the last part, with an @ before it.
    env: { PATH: process.env['PATH'], HOME: controller.home, cur: /@?[^@]*$/.exec(words.join(''))?.[0] ?? '' },
  });
  expect(stderr).toBe('');
  return lines(stdout);
}

describe('completion in bash', needing('bash'), () => {
  it.each([
    ['commands', ['ru'], ['run']],
    ['commands of a command', ['certs', ''], ['csr', 'install', 'help']],
    ['options of the command', ['check', '--war'], ['--warn']],
    ['the values of an option', ['check', '-o', 'j'], ['json', 'junit']],
    ['the values of an option that is joined', ['check', '--output', '=', 'y'], ['yaml']],
    ['steps', ['doc', 'certs.ch'], ['certs.check']],
    ['playbooks that ship with kplay', ['run', 'renew'], ['renew-certs.yml']],
    ['groups', ['run', 'play.yml', '-i', 'hosts.ini', '-l', 'ma'], ['masters']],
    ['hosts', ['run', 'play.yml', '-ihosts.ini', '-l', 'm1,m'], ['m1,masters', 'm1,m1', 'm1,m2']],
    [
      'hosts, behind several options in a word',
      ['run', 'play.yml', '-bi', 'hosts.ini', '-bl', 'm1,m'],
      ['m1,masters', 'm1,m1', 'm1,m2'],
    ],
    ['clusters', ['run', '-i', 'fleet.yml', '-l', 'cluster', ':'], ['prod-eu', 'prod-us']],
    ['clusters, behind other parts', ['run', '-i', 'fleet.yml', '-l', 'e1,cluster', ':', 'prod-u'], ['prod-us']],
    [
      'clusters that are left out',
      ['run', '-i', 'fleet.yml', '--limit', '=', 'all', ':', '!cluster', ':'],
      ['prod-eu', 'prod-us'],
    ],
    ['waves', ['run', '-i', 'fleet.yml', '-l', 'wave', ':', 'c'], ['canary']],
    ['labels', ['run', '-i', 'fleet.yml', '-l', 'label', ':', 'e'], ['env=prod', 'env=test']],
    ['values of a label', ['run', '-i', 'fleet.yml', '-l', 'label', ':', 'env', '='], ['prod', 'test']],
    ['values of a label that has begun', ['run', '-i', 'fleet.yml', '-l', 'label', ':', 'env', '=', 'p'], ['prod']],
    ['hosts behind a colon', ['run', '-i', 'hosts.ini', '-l', 'masters', ':', '!w'], ['!workers', '!w1']],
    ['tags', ['run', 'play.yml', '-t', 'o'], ['one', 'other']],
    ['tags of a playbook that ships with kplay', ['run', 'language.yml', '--tags', 'l'], ['load']],
    ['more tags', ['run', 'play.yml', '--tags', '=', 'one,p'], ['one,play']],
    ['shells', ['completion', ''], ['bash', 'zsh', 'fish']],
    ['the last run', ['show', 'l'], ['last']],
    ['runs below --state', ['resume', '--state', 'kept', '2026'], [RUN]],
    ['runs below the state of kplay.yml', ['show', '2026'], [RUN]],
    ['backups, which are called after runs', ['rollback', '--backup', ''], [RUN]],
    ['kinds of reports', ['run', 'play.yml', '--report', 'g'], ['gitlab=', 'gitlab', 'github']],
    ['kinds of reports that are joined', ['check', '--report', '=', 's'], ['sarif=']],
    ['files of variables', ['run', '-e', '@', 'hos'], ['@hosts.ini ']],
    ['files of variables, behind the option', ['run', '--extra-vars', '=@', 'p'], ['@play.yml ']],
    ['files in a directory of hosts', ['run', '-l', '@', 'kept/'], ['@kept/runs/']],
    [
      'a directory, and files with names that a shell would part',
      ['run', '-e', '@', 'k'],
      ['@k\\ 1 ', '@kept/', '@kplay.yml '],
    ],
    ['nothing more behind a user', ['run', '-i', 'ops', '@', 'host,', '-l', 'h'], []],
    ['more playbooks', ['worker', 'play.yml', 'ren'], ['renew-certs.yml']],
  ])('offers %s', (_what, words, offered) => {
    expect(bash(...words).toSorted()).toEqual(offered.toSorted());
  });

  it.each([
    ['an inventory that is not there', ['run', '-i', 'none.yml', '-l', 'm']],
    ['no inventory', ['run', '-l', 'm']],
    ['a playbook that cannot be read', ['run', 'bad.yml', '-t', 'o']],
    ['a name that a terminal would obey', ['run', '-i', 'evil.ini', '-l', 'evil']],
    ['an option that is not there', ['check', '--no-such-option-']],
    ['a command that is not there', ['no-such-command', 'x']],
    ['a user', ['run', '-u', 'p']],
    ['a path on the hosts', ['check', '--kubeconfig', 'p']],
    ['a wave', ['approve', 'last', 'p']],
  ])('offers nothing, and says nothing, for %s', (_what, words) => {
    expect(bash(...words)).toEqual([]);
  });
});

/** What kplay itself prints for the last word. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  return lines((await controller.run(['__complete', ...words])).stdout);
}

it.each([
  ['a report', ['run', 'play.yml', '--report', 'html=r'], [':files']],
  ['a report, as bash splits it', ['run', 'play.yml', '--report', 'html', '=', 'r'], [':files']],
  ['a joined report, as bash splits it', ['run', 'play.yml', '--report', '=', 'html', '='], [':files']],
  ['variables', ['run', '-e', '@v'], [':files']],
  ['a value of a variable', ['run', '-e', 'v=@'], []],
  ['variables, as bash splits it', ['run', '-e', '@', 'v'], [':files']],
  ['joined variables, as bash splits it', ['run', '--extra-vars', '=@', 'v'], [':files']],
  ['a value with an @, as bash splits it', ['run', '-e', 'v', '=@', 'x'], []],
  ['hosts behind a pattern, as bash splits it', ['run', '-l', 'a', ':@', 'x'], [':files']],
  ['a kubeconfig of this machine', ['init', '--kubeconfig', ''], [':files']],
  ['the number of hosts', ['run', '-f', ''], []],
])('the file of %s is completed by the shell, if it is one', async (_what, words, expected) => {
  expect(await offered(...words)).toEqual(expected);
});

it('offers clusters, labels and waves to shells that do not part words', async () => {
  const limits = ['cluster:', 'e1,wave:c', 'label:env=t', 'e1:!cluster:prod-e'];
  const fleet = join(controller.directory, 'fleet.yml');
  const all = await Promise.all(limits.map((limit) => offered('run', '-i', fleet, '-l', limit)));
  expect(all).toEqual([
    ['cluster:prod-eu', 'cluster:prod-us'],
    ['e1,wave:canary'],
    ['label:env=test'],
    ['e1:!cluster:prod-eu'],
  ]);
  expect(await offered('run', '-i', fleet, '--limit=cluster:prod-u')).toEqual(['--limit=cluster:prod-us']);
});

it('hosts of kplay logs are those of the run', async () => {
  const start = { ...startElsewhere(RUN), hosts: ['old1', 'old2'] };
  const line = journalLine({ version: JOURNAL_VERSION, sequence: 1, time: new Date(0), entry: start });
  const other = join(controller.file(`other/runs/${RUN}/journal.ndjson`, `${line}\n`), '../../..');
  expect(await offered('logs', '--state', other, 'last', '-l', 'old1,')).toEqual(['old1,old1', 'old1,old2']);
  expect(await offered('logs', '--state', 'none', 'last', '-l', '')).toEqual([]);
});

describe.each(['bash', 'zsh', 'fish'] as const)('the script for %s', (shell) => {
  it('is one that it can read', needing(shell), async () => {
    const { exitCode, stdout } = await controller.run(['completion', shell]);
    expect(exitCode).toBe(0);
    const path = controller.file(`completion.${shell}`, stdout);
    const { status, stderr } = spawnSync(program(shell) ?? '', ['-n', path], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

it('fish completes files behind =', needing('fish'), async () => {
  const script = controller.file('kplay.fish', (await controller.run(['completion', 'fish'])).stdout);
  const asked = ['--report html=pla', '--metrics=pla', '--rollout pla', '-l @pla', '-e @pla'].map(
    (w) => `complete -C 'kplay run ${w}'`,
  );
  const commands = `function kplay; node ${PROGRAM} $argv; end; source ${script}; ${asked.join('; ')}`;
  const { stdout } = spawnSync(program('fish') ?? '', ['--no-config', '-c', commands], {
    cwd: controller.directory,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: controller.home },
  });
  expect(lines(stdout)).toEqual(['html=play.yml', '--metrics=play.yml', 'play.yml', '@play.yml', '@play.yml']);
});

it('fish offers what kplay says', needing('fish'), async () => {
  const script = controller.file('kplay.fish', (await controller.run(['completion', 'fish'])).stdout);
  const commands = `function kplay; node ${PROGRAM} $argv; end; source ${script}; complete -C 'kplay check -o j'`;
  const { stdout } = spawnSync(program('fish') ?? '', ['--no-config', '-c', commands], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: controller.home },
  });
  expect(lines(stdout)).toEqual(['json', 'junit']);
});

/** What zsh has on its screen once it shows `awaited`, where each of `typed` is typed in turn. */
function zsh(load: string, steps: readonly (readonly [typed: string, awaited: string])[]) {
  const script = `zmodload zsh/zpty
export TERM=vt100
zpty z zsh -f -i
zpty -w z 'stty cols 120 rows 40; PS1=; autoload -Uz compinit; ${load}; kplay() { node ${PROGRAM} "$@" }; print REA""DY'
zpty -r -m z seen '*READY*' || exit 1
${steps.map(([typed, awaited]) => `zpty -w -n z $'${typed}'; zpty -r -m z seen '*${awaited}*' || exit 1; print -r -- "$seen"`).join('\n')}
zpty -d z`;
  const { status, stdout } = spawnSync(program('zsh') ?? '', ['-f', '-c', script], {
    cwd: controller.directory,
    encoding: 'utf8',
    timeout: 30_000,
    env: { PATH: process.env['PATH'], HOME: controller.home },
  });
  return { status, stdout };
}

describe('completion in zsh', needing('zsh'), () => {
  it.each([
    ['sourced', 'compinit -u -D; source ./_kplay'],
    // The first word that is completed is what loads the script.
    ['found in fpath', 'fpath=($PWD $fpath); compinit -u -D'],
  ])('offers what kplay says, with what it is, when it is %s', async (_how, load) => {
    controller.file('_kplay', (await controller.run(['completion', 'zsh'])).stdout);
    const { status, stdout } = zsh(load, [
      ['kplay ch\\t', 'kplay check'],
      ['--c\\t\\t', '--critical'],
      // Kinds of reports end where their file begins.
      ['\\x15kplay run --report ht\\t', 'ml='],
      ['pla\\t', 'y.yml'],
      [' -l @pla\\t', 'y.yml'],
      [' -e @pla\\t', 'y.yml'],
    ]);
    expect({ status, stdout }).toMatchObject({ status: 0 });
    expect(stdout).toMatch(/--connection +-- how to connect, unless the inventory sets it/);
  });
});

it('fish says what commands and options are', needing('fish'), async () => {
  const script = controller.file('kplay.fish', (await controller.run(['completion', 'fish'])).stdout);
  const commands = `function kplay; node ${PROGRAM} $argv; end; source ${script}; complete -C 'kplay che'; complete -C 'kplay check --warn'`;
  const { stdout } = spawnSync(program('fish') ?? '', ['--no-config', '-c', commands], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: controller.home },
  });
  expect(lines(stdout)).toEqual([expect.stringMatching(/^check\t\w/), expect.stringMatching(/^--warn\t\w/)]);
});

it('takes no other shell', async () => {
  const { exitCode, stderr } = await controller.run(['completion', 'tcsh']);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('Allowed choices are bash, zsh, fish');
});
