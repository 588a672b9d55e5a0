import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { JournalEntry, StartEntry } from '../../src/core/journal.ts';
import { JOURNAL_VERSION, journalLine } from '../../src/journal/journal-line.ts';
import { Controller, type Ended } from './support/controller.ts';
import { localHost } from './support/local-host.ts';
import { MarkedFleet } from './support/marked-fleet.ts';

vi.setConfig({ testTimeout: 120_000 });

let controller: Controller;
let inventory: string;
let root: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory, root } = localHost(controller));
  controller.file('vars.yml', 'text: one\n');
});
afterAll(() => controller.close());

const kplay = (...argv: readonly string[]): Promise<Ended> => controller.run(argv);

/** A playbook that fails until the host has a file `ready`. @returns its path. */
function playbook(name = 'play'): string {
  controller.file(`${name}-tasks.yml`, `- name: Fail at first\n  command: test -e ${root}/ready\n`);
  return controller.file(
    `${name}.yml`,
    `- hosts: all
  vars_files: [vars.yml]
  tasks:
    - name: Put it
      copy: { dest: /${name}, content: "{{ text }} {{ api_token | default('none') }}" }
    - import_tasks: ${name}-tasks.yml
`,
  );
}

async function failed(...words: readonly string[]): Promise<string> {
  controller.remove('root/ready');
  expect((await kplay('run', ...words, '-i', inventory)).exitCode).toBe(2);
  const [last] = JSON.parse((await kplay('history', '-o', 'json')).stdout);
  controller.file('root/ready', '');
  return last.run;
}

/** Makes the journal of a run one that does not tell of its end. */
function withoutEnd(id: string, change: (start: StartEntry) => StartEntry): void {
  const path = controller.journals.find((one) => one.includes(id)) ?? '';
  const entries = controller.journal(path).flatMap((entry): readonly JournalEntry[] => {
    if (entry.type === 'start') return [change(entry)];
    return entry.type === 'end' || (entry.type === 'event' && entry.event.type === 'run-finished') ? [] : [entry];
  });
  const time = new Date(0);
  const lines = entries.map((entry, index) => {
    return `${journalLine({ version: JOURNAL_VERSION, sequence: index + 1, time, entry })}\n`;
  });
  writeFileSync(path, lines.join(''));
}

describe('kplay resume', () => {
  it('goes on with the same playbook, inventory and options', async () => {
    const id = await failed(playbook(), '-e', 'text=two');
    const { exitCode, stdout, stderr } = await kplay('resume', id, '-o', 'plain');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^here : ok=2 +changed=1 /m);
    expect(readFileSync(join(root, 'play'), 'utf8')).toBe('two none\n');
    const again = await kplay('resume', `${id}.2`);
    expect(again.stderr).toContain(`error: run ${id}.2 has succeeded: there is nothing to resume\n`);
    expect(again.exitCode).toBe(1);
  });

  it('reads the hosts in a file of its limit from any directory', async () => {
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    controller.file('limits', 'here\n');
    process.chdir(controller.directory);
    const id = await failed(playbook('limited'), '-l', 'here,@limits');
    process.chdir('/');
    const { exitCode, stderr } = await kplay('resume', id, '-o', 'plain');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it('takes for the last run the one before a lock was removed', async () => {
    const first = await failed(playbook());
    const path = controller.journals.find((one) => one.includes(join(first, 'journal'))) ?? '';
    const start = controller.journal(path).find((entry) => entry.type === 'start');
    if (start?.type !== 'start') throw new Error('no start');
    const { recipe: _, ...rest } = start;
    const runId = first.replace(/^\d{8}/, '29991231');
    const entries: JournalEntry[] = [
      { ...rest, runId, number: start.number + 1, command: 'unlock' },
      { type: 'end', exitCode: 0 },
    ];
    const lines = entries.map((entry, index) => {
      return `${journalLine({ version: JOURNAL_VERSION, sequence: index + 1, time: new Date(), entry })}\n`;
    });
    controller.file(join('state/kplay/runs', runId, 'journal.ndjson'), lines.join(''));
    const history = JSON.parse((await kplay('history', '-o', 'json')).stdout);
    expect(history[0]).toMatchObject({ run: runId, command: 'unlock' });
    const { exitCode, stdout, stderr } = await kplay('resume', 'last', '-o', 'plain');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`run ${first}.2`);
    controller.remove(join('state/kplay/runs', runId));
  });

  it('is refused to all but one of those that start in the same moment', async () => {
    const id = await failed(playbook('rivals'));
    const ended = await Promise.all([1, 2, 3].map(() => kplay('resume', id, '-o', 'plain')));
    const refused = ended.filter(({ exitCode }) => exitCode !== 0);
    expect(refused).toHaveLength(2);
    for (const { exitCode, stdout, stderr } of refused) {
      expect(stderr).toContain(`error: run ${id}.2 was started in the same moment, and resumes it\n`);
      expect(stderr).toContain(`its progress: kplay show ${id}.2\n1 problem. No host was contacted.\n`);
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    }
    // Those that were refused have left nothing, and the next one after a failure is numbered as if they had not been there.
    const history = JSON.parse((await kplay('history', '-o', 'json')).stdout);
    const runs = history.map(({ run }: { run: string }) => run).filter((run: string) => run.startsWith(id));
    expect(runs).toEqual([`${id}.2`, id]);
  });

  describe('while another run may resume the same one', () => {
    const written: string[] = [];
    afterEach(() => {
      for (const id of written.splice(0)) controller.remove(join('state/kplay/runs', id));
    });

    /** The journal of a run of another machine, which has not reported its end unless with `exitCode`. @returns its id. */
    const resumedElsewhere = (first: string, number: number, resumes: string, exitCode?: number): string => {
      const path = controller.journals.find((one) => one.includes(join(first, 'journal'))) ?? '';
      const start = controller.journal(path).find((entry) => entry.type === 'start');
      if (start?.type !== 'start') throw new Error('no start');
      const id = `${first}.${number}`;
      const elsewhere = { ...start, runId: id, number: start.number + number, machine: 'elsewhere', resumes };
      const entries: JournalEntry[] = [
        elsewhere,
        ...(exitCode === undefined ? [] : [{ type: 'end', exitCode } as const]),
      ];
      const lines = entries.map((entry, index) => {
        return `${journalLine({ version: JOURNAL_VERSION, sequence: index + 1, time: new Date(), entry })}\n`;
      });
      controller.file(join('state/kplay/runs', id, 'journal.ndjson'), lines.join(''));
      written.push(id);
      return id;
    };

    it.each([[[]], [['--has-ended']]])('is refused, and names that one: %j', async (words) => {
      const id = await failed(playbook(`twice${words.length}`));
      const second = resumedElsewhere(id, 2, id);
      const third = resumedElsewhere(id, 3, second);
      const { exitCode, stderr } = await kplay('resume', id, ...words);
      expect(stderr).toContain(
        `error: run ${third} resumes run ${id} already, and may still be in progress on elsewhere\n`,
      );
      expect(stderr).toContain(`kplay show ${third}; if it has ended there: kplay resume ${third} --has-ended\n`);
      expect(exitCode).toBe(1);
      // That one is resumed, and what it has resumed has ended, since it was resumed.
      expect((await kplay('resume', third, '--has-ended')).exitCode).toBe(0);
      expect((await kplay('resume', id)).exitCode).toBe(0);
    });

    it('is refused for each of the runs that resume it', async () => {
      const id = await failed(playbook('siblings'));
      const second = resumedElsewhere(id, 2, id, 2);
      const third = resumedElsewhere(id, 3, id);
      const { exitCode, stderr } = await kplay('resume', second);
      expect(stderr).toContain(
        `error: run ${third} resumes run ${id} as run ${second} does, and may still be in progress on elsewhere\n`,
      );
      expect(stderr).toContain(`if it has ended there: kplay resume ${third} --has-ended\n`);
      expect(exitCode).toBe(1);
      const fourth = resumedElsewhere(id, 4, id);
      for (const one of [third, fourth]) {
        const refused = await kplay('resume', one, '--has-ended');
        expect(refused.stderr).toContain('; if both have ended, run the command of the first again\n');
        expect(refused.exitCode).toBe(1);
      }
    });
  });

  describe('of a host that it does not reach', () => {
    const reachable = (): void => void localHost(controller);
    const unreachable = (): void =>
      void controller.file('here.yml', 'all: { hosts: { here: { ansible_host: 127.0.0.1, ansible_port: 1 } } }\n');
    afterEach(reachable);

    it('says how the earlier run has left it, wherever it says anything about it', async () => {
      const kinds = ['junit', 'markdown', 'html', 'json'];
      const reports = kinds.flatMap((kind) => ['--report', `${kind}=${join(controller.directory, `left.${kind}`)}`]);
      const id = await failed(playbook('left'), ...reports);
      unreachable();
      const left = `not reached; as run ${id} left it: partly changed: stopped at 'Fail at first'`;
      const { exitCode, stdout } = await kplay('resume', id, '--changed-files', '-o', 'plain');
      expect(exitCode).toBe(4);
      expect(stdout).toContain(`State: here ${left}.\nThis run changed nothing. `);
      expect(stdout).toMatch(new RegExp(`^Next: kplay resume ${id}\\.2$`, 'm'));
      const shown = JSON.parse((await kplay('show', `${id}.2`, '-o', 'json')).stdout);
      const state = `partly changed: stopped at 'Fail at first'`;
      expect(shown.recap).toMatchObject([{ state: 'as-left', left: { run: id, state, isWell: false } }]);
      expect(shown.hosts).toEqual([{ host: 'here', state: left, well: false }]);
      expect((await kplay('show', `${id}.2`)).stdout).toContain(`State: here ${left}.\n`);
      for (const kind of kinds.slice(0, 3))
        expect(controller.read(`left.${kind}`)).toMatch(new RegExp(left.replaceAll("'", "(?:'|&#39;|&apos;)")));
      expect(JSON.parse(controller.read('left.json')).hosts).toMatchObject([{ state: 'as-left', left: { run: id } }]);

      // It is not forgotten by a run that changes nothing either.
      const third = await kplay('resume', `${id}.2`, '-o', 'plain');
      expect(third.stdout).toContain(`State: here ${left}.\n`);
      reachable();
      const fourth = await kplay('resume', `${id}.3`, '--changed-files', '-o', 'plain');
      expect(fourth.exitCode).toBe(0);
      expect(fourth.stdout).not.toContain('as run');
    });

    it('and offers itself as the next command, since only that knows what the earlier run has made', async () => {
      const name = 'there.yml';
      const local = `{ ansible_connection: local, kplay_rootfs: ${JSON.stringify(root)} }`;
      const two = (there: string): string =>
        controller.file(name, `all: { hosts: { here: ${local}, there: ${there} } }\n`);
      const gone = '{ ansible_host: 127.0.0.1, ansible_port: 1 }';
      const put = controller.file('put.yml', '- hosts: all\n  tasks: [{ copy: { dest: /put, content: x } }]\n');
      const first = await kplay('run', put, '-i', two(gone), '-o', 'plain');
      const [, id = ''] = /^Next: kplay resume (\S+)$/m.exec(first.stdout) ?? [];
      const second = await kplay('resume', id, '-o', 'plain');
      // Nothing is left to do on this host, and it is as it should be.
      expect(second.stdout).toContain('State: here, there unchanged.\nNothing changed. ');
      expect(second.stdout).toMatch(new RegExp(`^Next: kplay resume ${id}\\.2$`, 'm'));
    });
  });

  it('records why', async () => {
    const id = await failed(playbook('why'));
    expect((await kplay('resume', id, '--reason', '  ')).stderr).toContain('It must say why.');
    expect((await kplay('resume', id, '--reason', 'the test is there now')).exitCode).toBe(0);
    expect((await kplay('show', 'last')).stdout).toMatch(
      new RegExp(`^resumes: +${id.replaceAll('.', '\\.')}: the test is there now$`, 'm'),
    );
    const [last] = JSON.parse((await kplay('history', '-o', 'json')).stdout);
    expect(last).toMatchObject({ reason: null, resumes: id, resumeReason: 'the test is there now', signals: [] });
  });

  it('is refused when files have changed, each is named, and nothing is contacted', async () => {
    const id = await failed(playbook('changed'));
    controller.file('changed-tasks.yml', '- name: Another\n  copy: { dest: /other, content: x }\n');
    controller.file('vars.yml', 'text: three\n');
    const { exitCode, stdout, stderr } = await kplay('resume', id);
    for (const file of ['changed-tasks.yml', 'vars.yml'])
      expect(stderr).toContain(`error: ${join(controller.directory, file)} has changed\n`);
    expect(stderr).toContain(`kplay resume ${id} --changed-files\n2 problems. No host was contacted.\n`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect((await kplay('resume', id, '--changed-files')).exitCode).toBe(0);
    expect(readFileSync(join(root, 'changed'), 'utf8')).toBe('three none\n');
  });

  it('is refused when it would be of other hosts', async () => {
    const other = controller.file('two.yml', readFileSync(inventory, 'utf8'));
    controller.remove('root/ready');
    expect((await kplay('run', playbook('hosts'), '-i', other)).exitCode).toBe(2);
    controller.file('two.yml', `${readFileSync(inventory, 'utf8')}    there: { ansible_connection: local }\n`);
    const { exitCode, stderr } = await kplay('resume', 'last', '--changed-files');
    expect(stderr).toContain('error: the run would have other hosts than before: with there besides\n');
    expect(exitCode).toBe(1);
  });

  it('is what a failed run names as next once it has changed something, with a place for each secret', async () => {
    const id = await failed(playbook('next'), '-e', 'api_token=hush-hush-hush', '-e', 'text=six');
    const { stdout } = await kplay('show', id);
    expect(stdout).toContain(`\nNext: kplay resume ${id} -e …\n`);
    const untouched = controller.file(
      'no.yml',
      '- hosts: all\n  tasks: [{ assert: { that: ready | default(false) } }]\n',
    );
    const again = await kplay('run', untouched, '-i', inventory, '-e', 'text=six', '-e', 'api_token=hush-hush-hush');
    expect(again.stdout).toMatch(/^Next: kplay run \S+no\.yml -i \S+ -e text=six -e …$/m);
    const asPrinted = await kplay('run', untouched, '-i', inventory, '-e', '…');
    expect(asPrinted.stderr).toContain('error: this stands for variables that look like a secret');
    expect((await kplay('resume', id, '-e', '…')).stderr).toContain('was given one variable that looks like a secret');
  });

  it('goes on with what waits for a window, and the cluster that was changed is not among what is done at once', async () => {
    const fleet = new MarkedFleet();
    try {
      fleet.fleet({ a: '', b: "window: '2099-01-01 01:00-04:00 UTC'" });
      fleet.play('');
      const { stdout, exitCode } = await fleet.run(['-e', 'renew_before=all']);
      expect(fleet.marked('a', 'b')).toEqual(['a']);
      expect(exitCode).toBe(3);
      expect(stdout).toMatch(
        /^Next: when the next window opens, 2099-01-01 01:00 UTC: kplay resume \S+\n +to do it now: kplay run \S+ -i \S+ -l b-m1 -e renew_before=all --window override --reason TEXT$/m,
      );
    } finally {
      fleet.close();
    }
  });

  it('needs secrets once more, which the journal does not keep', async () => {
    const id = await failed(playbook('secret'), '-e', 'api_token=hush-hush-hush', '-e', 'text=four');
    expect(controller.traces).not.toContain('hush-hush-hush');
    const { exitCode, stderr } = await kplay('resume', id);
    expect(stderr).toContain(
      `error: run ${id} was given one variable that looks like a secret, which the journal does not keep\n`,
    );
    expect(exitCode).toBe(1);
    expect((await kplay('resume', id, '-e', 'text=five')).stderr).toContain('has its variables from its journal');
    expect((await kplay('resume', id, '-e', 'api_token=hush-hush-hush')).exitCode).toBe(0);
    expect(readFileSync(join(root, 'secret'), 'utf8')).toBe('four hush-hush-hush\n');
  });

  it('takes from KPLAY_EXTRA_VARS, which is for all commands, no more than the secrets that it needs', async () => {
    const resumed = async (id: string, vars: string): Promise<Ended> =>
      controller.run(['resume', id], { variables: { KPLAY_EXTRA_VARS: vars } });
    const plain = await failed(playbook('plain'), '-e', 'text=five');
    expect((await resumed(plain, 'text=six api_token=hush-hush-hush')).exitCode).toBe(0);
    expect(readFileSync(join(root, 'plain'), 'utf8')).toBe('five none\n');
    const secret = await failed(playbook('kept'), '-e', 'api_token=hush-hush-hush');
    expect((await resumed(secret, 'text=six')).stderr).toContain('was given one variable that looks like a secret');
    expect((await resumed(secret, 'api_token=hush-hush-hush')).exitCode).toBe(0);
    expect(readFileSync(join(root, 'kept'), 'utf8')).toContain(' hush-hush-hush');
  });

  it('does not tell a problem with its own variables at KPLAY_EXTRA_VARS, which holds others', async () => {
    const file = controller.file('own-vars.yml', 'text: six\n');
    const id = await failed(playbook('told'), '-e', `@${file}`);
    controller.file('own-vars.yml', '\u0001');
    const { stderr } = await controller.run(['resume', id], { variables: { KPLAY_EXTRA_VARS: 'text=seven' } });
    expect(stderr).toContain(`error: ${file} is not a text file`);
    expect(stderr).not.toContain('KPLAY_EXTRA_VARS');
  });

  it('of another machine, where it may still go on, is refused until somebody says that it has ended', async () => {
    const id = await failed(playbook('elsewhere'));
    withoutEnd(id, (start) => ({ ...start, machine: 'elsewhere' }));
    // What is shown under Next: is not refused.
    const { stdout } = await kplay('show', id);
    expect(stdout).toMatch(new RegExp(`^Next: if it has ended on elsewhere: kplay resume ${id} --has-ended$`, 'm'));
    const { exitCode, stderr } = await kplay('resume', id);
    expect(stderr).toContain(
      `error: run ${id} may still be running: elsewhere, where it was started, cannot be seen from here`,
    );
    expect(stderr).toContain(`kplay resume ${id} --has-ended\n`);
    expect(exitCode).toBe(1);
    expect((await kplay('resume', id, '--has-ended')).exitCode).toBe(0);
  });

  it('whose number another process may have is refused until somebody says that it has ended, for good', async () => {
    const id = await failed(playbook('numbered'));
    withoutEnd(id, ({ processStart: _, ...start }) => start);
    const { exitCode, stderr } = await kplay('resume', id);
    expect(stderr).toContain(`error: run ${id} is in progress, or another process has got its number, ${process.pid},`);
    expect(stderr).toContain(`if it has ended: kplay resume ${id} --has-ended\n`);
    expect(exitCode).toBe(1);
    controller.remove('root/ready');
    expect((await kplay('resume', id, '--has-ended')).exitCode).toBe(2);
    controller.file('root/ready', '');
    expect((await kplay('resume', `${id}.2`)).exitCode).toBe(0);
  });

  it('that certainly goes on is refused whatever somebody says', async () => {
    const id = await failed(playbook('certain'));
    withoutEnd(id, (start) => start);
    const { exitCode, stderr } = await kplay('resume', id, '--has-ended');
    expect(stderr).toContain(`error: run ${id} is in progress\n`);
    // It may wait for an approval, and then never ends by itself.
    expect(stderr.replace(/\s+/g, ' ')).toContain(`what it waits for itself: kplay show ${id}`);
    expect(exitCode).toBe(1);
  });

  it('and others name commands that find the run where it was found', async () => {
    const state = join(controller.directory, 'other-state');
    controller.file('root/ready', '');
    expect((await kplay('run', playbook('stated'), '-i', inventory, '--state', state)).exitCode).toBe(0);
    for (const command of ['resume', 'pause', 'abort', 'approve'])
      expect((await kplay(command, 'last', '--state', state)).stderr).toMatch(
        new RegExp(`what it has done: kplay show \\S+ --state ${state}\\n`),
      );
  });

  it('that cannot be resumed but given again names the command for that, as does what shows it', async () => {
    const id = await failed(playbook('given'));
    const again = 'kplay certs install /signed -i /hosts.yml';
    withoutEnd(id, ({ recipe: _, ...start }) => ({
      ...start,
      command: 'certs install',
      again,
      processStart: 'before',
    }));
    const { exitCode, stderr } = await kplay('resume', id);
    expect(stderr).toContain('error: a run of kplay certs install cannot be resumed\n');
    expect(stderr).toContain(`the same command goes on with what it has left: ${again}\n`);
    expect(exitCode).toBe(1);
    expect((await kplay('show', id)).stdout).toMatch(new RegExp(`^Next: ${again}$`, 'm'));
  });

  it('is refused for what cannot be resumed', async () => {
    const plan = join(controller.directory, 'saved.kplan');
    controller.remove('root/ready');
    const saved = playbook('saved');
    expect((await kplay('plan', saved, '-i', inventory, '--out', plan)).exitCode).toBe(0);
    expect((await kplay('apply', plan)).exitCode).toBe(2);
    expect((await kplay('resume', 'last')).stderr).toContain('error: a run of kplay apply cannot be resumed\n');
    const none = await kplay('resume', 'yesterday');
    expect(none.stderr).toContain("error: run 'yesterday' does not exist\n");
    expect(none.exitCode).toBe(1);
    expect((await kplay('resume', 'lats')).stderr).toContain('did you mean last? the last runs are');
  });
});
