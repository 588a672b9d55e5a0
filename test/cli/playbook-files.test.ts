import { chmodSync } from 'node:fs';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { shippedPlaybook } from '../../src/cli/inputs/playbook-files.ts';
import { Controller } from './support/controller.ts';

let controller: Controller;
afterEach(() => controller.close());

const validate = (playbook: string) => {
  controller = new Controller();
  return controller.run(['validate', playbook, '-i', 'm1,']);
};

describe('a playbook that ships with kplay', () => {
  it.each(['renew-certs.yml', 'check-certs.yml', 'rollback.yml', 'language.yml'])(
    'is found by its name, %s, where no such file is, and that is said',
    async (name) => {
      const { exitCode, stdout, stderr } = await validate(name);
      expect(stdout).toMatch(new RegExp(`^${name}: 1 play, `));
      expect(stderr).toBe(`Using the ${name} that ships with kplay: ${shippedPlaybook(name)}\n`);
      expect(exitCode).toBe(0);
    },
  );

  it('is taken where everybody may have left a file of its name', async () => {
    controller = new Controller();
    controller.file('open/renew-certs.yml', '- hosts: all\n  tasks: [{ command: "false" }]\n');
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    process.chdir(`${controller.directory}/open`);
    const run = (playbook: string) => controller.run(['validate', playbook, '-i', 'm1,']);
    chmodSync('.', 0o755);
    expect(await run('renew-certs.yml')).toMatchObject({ exitCode: 0, stderr: '' });
    chmodSync('.', 0o1777);
    expect((await run('renew-certs.yml')).stderr).toBe(
      'warning: renew-certs.yml is ignored: everybody can write to its directory\n' +
        '  to use it all the same, write ./renew-certs.yml\n' +
        `Using the renew-certs.yml that ships with kplay: ${shippedPlaybook('renew-certs.yml')}\n`,
    );
    expect(await run('./renew-certs.yml')).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('is not said to be taken when the file itself is named', async () => {
    expect(await validate(shippedPlaybook('renew-certs.yml'))).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.each(['renew-cert.yml', 'other/renew-certs.yml', '../playbooks/renew-certs.yml', './renew-certs.yml'])(
    'is not found under another name: %s',
    async (name) => {
      const { exitCode, stderr } = await validate(name);
      expect(stderr).toContain(`cannot read the playbook ${name}: there is no such file`);
      expect(exitCode).toBe(1);
    },
  );
});

describe('a task file of which only a template tells the name', () => {
  it('is warned of where a file named outright is, and is no reason to refuse the playbook', async () => {
    controller = new Controller();
    controller.file('tasks.yml', '- debug: { msg: "{{ ports }}" }\n  vars: { ports: { 10: a, 2: b } }\n');
    const said = async (name: string) => {
      const play = controller.file(
        'play.yml',
        `- hosts: m1\n  vars: { kind: tasks }\n  tasks: [include_tasks: ${name}]\n`,
      );
      const { exitCode, stderr } = await controller.run(['validate', play, '-i', 'm1,']);
      return { exitCode, stderr };
    };
    const outright = await said('tasks.yml');
    expect(outright).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/^warning: loops over this mapping begin with .*\n.*tasks.yml:2:2/),
    });
    expect(await said('"{{ kind }}.yml"')).toEqual(outright);
  });
});
