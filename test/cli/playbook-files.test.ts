import { afterEach, describe, expect, it } from 'vitest';
import { shippedPlaybook } from '../../src/cli/inputs/playbook-files.ts';
import { Controller } from './support/controller.ts';

let controller: Controller;
afterEach(() => controller.close());

const validate = (playbook: string) => {
  controller = new Controller();
  return controller.run(['validate', playbook, '-i', 'm1,']);
};

describe('a playbook that ships with kplay', () => {
  it.each(['renew-certs.yml', 'check-certs.yml', 'rollback.yml', 'language.yml'])(
    'is found by its name, %s, where no such file is, and that is said',
    async (name) => {
      const { exitCode, stdout, stderr } = await validate(name);
      expect(stdout).toMatch(new RegExp(`^${name}: 1 play, `));
      expect(stderr).toBe(`Using the ${name} that ships with kplay: ${shippedPlaybook(name)}\n`);
      expect(exitCode).toBe(0);
    },
  );

  it('is not said to be taken when the file itself is named', async () => {
    expect(await validate(shippedPlaybook('renew-certs.yml'))).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.each(['renew-cert.yml', 'other/renew-certs.yml', '../playbooks/renew-certs.yml', './renew-certs.yml'])(
    'is not found under another name: %s',
    async (name) => {
      const { exitCode, stderr } = await validate(name);
      expect(stderr).toContain(`cannot read the playbook ${name}: there is no such file`);
      expect(exitCode).toBe(1);
    },
  );
});
