import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Controller } from '../cli/support/controller.ts';
import { DOCUMENTS } from './support/documents.ts';

test('--fix turns the task that docs/lint.md shows into the one that it shows', async () => {
  const page = DOCUMENTS.find(({ path }) => path === 'docs/lint.md')?.text ?? '';
  const [, before = '', after = ''] = /`--fix` turns `([^`]+)` into\s`([^`]+)`/.exec(page) ?? [];
  const controller = new Controller();
  try {
    const playbook = (task: string) => `- hosts: all\n  tasks:\n    - name: Write a file\n      ${task}\n`;
    const play = controller.file('play.yml', playbook(before));
    const { exitCode, stderr } = await controller.run(['lint', play, '--fix']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'Fixed: 1 finding.\n' });
    expect(readFileSync(play, 'utf8')).toBe(playbook(after));
  } finally {
    controller.close();
  }
});
