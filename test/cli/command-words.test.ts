import { afterAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';

const controller = new Controller();
afterAll(() => controller.close());

describe('a command line', () => {
  it.each([
    ['nonsense', '--help'],
    ['nonsense', '-h'],
    ['--help', 'nonsense'],
    ['certs', 'nonsense', '--help'],
    ['help', 'nonsense'],
    ['help', 'certs', 'nonsense'],
    ['certs', 'help', 'nonsense'],
  ])('that asks for help about a command that there is not is wrong: %s %s', async (...argv) => {
    const { exitCode, stdout, stderr } = await controller.run(argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain("error: unknown command 'nonsense'");
  });

  it.each([
    [
      ['certs', 'help', 'nonsense'],
      "unknown command 'nonsense'\n(the commands are csr, install)\n(see kplay certs --help)",
    ],
    [['nonsense'], "unknown command 'nonsense'\n(the commands are run, plan, apply, "],
    [
      ['help', 'certs', 'csr', 'nonsense'],
      "'certs csr' has no commands, so there is no 'nonsense'\n(see kplay certs csr --help)",
    ],
    [['help', 'plan', 'nonsense'], "'plan' has no commands, so there is no 'nonsense'\n(see kplay plan --help)"],
  ])('that names a command that there is not is told which there are: %s', async (argv, says) => {
    const { exitCode, stdout, stderr } = await controller.run(argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(says);
  });

  it.each([['run', '--help'], ['certs', '--help'], ['certs', 'csr', '-h'], ['--help'], ['help', 'run']])(
    'that asks for help about one that there is gets it: %s %s',
    async (...argv) => {
      const { exitCode, stdout } = await controller.run(argv);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('Usage: kplay');
    },
  );

  it.each([
    ['certs csr', ['help', 'certs', 'csr']],
    ['certs csr', ['certs', 'help', 'csr']],
    ['certs', ['certs', 'help']],
    ['certs', ['certs', 'help', 'help']],
    ['run', ['help', 'run']],
    ['', ['help', 'help']],
  ])('gets the help of the command that it names: %s', async (command, argv) => {
    const { exitCode, stdout } = await controller.run(argv);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: kplay ${command}${command && ' '}\\[options\\]`));
  });

  it.each([
    ['-out', ['plan', 'a.yml', '-i', 'm1,', '-out', 'b.kplan']],
    ['-out', ['plan', 'a.yml', '-i', 'm1,', '-out=b.kplan']],
    ['-limit', ['run', 'a.yml', '-limit', 'm1']],
    ['-renew-before', ['check', '-renew-before', '3d']],
  ])('with an option of one dash too few, %s, is told the right one', async (word, argv) => {
    const { exitCode, stderr } = await controller.run(argv);
    expect(stderr).toContain(`error: unknown option '${word}'\n(Did you mean -${word}?)`);
    expect(exitCode).toBe(1);
  });

  it.each([
    [['apply', 'a.kplan', '-auto-approve'], "option '-auto-approve'\n(kplay asks only with --confirm)"],
    [['plan', 'a.yml', '-i', 'm1,', '-var', 'a=b'], "option '-var'\n(-e NAME=VALUE gives a variable)"],
    [['run', 'a.yml', '-i', 'm1,', '-target=m1'], "option '-target'\n(use -l for hosts, -t for tags of tasks)"],
    [['run', 'a.yml', '-i', 'm1,', '--flush-cache'], "option '--flush-cache'\n(each command reads facts again"],
    [['run', 'a.yml', '-i', 'm1,', '--html', 'a.html'], "option '--html'\n(--report html=FILE writes a page)"],
    [['check', '-i', 'm1,', '-w'], "option '-w'\n(kplay prints this once; to repeat: watch -n 60 kplay"],
    [['rollback', '--dry-run'], "option '--dry-run'\n(kplay plan changes nothing, and neither do commands with -C)"],
    [['run', 'a.yml', '-y'], "option '-y'\n(kplay asks only with --confirm)"],
    [['logs', 'last', '--tail=10'], "option '--tail'\n(kplay logs prints the whole log, each line with its time"],
    [['show', 'last', '--follow'], "option '--follow'\n(kplay logs RUN -f follows a run in progress)"],
    [['doc', 'copy', '--json'], "option '--json'\n(-o json prints JSON, of commands that have -o)"],
    [['site.yml', '-i', 'm1,'], "command 'site.yml'\n(kplay run PLAYBOOK runs a playbook)"],
    [['exec', 'm1', 'id'], "command 'exec'\n(a playbook with the step command runs commands on hosts)"],
    [['a.kplan'], "command 'a.kplan'\n(kplay show FILE shows a saved plan"],
    [['rollout', 'status'], "command 'rollout'\n(kplay show RUN shows a rollout"],
    [['get', 'certs'], "command 'get'\n(kplay check shows certificates"],
    [['stop', 'last'], "command 'stop'\n(kplay abort RUN lets a run start no further cluster"],
    [['unpause', 'last'], "command 'unpause'\n(kplay resume RUN lifts a pause"],
    [['promote', 'last'], "command 'promote'\n(kplay approve RUN lets the wave start"],
    [['runs'], "command 'runs'\n(kplay history lists the runs)"],
    [['ping'], "command 'ping'\n(kplay doctor says whether hosts can be reached)"],
  ])('with words of another tool is told what kplay has instead: %j', async (words, said) => {
    const { exitCode, stdout, stderr } = await controller.run(words);
    expect(stderr).toContain(`error: unknown ${said}`);
    expect(stderr).toMatch(/\)\n\(see kplay .*--help\)\n$/);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  });

  it('with a wrong argument is told which one, in the words of the help', async () => {
    const { exitCode, stderr } = await controller.run(['completion', 'tcsh']);
    expect(stderr).toContain("error: argument '<shell>' cannot be 'tcsh'. Allowed choices are bash, zsh, fish.\n");
    expect(exitCode).toBe(1);
  });

  it.each(['', ',', ' '])(
    'that names no tag to run (%j) is wrong: Ansible would run only what is tagged always',
    async (tags) => {
      const { exitCode, stderr } = await controller.run(['run', 'a.yml', '-i', 'm1,', '--tags', tags]);
      expect(stderr).toContain('It names no tag. Leave it out for all tasks, or name tags.');
      expect(exitCode).toBe(1);
    },
  );

  it('that names a run where there is none is told that the directory may be another', async () => {
    const { stderr } = await controller.run(['show', 'last']);
    expect(stderr).toContain('if they are kept in another directory, name it: --state DIR');
  });

  it.each([['logs'], ['show'], ['resume']])(
    'that names no run is told how to name the last one: %s',
    async (command) => {
      const { stderr } = await controller.run([command]);
      expect(stderr).toContain("missing required argument 'run'\n(last is the last run; kplay history lists all)\n");
    },
  );

  it.each([
    [['--become-passwd=SECRET'], "unknown option '--become-passwd'"],
    [['--ask-pass=SECRET'], "option '--ask-pass' takes no value"],
    [['-ask-pass=SECRET'], "unknown option '-ask-pass'"],
    [['-kSECRET'], "unknown option '-S'"],
    [['-pSECRET'], "unknown option '-p'"],
    [['--passwort', 'SECRET'], "unknown option '--passwort'"],
  ])('does not tell what is typed behind an option that does not take it: %j', async (words, said) => {
    const { exitCode, stdout, stderr } = await controller.run(['run', 'a.yml', '-i', 'm1,', ...words]);
    expect(stderr).toContain(`error: ${said}`);
    expect(`${stdout}${stderr}`).not.toContain('ECRET');
    expect(exitCode).toBe(1);
  });

  it.each([
    [['-CDi', 'm1,']],
    [['-bCf', '3', '-i', 'm1,']],
    [['-im1,']],
    [['-i', 'm1,', '-e', '--a=b']],
    [['-i', 'm1,', '-vvv']],
  ])('may put short options together, and values that look like options behind theirs: %j', async (words) => {
    const { stderr } = await controller.run(['run', 'a.yml', ...words]);
    expect(stderr).toContain('cannot read the playbook a.yml');
  });

  it.each([[['--key-file', '/no/such/key']], [['--key-file=/no/such/key']]])(
    'may call the key as Ansible does, too: %j',
    async (words) => {
      const text = '- hosts: all\n  tasks:\n    - command: id\n';
      const argv = ['validate', controller.file('play.yml', text), '-i', 'm1,', ...words];
      const { exitCode, stderr } = await controller.run(argv);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('/no/such/key');
    },
  );

  it('may say that it becomes root with sudo, and nothing else', async () => {
    const argv = ['run', 'a.yml', '-i', 'm1,', '-b'];
    expect((await controller.run([...argv, '--become-user', 'root', '--become-method', 'sudo'])).stderr).toContain(
      'cannot read the playbook a.yml',
    );
    expect((await controller.run([...argv, '--become-user', 'oracle'])).stderr).toContain('Allowed choices are root.');
    expect((await controller.run([...argv, '--become-method', 'su'])).stderr).toContain('Allowed choices are sudo.');
  });

  it('does not offer apply an option that it always refuses', async () => {
    expect((await controller.run(['apply', '--help'])).stdout).not.toContain('--limit');
    expect((await controller.run(['plan', '--help'])).stdout).toContain('--limit');
    const { exitCode, stderr } = await controller.run(['apply', 'x.kplan', '-l', 'm1']);
    expect(stderr).toContain('kplay apply takes no --limit: the hosts are those of the saved plan');
    expect(exitCode).toBe(1);
  });
});
