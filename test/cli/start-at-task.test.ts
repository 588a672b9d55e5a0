import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

let controller: Controller;
let inventory: string;
let playbook: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory } = localHost(controller));
  controller.file(
    'roles/web/tasks/main.yml',
    '- { name: Install, command: echo install }\n- { name: Start, command: echo start }\n',
  );
  playbook = controller.file(
    'play.yml',
    `- hosts: all
  tasks: [{ name: First play, command: echo 1 }]
- hosts: all
  pre_tasks: [{ name: Before, command: echo 2 }]
  roles: [web]
  tasks:
    - name: Together
      block:
        - { name: In the block, command: echo 3 }
        - { name: Later in it, command: echo 4 }
      rescue: [{ name: Rescue, command: echo 5 }]
      always: [{ name: Always, command: echo 6 }]
    - { name: Last, command: echo 7 }
`,
  );
});
afterAll(() => controller.close());

const tasks = async (name: string): Promise<readonly string[]> => {
  const { stdout } = await controller.run(['run', playbook, '-i', inventory, '--list-tasks', '--start-at-task', name]);
  return [...stdout.matchAll(/^ {6}(.*)\tTAGS/gm)].map(([, task = '']) => task);
};

describe('--start-at-task', () => {
  it.each([
    [
      'First play',
      [
        'First play',
        'Before',
        'web : Install',
        'web : Start',
        'In the block',
        'Later in it',
        'Rescue',
        'Always',
        'Last',
      ],
    ],
    ['web : Start', ['web : Start', 'In the block', 'Later in it', 'Rescue', 'Always', 'Last']],
    ['Later*', ['Later in it', 'Rescue', 'Always', 'Last']],
    ['Always', ['Always', 'Last']],
    ['L?st', ['Last']],
  ])('begins at %s', async (name, left) => {
    expect(await tasks(name)).toEqual(left);
  });

  it('says which tasks are left out, in a plan and in a run', async () => {
    for (const command of ['plan', 'run']) {
      const { exitCode, stderr } = await controller.run([
        command,
        playbook,
        '-i',
        inventory,
        '--start-at-task',
        'Last',
      ]);
      expect(exitCode).toBe(0);
      expect(stderr).toContain(
        '7 tasks before it left out: First play, Before, Install, Start, In the block, Later in it, Always',
      );
    }
  });

  it('is refused where no task is called so', async () => {
    const { exitCode, stderr } = await controller.run(['plan', playbook, '-i', inventory, '--start-at-task', 'Lost']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("no task is called 'Lost'");
    expect(stderr).toContain('did you mean Last?');
    expect((await controller.run(['run', playbook, '-i', inventory, '--start-at-task', 'Rescue'])).exitCode).toBe(1);
  });

  it('is refused where the tags leave that task out, as nothing starts there in Ansible', async () => {
    const tagged = controller.file(
      'tagged.yml',
      `- hosts: all
  tasks:
    - { name: One, command: echo 1 }
    - { name: Two, command: echo 2, tags: never }
    - { name: Two, command: echo 3, tags: [chosen] }
    - { name: Three, command: echo 4 }
    - { name: Four, command: echo 5, tags: [chosen] }
`,
    );
    const listed = async (...words: readonly string[]) =>
      await controller.run(['run', tagged, '-i', inventory, '--list-tasks', '--start-at-task', ...words]);
    const refused = await listed('One', '--tags', 'chosen');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("the task 'One' is not one that the tags select");
    expect((await listed('Two')).stdout.match(/Two|Three|Four/g)).toEqual(['Two', 'Three', 'Four']);
    expect((await listed('Two', '--tags', 'never')).stdout.match(/Two|Three|Four/g)).toEqual(['Two']);
    expect((await listed('T*', '--skip-tags', 'chosen')).stdout.match(/Two|Three|Four/g)).toEqual(['Three']);
  });

  it('takes a tag that only tasks before it have, and none that no task has', async () => {
    const tagged = controller.file(
      'tags.yml',
      `- hosts: all
  tasks: [{ name: One, command: echo 1, tags: [early] }]
- hosts: all
  tasks: [{ name: Two, command: echo 2, tags: [late] }, { name: Three, command: echo 3 }]
`,
    );
    const listed = async (...words: readonly string[]) =>
      await controller.run(['run', tagged, '-i', inventory, '--list-tasks', '--start-at-task', 'T*', ...words]);
    expect((await listed('--tags', 'early,late')).stdout.match(/One|Two|Three/g)).toEqual(['Two']);
    expect((await listed('--skip-tags', 'early')).stdout.match(/One|Two|Three/g)).toEqual(['Two', 'Three']);
    expect((await listed('--tags', 'late,lost')).stderr).toContain("no task has the tag 'lost'");
  });

  it('stands in a saved plan, and is applied', async () => {
    const saved = join(controller.directory, 'saved.kplan');
    await controller.run(['plan', playbook, '-i', inventory, '--start-at-task', 'Last', '--out', saved]);
    const { exitCode, stdout } = await controller.run(['apply', saved, '-o', 'json']);
    expect(exitCode).toBe(0);
    const done = stdout.split('\n').filter((line) => line.includes('"type":"task-finished"'));
    expect(done.length).toBe(1);
  });
});
