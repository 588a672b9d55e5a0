import { expect, test } from 'vitest';
import { Controller } from '../cli/support/controller.ts';
import { DOCUMENTS } from './support/documents.ts';

test('the playbook at the top of docs/hooks.md is one, with the files that stand beside it', async () => {
  const text = DOCUMENTS.find(({ path }) => path === 'docs/hooks.md')?.text ?? '';
  const [playbook = '', silence = '', end = '', ...others] = [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(
    ([, block = '']) => block,
  );
  expect(others).toEqual([]);
  expect(playbook).toMatch(/^- name: /);
  const controller = new Controller();
  try {
    const ending = end.replace(/^/gm, '    ');
    const play = controller.file(
      'play.yml',
      playbook.replace('  on_failure:\n', (key) => `${ending.trimEnd()}\n${key}${ending.trimEnd()}\n`),
    );
    controller.file('silence.yml', silence);
    const slack = controller.file('slack.yml', 'slack_webhook: https://hooks.slack.com/services/T0/KEY\n');
    const cluster = (name: string) => `${name}: { vars: { kplay_cluster: {} }, hosts: { ${name}-m1: } }`;
    const masters = `masters: { children: { ${cluster('one')}, ${cluster('two')} } }`;
    const hosts = controller.file('hosts.yml', `all: { children: { ${masters} } }\n`);
    const given = ['-e', `@${slack}`, '-e', 'starts_at=2026-01-01T00:00:00Z', '-e', 'ends_at=2026-01-01T02:00:00Z'];
    const { exitCode, stdout, stderr } = await controller.run(['validate', play, '-i', hosts, ...given]);
    expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('1 play, 6 tasks, 2 hosts. No problems.');
  } finally {
    controller.close();
  }
});
