import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { catalogue } from '../../src/cli/catalogue.ts';
import { Problems } from '../../src/core/diagnostic.ts';
import { SourceFile } from '../../src/core/source.ts';
import { treeToJson } from '../../src/core/yaml/yaml.ts';
import { readPlaybook } from '../../src/playbook/load.ts';
import { stepTasksOf } from '../../src/playbook/step-tasks.ts';
import { registry } from '../../src/steps/registry.ts';
import { newAuthority } from '../kubeadm/support/keys.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

const DIRECTORY = 'playbooks';

test.each(readdirSync(DIRECTORY))('%s leaves to each variable what the documentation says that it sets', (name) => {
  const problems = new Problems();
  const playbook = readPlaybook(new SourceFile(name, readFileSync(join(DIRECTORY, name), 'utf8')), catalogue, problems);
  const fixed = (playbook?.plays ?? []).flatMap(stepTasksOf).flatMap(({ step, params }) =>
    params.entries.flatMap(({ key: parameter, value: tree }) => {
      const variable = registry.steps.get(step.value)?.schema.properties[parameter]?.['x-default-variable'];
      const value = treeToJson(tree);
      const isFixed = variable !== undefined && !(typeof value === 'string' && value.includes(variable));
      return isFixed ? [`${step.value}: ${parameter} is ${String(value)}, whatever ${variable} says`] : [];
    }),
  );
  expect(problems.all).toEqual([]);
  expect(fixed).toEqual([]);
});

test.each(readdirSync(DIRECTORY))('%s hides nothing that the inventory says instead of a default', (name) => {
  const playbook = readPlaybook(
    new SourceFile(name, readFileSync(join(DIRECTORY, name), 'utf8')),
    catalogue,
    new Problems(),
  );
  const hidden = (playbook?.plays ?? []).flatMap((play) =>
    stepTasksOf(play).flatMap(({ step }) =>
      Object.values(registry.steps.get(step.value)?.schema.properties ?? {}).flatMap((parameter) => {
        const { default: ordinary, 'x-default-variable': variable = '' } = parameter;
        const own = play.vars.get(variable);
        return own && JSON.stringify(treeToJson(own)) === JSON.stringify(ordinary) ? [variable] : [];
      }),
    ),
  );
  expect(hidden).toEqual([]);
});

test('kplay rollback looks for backups where the inventory says, whether it lists or restores them', async () => {
  const controller = new Controller();
  onTestFinished(() => controller.close());
  const { root } = localHost(controller);
  const inventory = controller.file(
    'kept.yml',
    `all: { hosts: { here: { ansible_connection: local, kplay_rootfs: ${JSON.stringify(root)}, ansible_become: false, backup_to: /srv/kept } } }\n`,
  );
  const rollback = (...words: readonly string[]) => controller.run(['rollback', '-i', inventory, ...words]);
  expect((await rollback('--list')).stdout).toBe('No backups in /srv/kept on: here\n');
  expect((await rollback('-C')).stdout).toContain('there is no backup in /srv/kept');
  expect((await rollback('-C', '--backup-to', '/b')).stdout).toContain('there is no backup in /b');
});

test('check-certs.yml passes where there is a copy of an expired CA, and no certificate', async () => {
  const controller = new Controller();
  onTestFinished(() => controller.close());
  const { inventory } = localHost(controller);
  controller.file('root/etc/kubernetes/pki/ca.crt', newAuthority('ca', 0).pem);
  const { exitCode, stdout } = await controller.run([
    'run',
    'check-certs.yml',
    '-i',
    inventory,
    '-e',
    'ansible_become=false',
  ]);
  expect(stdout).toContain('ca itself expired 1970-01-01');
  expect(exitCode).toBe(0);
});

test('kplay certs install makes its backup where the inventory says', async () => {
  const controller = new Controller();
  onTestFinished(() => controller.close());
  const inventory = controller.file('kept.yml', 'all: { hosts: { m1: { backup_to: kept } } }\n');
  const signed = controller.file('signed/m1/apiserver.crt', newAuthority('ca', 0).pem);
  const { exitCode, stderr } = await controller.run(['certs', 'install', join(signed, '../..'), '-i', inventory, '-C']);
  expect(stderr).toContain("to cannot be 'kept'");
  expect(exitCode).toBe(1);
});

test.each([
  ['/b', 0],
  ['/var/backups', 0],
  ['/', 1],
  ['backups', 1],
  ['/b/', 1],
])('backups may be in a directory such as %s: exit code %i', async (directory, expected) => {
  const controller = new Controller();
  onTestFinished(() => controller.close());
  const words = ['rollback.yml', '-i', localHost(controller).inventory, '-e', `backup_to=${directory}`];
  expect((await controller.run(['validate', ...words])).exitCode).toBe(expected);
});
