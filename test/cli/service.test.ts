import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { shippedPlaybook } from '../../src/cli/inputs/playbook-files.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

/** Keeps in files whether its services, `here` and `there`, run, and logs what it is to do. The other stops with `here`. */
const SYSTEMCTL = `#!/bin/sh
root=\${0%/usr/bin/systemctl}
case $1 in
  show)
    state=not-found
    [ ! -e "$root/state-$3" ] || state=loaded
    [ ! -e "$root/etc/systemd/system/$(echo "$3" | sed 's/@.*/@.service/')" ] || state=loaded
    [ "$3" != here ] || printf '%s\\n' TOLD
    printf 'LoadState=%s\\nActiveState=%s\\nUnitFileState=disabled\\n' "$state" "$(cat "$root/state-$3")"
    exit 0 ;;
  is-enabled) echo indirect; exit 0 ;;
  start | restart | reload) START; [ -e "$root/job" ] || echo active >"$root/state-$2" ;;
  stop) for name in "$2" there; do echo inactive >"$root/state-$name"; done ;;
esac
echo "$*" >>"$root/log"
`;

function withSystemd(controller: Controller, start: string, told = '') {
  const { root, inventory } = localHost(controller);
  const path = join(root, 'usr/bin/systemctl');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, SYSTEMCTL.replace('START', start).replace('TOLD', told));
  chmodSync(path, 0o755);
  writeFileSync(join(root, 'state-here'), 'inactive\n');
  writeFileSync(join(root, 'state-there'), 'active\n');
  writeFileSync(join(root, 'log'), '');
  mkdirSync(join(root, 'etc/systemd/system'), { recursive: true });
  return { inventory, log: () => readFileSync(join(root, 'log'), 'utf8').trim().split('\n') };
}

/** @param start what systemctl does before it starts a service @param told what it tells besides of `here` */
async function play(tasks: string, start = ':', told?: string) {
  const controller = new Controller();
  try {
    const { inventory, log } = withSystemd(controller, start, told);
    const playbook = controller.file('play.yml', `- hosts: all\n  tasks:\n${tasks}`);
    const { exitCode, stdout, stderr } = await controller.run(['run', playbook, '-i', inventory, '-o', 'plain']);
    return { exitCode, stdout, stderr, done: log() };
  } finally {
    controller.close();
  }
}

test('a service is restarted and reloaded each time, and registered as in Ansible', async () => {
  const { exitCode, stdout, done } = await play(`    - service: { name: here, state: reloaded }
    - service: { name: here, state: restarted }
      register: restarted
    - service: { name: here, state: started }
      register: started
    - service: { name: here, state: reloaded }
    - debug: { msg: "{{ restarted.name }} {{ restarted.state }} {{ restarted is changed }}, {{ started.state }} {{ started is changed }}" }
`);
  expect(stdout).toContain('here started True, started False');
  expect(done).toEqual(['start here', 'restart here', 'reload here']);
  expect(exitCode).toBe(0);
});

test('a job that has ended when it is started is started in each run, as often as a task says so', async () => {
  const tasks = `    - service: { name: here, state: started }
    - service: { name: here, state: restarted }
    - service: { name: here, state: started }
`;
  const { exitCode, stdout, done } = await play(tasks, 'touch "$root/job"', 'Type=oneshot RemainAfterExit=no');
  expect(done, stdout).toEqual(['start here', 'restart here', 'start here']);
  expect(exitCode).toBe(0);
});

test('a service of which systemd does not tell that it is enabled is enabled in each run', async () => {
  const told = 'UnitFileState=indirect';
  const { exitCode, stdout, done } = await play('    - service: { name: here, enabled: true }\n', ':', told);
  expect(done, stdout).toEqual(['enable here']);
  expect(exitCode).toBe(0);
});

test('whether a service has failed to start is known only after it was tried', async () => {
  const { exitCode, stdout } = await play(
    `    - service: { name: here, state: started }
      register: begun
      ignore_errors: true
    - copy: { dest: /instead, content: text }
      when: begun is failed
`,
    'exit 1',
  );
  expect(stdout).toContain('not known until');
  expect(exitCode, stdout).toBe(0);
});

test('a service that is restarted although systemd has not read its new file gives a warning, one that is enabled does not', async () => {
  const warning =
    'warning: here: here was started as its old unit file says: the file has changed since systemd read it';
  const { stdout } = await play('    - service: { name: here, state: restarted }\n', ':', 'NeedDaemonReload=yes');
  expect(stdout).toContain(warning);
  const { stdout: other } = await play('    - service: { name: here, enabled: true }\n', ':', 'NeedDaemonReload=yes');
  expect(other).not.toContain(warning);
});

test.each([
  ['with an escaped letter', String.raw`srv-my\x2ddisk.mount`, 2, String.raw`srv-my\x2ddisk.mount does not exist`],
  ['that systemctl would take for an option', '--version', 1, "name cannot be '--version'"],
])('the name of a unit %s', async (_what, name, code, said) => {
  const { exitCode, stdout, stderr } = await play(`    - service: { name: '${name}', state: started }\n`);
  expect(stdout + stderr).toContain(said);
  expect(exitCode).toBe(code);
});

test('a service that fails to start registers what systemctl says of it', async () => {
  const { stdout } = await play(
    `    - service: { name: here, state: started }
      register: begun
      ignore_errors: true
    - debug: { var: begun.msg }
`,
    'echo "Job for here.service failed." >&2; exit 1',
  );
  expect(stdout).toContain('Unable to start service here: Job for here.service failed.');
});

test('what was to fail, and to be rescued, is not done if it has become possible: the plan did not show it', async () => {
  const { exitCode, stdout } = await play(
    `    - service: { name: here, state: started }
    - block:
        - copy: { dest: /made/file, content: text }
      rescue:
        - debug: { msg: instead }
`,
    'mkdir "$root/made"',
  );
  expect(stdout).toContain('the host has changed since the plan was made: it would need create /made/file as well');
  expect(exitCode, stdout).toBe(3);
});

test('a service that does not exist is a failure that may be ignored', async () => {
  const { exitCode, stdout, done } = await play(`    - service: { name: gone, state: stopped }
      register: gone
      ignore_errors: true
    - debug: { msg: "{{ gone is failed }}: {{ gone.msg }}" }
    - service: { name: here, state: started }
`);
  expect(stdout).toContain('True: Could not find the requested service gone: host');
  expect(done).toEqual(['start here']);
  expect(exitCode).toBe(0);
});

test.each([
  ['its unit', 'new.service', 'new.service'],
  ['the template of its unit', 'new@1.service', 'new@.service'],
])('a service of which an earlier task writes %s is started', async (_what, name, file) => {
  const { exitCode, stdout, done } = await play(`    - copy: { dest: /etc/systemd/system/${file}, content: text }
    - service: { name: ${name}, state: started }
`);
  expect(stdout).toContain(`not known until 'copy /etc/systemd/system/${file}' has run`);
  expect(done).toEqual([`start ${name}`]);
  expect(exitCode).toBe(0);
});

test('a service that does not exist is not the one whose unit an earlier task writes', async () => {
  const { exitCode, stdout } = await play(`    - copy: { dest: /etc/systemd/system/new.service, content: text }
    - service: { name: gone, state: started }
`);
  expect(stdout).toContain('fails: the service gone does not exist');
  expect(exitCode).toBe(2);
});

test('entries of a loop that are known to fail all have a result, whether that is ignored or not', async () => {
  const { exitCode, stdout } = await play(`    - block:
        - service: { name: "{{ item }}", state: started }
          loop: [gone, lost]
          ignore_errors: "{{ item == 'gone' }}"
      rescue:
        - debug: { msg: "{{ ansible_failed_result.results | map(attribute='msg') | join(' and ') }}" }
`);
  const text = 'Could not find the requested service gone: host and Could not find the requested service lost: host';
  expect(stdout).toContain(text);
  expect(exitCode).toBe(0);
});

test('the tour of the language does nothing on hosts without its services, such as those of the demo: its commands would run here', async () => {
  const controller = new Controller();
  try {
    const { inventory } = withSystemd(controller, ':');
    const tour = readFileSync(shippedPlaybook('language.yml'), 'utf8').replace('  become: true\n', '');
    const { exitCode, stdout } = await controller.run(['plan', controller.file('tour.yml', tour), '-i', inventory]);
    expect(stdout).toContain('fails: chronyd: the service chronyd does not exist');
    expect(stdout).toContain('0 hosts to change');
    expect(exitCode).toBe(2);
  } finally {
    controller.close();
  }
});

const ONE_WITH_ANOTHER = `    - service: { name: here, state: started }
- hosts: all
  tasks:
    - service: { name: here, state: stopped }
    - service: { name: there, state: started }
`;

test('a service that systemd stops with another is started again', async () => {
  const { exitCode, stdout, done } = await play(ONE_WITH_ANOTHER, ':', 'ConsistsOf=there.service');
  expect(stdout).toContain("not known until 'service here' has run");
  expect(done).toEqual(['start here', 'stop here', 'start there']);
  expect(exitCode).toBe(0);
});

test('a service that stops with another although systemd did not tell is noticed, and not started unasked', async () => {
  const { exitCode, stdout, done } = await play(ONE_WITH_ANOTHER);
  expect(done).toEqual(['start here', 'stop here']);
  expect(stdout).toContain('the host has changed since the plan was made');
  expect(exitCode).toBe(3);
});
