import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { playbookSchema } from '../../src/playbook/playbook-schema.ts';
import { catalogue, playbookWith, problemsOf, SHIPPED } from './support/playbooks.ts';

const schema = playbookSchema(catalogue);
const validate = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(schema);
const accepts = (text: string) => validate(parse(text, { merge: true }));

const play = (line: string) => `- hosts: all\n  ${line}\n`;

describe('the published schema', () => {
  test.each([
    SHIPPED,
    play('hosts: [a, b]').replace('hosts: all\n  ', ''),
    play('become: true'),
    play('serial: 25%'),
    play('strategy: free'),
    play('strategy: ansible.builtin.free'),
    play('serial: [1, 5, 100%]'),
    play('max_fail_percentage: 5'),
    play('tags: a,b'),
    play('tags:'),
    play('on_start: [{ name: a, uri: { url: "{{ u }}", method: POST, body: { a: 1 }, status_code: [200, 202] } }]'),
    play('on_wave: [{ command: count }]'),
    play('on_failure: [{ command: page-me }, { command: { argv: [a, b], timeout: 5s } }]'),
    play('on_failure: [{ uri: { url: "http://a/", timeout: 3600 } }, { command: { cmd: a, timeout: "60" } }]'),
    play('vars: { a: [1, { b: ~ }] }'),
    play('vars:'),
    play('gather_facts: false'),
    playbookWith('certs.delete:'),
    playbookWith('certs.check: renew_before=30d'),
    playbookWith('certs.backup: to=/x keep=5'),
    playbookWith('certs.check: { renew_before: "{{ x }}" }'),
    playbookWith('certs.backup: { to: /x, keep: "{{ n }}" }'),
    playbookWith('certs.regenerate: { method: "{{ m }}", sans: [a, "{{ b }}"] }'),
    playbookWith('certs.regenerate: { sans: "{{ s }}" }'),
    playbookWith('cluster.verify: { probes: [{ port: "{{ p }}" }, "{{ q }}"], delay: "{{ d }}" }'),
    playbookWith('command: uptime\nwhen: [a, true]\nchanged_when: false'),
    playbookWith('ansible.builtin.command: { cmd: uptime }\nregister: up'),
    playbookWith('command: x\nloop: "{{ users }}"\nloop_control: { loop_var: user, label: "{{ user }}" }'),
    playbookWith('certs.backup:\nargs: { to: /x }'),
    playbookWith('certs.backup: keep=5\nargs: { to: /x }'),
    playbookWith('certs.backup: { keep: 5 }\nargs: { to: /x }'),
    playbookWith('command:\nargs: { cmd: uptime }'),
    playbookWith('command: x\nloop: [1, 2]\nno_log: true\nignore_errors: true\nbecome: false'),
  ])('takes what kplay takes: %j', (text) => {
    expect(problemsOf(text).filter((problem) => problem.startsWith('error'))).toEqual([]);
    expect(accepts(text) || validate.errors).toBe(true);
  });

  test.each([
    'a: 1',
    '[]',
    '- tasks: []',
    play('hosts: ""').replace('hosts: all\n  ', ''),
    play('become: y'),
    play('serial: 0'),
    play('serial: 120%'),
    play('strategy: host_pinned'),
    play('on_start: [{ name: a }]'),
    play('on_failure: [{ command: a, when: b }]'),
    play('when: x'),
    play('vars: { a-b: 1 }'),
    playbookWith('name: x'),
    playbookWith('cert.check: {}'),
    playbookWith('certs.check:\ncerts.delete:'),
    playbookWith('ansible.builtin.certs.check:'),
    playbookWith('certs.check:\nwen: x'),
    playbookWith('certs.check: { renew_befor: 30d }'),
    playbookWith('certs.check: { renew_before: soon }'),
    playbookWith('certs.backup:'),
    playbookWith('certs.backup: { keep: 5 }'),
    playbookWith('certs.backup: { keep: 5 }\nwhen: x'),
    playbookWith('certs.backup: { to: /x, keep: many }'),
    playbookWith('certs.regenerate: { method: autp }'),
    playbookWith('certs.regenerate: { sans: [a, 5] }'),
    playbookWith('cluster.verify: { probes: [{ tls: true }] }'),
    playbookWith('certs.check: renew_before'),
    playbookWith('certs.check: before=30d'),
    playbookWith('import_role: { tasks_from: x }'),
    playbookWith('import_role: { name: x, role: x }'),
    playbookWith('file: { path: /x, mode: 0644 }'),
    playbookWith('command: x\nloop: users'),
    playbookWith('command: x\nloop: [1]\nloop_control: { pause: soon }'),
    playbookWith('command: x\nregister: a-b'),
    playbookWith('command: x\nwhen:'),
  ])('refuses what kplay refuses: %j', (text) => {
    expect(problemsOf(text).some((problem) => problem.startsWith('error'))).toBe(true);
    expect(accepts(text)).toBe(false);
  });

  test('explains keywords, steps and parameters', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $defs: {
        play: {
          properties: {
            strategy: { enum: ['linear', 'ansible.builtin.linear', 'free', 'ansible.builtin.free', 'control_plane'] },
          },
        },
        keywords: { properties: { register: { description: 'a variable that gets the result of the task' } } },
        steps: {
          properties: {
            'certs.backup': {
              description: 'does certs.backup\n\nIn detail.',
              anyOf: [
                {
                  properties: {
                    keep: {
                      description: 'how many backups to keep',
                      default: 5,
                      anyOf: [
                        { type: 'integer', minimum: 1 },
                        { type: 'string', pattern: '\\{\\{' },
                      ],
                    },
                  },
                },
                { type: 'string', pattern: '^\\s*(?:to|keep)=' },
                { type: 'null' },
              ],
            },
          },
        },
      },
    });
  });

  test.each(['import_role: { role: web }', 'include_role: { role: web, tasks_from: other }'])('takes %s', (line) => {
    expect(accepts(playbookWith(line)) || validate.errors).toBe(true);
  });

  test('has nothing in it that only kplay understands', () => {
    expect(JSON.stringify(schema)).not.toMatch(/"x-|"oneOf"/);
  });
});
