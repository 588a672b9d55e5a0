import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';

let controller: Controller;
beforeAll(() => {
  controller = new Controller();
});
afterAll(() => controller.close());

/** Three hosts that are this machine, each with a root directory of its own. */
function inventory(): string {
  const host = (name: string, more: string): string => {
    controller.file(`${name}/etc/hostname`, `${name}\n`);
    return `    ${name}: { ansible_connection: local, kplay_rootfs: ${JSON.stringify(join(controller.directory, name))}, ${more} }\n`;
  };
  const hosts =
    host('a.lan', 'color: red') + host('b.lan', 'color: "{{ other }}", other: blue') + host('c.lan', 'x: 1');
  return controller.file('hosts.yml', `all:\n  hosts:\n${hosts}  children:\n    web: { hosts: { a.lan: , b.lan: } }\n`);
}

/** What each host of a playbook has written to /out. */
async function written(playbook: string, ...hosts: readonly string[]) {
  const hostsFile = inventory();
  const play = controller.file('plays/play.yml', playbook);
  const { exitCode, stdout, stderr } = await controller.run(['run', play, '-i', hostsFile]);
  expect(exitCode, stdout + stderr).toBe(0);
  return Object.fromEntries(
    hosts.map((host) => [host, readFileSync(join(controller.directory, host, 'out'), 'utf8').trimEnd()]),
  );
}

const writes = (text: string, more = ''): string =>
  `    - copy: { dest: /out, content: ${JSON.stringify(text)} }\n${more}`;

describe('hostvars', () => {
  it('tells of every host of the inventory what stands there and what it has registered, rendered for that host', async () => {
    const playbook = `- hosts: web
  vars: { mine: only here }
  tasks:
    - command: echo {{ inventory_hostname_short }}
      register: said
    - set_fact: { fact: "{{ said.stdout }}!" }
${writes("{{ hostvars['b.lan'].color }} {{ hostvars['a.lan'].fact }} {{ groups['web'] | map('extract', hostvars, 'color') | join(',') }} {{ hostvars['b.lan'].mine | default('none') }} {{ hostvars['c.lan'].fact | default('none') }}")}`;
    const text = 'blue a! red,blue none none';
    expect(await written(playbook, 'a.lan', 'b.lan')).toEqual({ 'a.lan': text, 'b.lan': text });
  });

  it('holds what a play before has made known, that of localhost too', async () => {
    const playbook = `- hosts: localhost
  tasks:
    - set_fact: { version: v7 }
- hosts: a.lan
  tasks:
${writes("{{ hostvars['localhost'].version }}")}`;
    expect(await written(playbook, 'a.lan')).toEqual({ 'a.lan': 'v7' });
  });

  it('shows what a variable of another host reads of a third one as it is when it is read', async () => {
    controller.file('host_vars/c.lan.yml', "seen: \"{{ hostvars['b.lan'].fact | default('none') }}\"\n");
    try {
      const playbook = `- hosts: web
  tasks:
    - set_fact: { before: "{{ hostvars['c.lan'].seen }}" }
    - set_fact: { fact: yes it is }
      when: inventory_hostname == 'b.lan'
${writes("{{ before }} {{ hostvars['c.lan'].seen }}")}`;
      expect(await written(playbook, 'a.lan', 'b.lan')).toEqual({
        'a.lan': 'none yes it is',
        'b.lan': 'none yes it is',
      });
    } finally {
      rmSync(join(controller.directory, 'host_vars'), { recursive: true });
    }
  });

  it('is refused where a variable refers to itself by way of it', async () => {
    const hosts = controller.file(
      'circle.yml',
      `all:
  hosts:
    a: { ansible_connection: local, v: "{{ hostvars.b.v }}" }
    b: { v: "{{ hostvars.a.v }}" }
`,
    );
    const play = controller.file('circle-play.yml', `- hosts: a\n  tasks:\n    - debug: { msg: "{{ v }}" }\n`);
    const { exitCode, stderr } = await controller.run(['run', play, '-i', hosts]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /the variables of more than 200 hosts refer to one another in a row, or those of a host to themselves\n.*circle.yml:[34]:/,
    );
  });

  it('hides the secrets of other hosts as it does those of the play', async () => {
    const hosts = controller.file(
      'secret.yml',
      'all:\n  hosts:\n    a: { ansible_connection: local }\n    b: { db_password: hunter-zwei }\n',
    );
    const task = `msg: "{{ hostvars['b'].db_password }} {{ hostvars['b'].db_password | upper }}"`;
    const play = controller.file('secret-play.yml', `- hosts: a\n  tasks:\n    - debug: { ${task} }\n`);
    const { exitCode, stdout } = await controller.run(['run', play, '-i', hosts]);
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(/hunter-zwei/i);
  });
});

describe('a variable that set_fact takes from a result', () => {
  it('is known as one that only the run tells', async () => {
    const playbook = `- hosts: a.lan
  tasks:
    - command: cat /etc/hostname
      register: r
    - set_fact: { x: "{{ r.rc }}", y: 1 }
${writes('{{ x }} {{ y }}')}
- hosts: a.lan
  tasks:
${writes('{{ x }} {{ y }} later')}`;
    expect(await written(playbook, 'a.lan')).toEqual({ 'a.lan': '0 1 later' });
  });
});

describe('the variables that are always there', () => {
  it('tell of the play, the batch, the playbook and the role', async () => {
    controller.file('plays/roles/outer/tasks/main.yml', '- include_role: { name: inner }\n');
    controller.file(
      'plays/roles/inner/tasks/main.yml',
      '- set_fact: { told: "{{ role_name }} {{ ansible_parent_role_names }} {{ role_path | basename }}" }\n',
    );
    const text =
      '{{ told }} {{ group_names }} {{ ansible_play_hosts }} {{ ansible_play_batch }} {{ ansible_play_hosts_all | length }} {{ playbook_dir }} {{ ansible_run_tags }} {{ vars.told is defined }} {{ ansible_check_mode }}';
    const playbook = `- hosts: web\n  serial: 1\n  roles: [outer]\n  tasks:\n${writes(text)}`;
    const dir = dirname(controller.file('plays/x', ''));
    expect((await written(playbook, 'b.lan'))['b.lan']).toBe(
      `inner ["outer"] inner ["web"] ["a.lan", "b.lan"] ["b.lan"] 2 ${dir} ["all"] True False`,
    );
  });

  it('do not name hosts of the play that have ended themselves', async () => {
    const text = '{{ ansible_play_hosts }} {{ ansible_play_batch }} {{ ansible_play_hosts_all | length }}';
    const playbook = `- hosts: all
  tasks:
    - meta: end_host
      when: inventory_hostname == 'b.lan'
${writes(text)}`;
    const said = '["a.lan", "c.lan"] ["a.lan", "c.lan"] 3';
    expect(await written(playbook, 'a.lan', 'c.lan')).toEqual({ 'a.lan': said, 'c.lan': said });
  });

  it('do not take a value from the inventory', async () => {
    controller.file('group_vars/all.yml', 'groups: [x]\nansible_check_mode: true\n');
    controller.file('host_vars/a.lan.yml', 'inventory_hostname: other\nplay_hosts: 3\n');
    const text =
      '{{ inventory_hostname }} {{ groups.web }} {{ ansible_check_mode }} {{ hostvars["b.lan"].groups.web }}';
    try {
      const playbook = `- hosts: web\n  tasks:\n${writes(text)}`;
      const said = 'a.lan ["a.lan", "b.lan"] False ["a.lan", "b.lan"]';
      expect(await written(playbook, 'a.lan')).toEqual({ 'a.lan': said });
    } finally {
      rmSync(join(controller.directory, 'group_vars'), { recursive: true });
      rmSync(join(controller.directory, 'host_vars'), { recursive: true });
    }
  });

  it('tell a loop what its entries are called', async () => {
    const playbook = `- hosts: a.lan
  tasks:
    - copy: { dest: /out, content: "{{ ansible_loop_var }} {{ ansible_index_var }} {{ at }}" }
      loop: [x]
      loop_control: { index_var: at, loop_var: one }
      changed_when: at == 0 and one == 'x'
`;
    expect(await written(playbook, 'a.lan')).toEqual({ 'a.lan': 'one at 0' });
  });
});
