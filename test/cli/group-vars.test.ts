import { chmodSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Controller } from './support/controller.ts';

let controller: Controller;
beforeAll(() => {
  controller = new Controller();
  controller.file('inv/hosts.yml', 'all: { children: { web: { hosts: { one: { a: host } } } }, vars: { f: file } }\n');
  controller.file('inv/group_vars/all.yml', 'b: inventory all\nc: inventory all\nd: inventory all\n');
  controller.file('inv/group_vars/web.yml', 'c: inventory web\ng: inventory web\n');
  controller.file('inv/host_vars/one.yml', 'h: inventory host\n');
  controller.file('plays/group_vars/all.yml', 'a: play all\nb: play all\nc: play all\nf: play all\n');
  controller.file('plays/group_vars/web/main.yml', 'd: play web\ng: play web\n');
  controller.file('plays/host_vars/one.yml', 'h: play host\n');
  const hosts = 'one: { kplay_rootfs: /nowhere, ansible_connection: local }';
  controller.file('inv/connection.yml', `all: { hosts: { ${hosts} } }\n`);
});
afterAll(() => controller.close());

const inventory = (): readonly string[] => [
  '-i',
  `${controller.directory}/inv/connection.yml`,
  '-i',
  `${controller.directory}/inv/hosts.yml`,
];

const play = '- hosts: all\n  tasks: [{ assert: { that: "said == \'\'" }, vars: { said: "{{ a ~ nowhere }}" } }]\n';

describe('group_vars and host_vars beside a playbook', () => {
  it('count, each behind its kin beside the inventory, as in Ansible', async () => {
    const wanted = {
      a: 'host',
      b: 'play all',
      c: 'inventory web',
      d: 'play web',
      f: 'play all',
      g: 'play web',
      h: 'play host',
    };
    const that = Object.entries(wanted).map(([name, value]) => `"${name} == '${value}'"`);
    const path = controller.file('plays/site.yml', `- hosts: all\n  tasks: [{ assert: { that: [${that}] } }]\n`);
    const { exitCode, stdout, stderr } = await controller.run(['validate', path, ...inventory()]);
    expect(exitCode, stdout + stderr).toBe(0);
    const planned = await controller.run(['plan', path, ...inventory()]);
    expect(planned.stdout).toContain('all conditions hold');
  });

  it('are those of the playbook that is named, not of one that it imports', async () => {
    controller.file('other/group_vars/all.yml', 'nowhere: other\n');
    controller.file('other/site.yml', play);
    const path = controller.file('plays/imports.yml', '- import_playbook: ../other/site.yml\n');
    const { exitCode, stderr } = await controller.run(['validate', path, ...inventory()]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("'nowhere' is undefined");
  });

  it('are told of by their files where they are wrong', async () => {
    controller.file('wrong/group_vars/all.yml', '- 1\n');
    const path = controller.file('wrong/site.yml', play);
    const { exitCode, stderr } = await controller.run(['validate', path, ...inventory()]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('all.yml must be a mapping of variables');
  });

  it.each([
    ['group_vars', 'host_vars', '.', 'open/group_vars and open/host_vars are ignored: everybody can write to open'],
    ['group_vars', 'group_vars', 'group_vars', 'open/group_vars is ignored: everybody can write to open/group_vars'],
  ])('do not count where everybody may write: %s, %s, to %s', async (one, other, open, says) => {
    controller.remove('open');
    controller.file(`open/${one}/all.yml`, 'nowhere: open\n');
    controller.file(`open/${other}/all.yml`, 'nowhere: open\n');
    const path = controller.file('open/site.yml', '- hosts: all\n  tasks: [{ debug: { msg: "{{ nowhere }}" } }]\n');
    chmodSync(`${controller.directory}/open/${open}`, 0o1777);
    const { exitCode, stderr } = await controller.run(['validate', path, ...inventory()]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("'nowhere' is undefined");
    expect(stderr.replaceAll(`${controller.directory}/`, '')).toContain(says);
    // Beside an inventory that the user names they count, and nothing else is said.
    const named = controller.file('open/hosts.yml', 'all: { hosts: { two: } }\n');
    const validated = await controller.run(['validate', path, '-i', named]);
    expect(validated).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('are no reason to refuse a playbook where everybody may have left a link that leads nowhere', async () => {
    controller.remove('open');
    const path = controller.file('open/site.yml', '- hosts: all\n  tasks: [{ debug: { msg: fine } }]\n');
    symlinkSync('nowhere', `${controller.directory}/open/group_vars`);
    chmodSync(`${controller.directory}/open`, 0o1777);
    const { exitCode, stderr } = await controller.run(['validate', path, ...inventory()]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('group_vars is ignored: everybody can write to');
  });

  it.each(['check', 'doctor', 'rollback', 'unlock -l all --reason lost', 'certs csr --out requests'])(
    'of the working directory are nothing to a command without a playbook: kplay %s',
    async (command) => {
      controller.file('here/group_vars/all.yml', '- 1\n');
      const before = process.cwd();
      onTestFinished(() => process.chdir(before));
      process.chdir(`${controller.directory}/here`);
      const { stdout, stderr } = await controller.run([...command.split(' '), ...inventory()]);
      expect(stdout + stderr).not.toContain('group_vars');
      expect(stdout + stderr).toContain('one');
    },
  );
});
