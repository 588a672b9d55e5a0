import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Diagnostic, Problems } from '../../../src/core/diagnostic.ts';
import type { JsonSchemaObject } from '../../../src/core/schema.ts';
import { formatPosition, SourceFile } from '../../../src/core/source.ts';
import type { DocumentedCatalogue } from '../../../src/playbook/catalogue.ts';
import { readPlaybook } from '../../../src/playbook/load.ts';
import type { Play, Playbook, StepTask } from '../../../src/playbook/model.ts';
import { createParameterChecker } from '../../../src/playbook/parameters/parameter-checker.ts';
import { stepTasksOf } from '../../../src/playbook/step-tasks.ts';

const RENEW_BEFORE = {
  type: 'string',
  pattern: '^(all|\\d+[smhdwy])$',
  minLength: 2,
  default: '30d',
  description: 'what expires within this time is due: a duration such as 30d, or all',
  'x-default-variable': 'renew_before',
} as const;

const schemas: Readonly<Record<string, JsonSchemaObject>> = {
  'certs.check': { type: 'object', properties: { renew_before: RENEW_BEFORE }, additionalProperties: false },
  'certs.backup': {
    type: 'object',
    properties: {
      to: { type: 'string', minLength: 1, description: 'directory on the host' },
      keep: { type: 'integer', minimum: 1, default: 5, description: 'how many backups to keep' },
    },
    required: ['to'],
    additionalProperties: false,
  },
  'certs.delete': { type: 'object', properties: {}, additionalProperties: false },
  'certs.regenerate': {
    type: 'object',
    properties: {
      method: { type: 'string', enum: ['auto', 'renew', 'phase', 'native'], default: 'auto' },
      key_size: { type: 'integer', enum: [2048, 4096] },
      sans: {
        anyOf: [
          { type: 'string', enum: ['keep'] },
          { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
        ],
      },
    },
    additionalProperties: false,
  },
  'kubeconfig.regenerate': {
    type: 'object',
    properties: { users: { type: 'array', items: { type: 'string' }, default: ['root'] } },
    additionalProperties: false,
  },
  'control_plane.restart': { type: 'object', properties: {}, additionalProperties: false },
  'cluster.verify': {
    type: 'object',
    properties: {
      timeout: { type: 'string', pattern: '^(\\d+m)?(\\d+s)?$', description: 'how long to wait, such as 5m' },
      probes: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            port: { type: 'integer', minimum: 1, maximum: 65535 },
            tls: { type: 'boolean', default: true },
          },
          required: ['port'],
          additionalProperties: false,
        },
      },
      headers: { type: 'object', additionalProperties: { type: 'string' } },
      delay: { oneOf: [{ type: 'integer' }, { type: 'string', pattern: '^\\d+s$' }] },
    },
    additionalProperties: false,
  },
  command: {
    type: 'object',
    properties: {
      cmd: { type: 'string', minLength: 1, 'x-free-form': true },
      chdir: { type: 'string' },
    },
    required: ['cmd'],
    additionalProperties: false,
  },
  file: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      mode: { type: 'string', pattern: '^0[0-7]{3}$', description: 'four octal digits' },
      force: { type: 'boolean' },
      ratio: { type: 'number', maximum: 1 },
    },
    required: ['path'],
    additionalProperties: false,
  },
};

/** A few steps with every kind of parameter. */
export const catalogue: DocumentedCatalogue = {
  steps: new Map(
    Object.entries(schemas).map(([name, schema]) => [name, { schema, summary: `does ${name}`, details: 'In detail.' }]),
  ),
  strategies: new Set(['control_plane']),
};

/** The playbook that ships. */
export const SHIPPED = `# yaml-language-server: $schema=../schemas/playbook.schema.json
- name: Renew the leaf certificates of kubeadm control planes
  hosts: masters
  become: true
  strategy: control_plane        # planned or recovery order, chosen from what is observed
  vars:
    renew_before: 30d
  tasks:
    - name: Check all certificates
      certs.check: { renew_before: "{{ renew_before }}" }
    - name: Back up what will change
      certs.backup: { to: /var/backups/kplay, keep: 5 }
    - name: Move due leaf certificates aside
      certs.delete: {}
    - name: Regenerate certificates
      certs.regenerate: { method: auto }
    - name: Update kubeconfigs
      kubeconfig.regenerate: { users: [root] }
    - name: Restart the control plane
      control_plane.restart: {}
    - name: Verify the cluster
      cluster.verify: { timeout: 5m }
`;

/** `error 1:2: message (hint)`. */
export function shown({ severity, message, range, hint }: Diagnostic): string {
  const place = range ? ` ${formatPosition(range).replace(/^.*?:(?=\d+:\d+$)/, '')}` : '';
  return `${severity}${place}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

export interface Read {
  readonly playbook: Playbook | undefined;
  readonly problems: readonly string[];
}

/** What came of reading a text, without its parameters being checked. */
export function read(text: string): Read {
  const problems = new Problems();
  const playbook = readPlaybook(new SourceFile('p.yml', text), catalogue, problems);
  return { playbook, problems: problems.all.map(shown) };
}

const checker = await createParameterChecker(catalogue);

/** Everything wrong with a text, parameters included. */
export function problemsOf(text: string): readonly string[] {
  const problems = new Problems();
  const playbook = readPlaybook(new SourceFile('p.yml', text), catalogue, problems);
  for (const play of playbook?.plays ?? []) {
    for (const task of stepTasksOf(play)) checker.check(task.step, task.params, problems);
  }
  return problems.all.map(shown);
}

/** The play of a text that has one, and no problems. */
export function playOf(text: string): Play {
  const { playbook, problems } = read(text);
  const [play] = playbook?.plays ?? [];
  if (!play || problems.length > 0) throw new Error(`not a playbook without problems:\n${problems.join('\n')}`);
  return play;
}

/** A play with these lines as its only task. */
export function playbookWith(task: string): string {
  const [first = '', ...others] = task.split('\n');
  return ['- hosts: all', '  tasks:', `    - ${first}`, ...others.map((line) => `      ${line}`), ''].join('\n');
}

/** The task that consists of these lines. */
export function taskOf(lines: string): StepTask {
  const [task] = stepTasksOf(playOf(playbookWith(lines)));
  if (!task) throw new Error('no task was read');
  return task;
}

/** A file with this content, removed when the test has finished. */
export function fileOf(content: string | Uint8Array): string {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-playbook-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'playbook.yml');
  writeFileSync(path, content);
  return path;
}
