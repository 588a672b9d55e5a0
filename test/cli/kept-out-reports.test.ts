import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readXml } from '../report/support/xml-reader.ts';
import { Controller } from './support/controller.ts';

const FORBIDDEN = '/etc/kubernetes/pki/ca.key';
const REFUSAL = `${FORBIDDEN} is a CA or service account key`;
const REMEDY = 'kplay never writes it; do it by hand';

let controller: Controller;
beforeAll(() => {
  controller = new Controller();
});
afterAll(() => controller.close());

/** Runs a play on hosts with variables of their own. @returns what each report holds */
async function reportsOf(tasks: string, hosts: Readonly<Record<string, string>>) {
  const names = Object.entries(hosts).map(([name, vars]) => {
    const root = join(controller.directory, name);
    mkdirSync(root, { recursive: true });
    return `${name}: { ansible_connection: local, kplay_rootfs: ${JSON.stringify(root)}, ${vars} }`;
  });
  const inventory = controller.file('hosts.yml', `all: { hosts: { ${names.join(', ')} } }\n`);
  const play = controller.file('play.yml', `- name: Keys\n  hosts: all\n  tasks:\n    - ${tasks}\n`);
  const files = ['markdown', 'junit', 'json', 'html', 'gitlab'];
  const words = files.flatMap((kind) => ['--report', `${kind}=${controller.directory}/${kind}`]);
  const { exitCode, stderr } = await controller.run(['run', play, '-i', inventory, ...words, '--report', 'github']);
  const [markdown = '', junit = '', json = '', html = '', gitlab = ''] = files.map((kind) => controller.read(kind));
  return { exitCode, github: stderr, markdown, junit: readXml(junit), json: JSON.parse(json), html, gitlab };
}

const COPY = `{ name: Write, copy: { dest: "{{ at }}", content: x } }`;

describe('reports of a run tell why a plan has kept a host out of it', () => {
  it('if it was refused, beside hosts that took part', async () => {
    const { exitCode, ...reports } = await reportsOf(COPY, { m1: `at: ${FORBIDDEN}`, m2: 'at: /written' });
    expect(exitCode).toBe(3);
    const more = 'kplay explain copy-forbidden, or docs/troubleshooting.md#copy-forbidden';
    expect(reports.json.failures).toMatchObject([
      { kind: 'refused', hosts: ['m1'], task: 'Write', reason: REFUSAL, remedy: REMEDY, code: 'copy-forbidden' },
    ]);
    // It has happened.
    expect(reports.json.failures[0]).not.toHaveProperty('isPlanned');
    expect(reports.json.summary).toMatch(/^1 host refused\. 1 change on 1 host\./);
    expect(reports.markdown).toContain('## What went wrong\n\n- **m1** refused in Write: ');
    expect(reports.markdown).toContain(`  - What to do: ${REMEDY}\n`);
    expect(reports.html).toContain('<b>m1</b> refused in <b>Write</b>');
    expect(reports.github).toContain(',title=m1 refused in Write::');
    expect(JSON.parse(reports.gitlab)).toMatchObject([{ severity: 'major', check_name: 'kplay/refused' }]);
    const [refused, written] = reports.junit.children.map(({ children }) => children);
    expect(refused).toMatchObject([
      {
        attributes: { name: 'Keys: Write', classname: 'm1' },
        children: [{ name: 'failure', attributes: { type: 'refused', message: REFUSAL } }],
      },
    ]);
    expect(refused?.[0]?.children[0]?.text).toBe(`what to do: ${REMEDY}\nmore: ${more}`);
    expect(written).toMatchObject([{ attributes: { name: 'Keys: Write', classname: 'm2' }, children: [] }]);
  });

  it('if it was to fail, and nobody took part', async () => {
    const { exitCode, json, junit } = await reportsOf('{ name: Agree, assert: { that: 1 == n } }', { m1: 'n: 2' });
    expect(exitCode).toBe(2);
    expect(json.failures).toMatchObject([{ kind: 'failed', hosts: ['m1'], task: 'Agree', code: 'assertion' }]);
    expect(junit).toMatchObject({ attributes: { tests: '1', failures: '1' } });
  });

  it('and nothing of it where it was ignored', async () => {
    const tasks = '{ name: Agree, assert: { that: 1 == n }, ignore_errors: true }';
    const { exitCode, json } = await reportsOf(tasks, { m1: 'n: 2' });
    expect({ exitCode, failures: json.failures }).toEqual({ exitCode: 0, failures: [] });
  });
});
