import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

let controller: Controller;
let inventory: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory } = localHost(controller));
});
afterAll(() => controller.close());

async function afterRun(tasks: string, hosts: string): Promise<string> {
  const play = controller.file('play.yml', `- hosts: all\n  tasks:\n${tasks}`);
  await controller.run(['run', play, '-i', hosts]);
  return (await controller.run(['show', 'last'])).stdout;
}

describe('kplay show tells what went wrong', () => {
  it('with hosts that could not be reached: which, why, and what to do, once', async () => {
    const away = ['m1', 'm2'].map((name) => `${name} ansible_host=127.0.0.1 ansible_port=1`).join('\n');
    const hosts = controller.file('away.ini', `${away}\n`);
    expect(await afterRun('    - command: id\n', hosts)).toContain(`
What went wrong:
  m1, m2 unreachable: 127.0.0.1:1 refuses the connection
    What to do: check ansible_port, and that sshd runs on the host
    More: kplay explain unreachable-refused

PLAY RECAP
`);
    const { failures } = JSON.parse((await controller.run(['show', 'last', '-o', 'json'])).stdout);
    expect(failures).toMatchObject([
      { kind: 'unreachable', hosts: ['m1'], code: 'unreachable-refused' },
      { kind: 'unreachable', hosts: ['m2'], code: 'unreachable-refused' },
    ]);
  });

  it('with what was refused before it started', async () => {
    const dest = '/etc/kubernetes/pki/ca.key';
    const shown = await afterRun(`    - copy: { dest: ${dest}, content: "" }\n`, inventory);
    expect(shown).toMatch(/\nresult: +refused \(exit 3\)\n\nWhat went wrong:\n {2}here refused.*: .*\n/);
    expect(shown).toContain('\n    More: kplay explain copy-forbidden\n');
  });

  it('with a task, with the end of its output; all of it with -v', async () => {
    const shown = await afterRun('    - { name: Count, shell: seq 9; false }\n', inventory);
    expect(shown).toContain('What went wrong:\n  here failed in Count: the command ended with 1\n');
    expect(shown).toMatch(/What to do: if another exit code is not a failure/);
  });

  it('with a task that failed_when has judged, without the advice to use it', async () => {
    const shown = await afterRun(
      '    - { name: Count, shell: seq 9; false, register: r, failed_when: r.rc == 1 }\n',
      inventory,
    );
    expect(shown).toContain('  here failed in Count: the command ended with 1, and failed_when holds\n');
    expect(shown).not.toContain('What to do: if another exit code');
  });

  it('and nothing of it if a rescue has caught it, or all went well', async () => {
    const rescued = '    - block: [{ command: /bin/false }]\n      rescue: [{ debug: { msg: caught } }]\n';
    for (const tasks of [rescued, '    - command: /bin/true\n'])
      expect(await afterRun(tasks, inventory)).not.toContain('What went wrong');
  });

  it('and calls what a rescue has caught rescued, not failed', async () => {
    const block = '    - block: [{ name: Try, command: /bin/false }]\n      rescue: [{ debug: { msg: caught } }]\n';
    const shown = await afterRun(`${block}    - { name: Fail, command: /bin/false }\n`, inventory);
    expect(shown).toMatch(/^ {2}Try: rescued · .* · the command ended with 1$/m);
    expect(shown).toMatch(/^ {2}Fail: failed · .* · the command ended with 1$/m);
  });
});
