import { spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { needing } from '../support/programs.ts';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

vi.setConfig({ testTimeout: 60_000 });

let controller: Controller;
let root: string;
beforeAll(() => {
  controller = new Controller();
  const { inventory, root: place } = localHost(controller);
  root = place;
  const playbook = controller.file('play.yml', '- hosts: all\n  tasks:\n    - copy: { dest: /made, content: x }\n');
  plan = (...words) => controller.run(['plan', playbook, '-i', inventory, ...words]);
});
afterAll(() => controller.close());

let plan: (...words: readonly string[]) => ReturnType<Controller['run']>;
const at = (name: string): string => join(controller.directory, name);
const isApplied = (): boolean => existsSync(join(root, 'made'));

/** A key as ssh-keygen makes it. @returns its line in a file of allowed signers. */
function key(name: string, passphrase = ''): string {
  const words = ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', at(name)];
  expect(spawnSync('ssh-keygen', words, { encoding: 'utf8' })).toMatchObject({ status: 0 });
  return `${name}@example.org ${controller.read(`${name}.pub`)}`;
}

describe('a plan that is signed', needing('ssh-keygen'), () => {
  let signers: string;
  beforeAll(() => {
    signers = controller.file('signers', key('alice'));
    key('mallory');
  });

  it('is applied when somebody has signed it who may, and the signature is one of ssh-keygen’s', async () => {
    const planned = await plan('--out', at('a.kplan'), '--sign', at('alice'));
    expect([planned.exitCode, planned.stderr]).toEqual([0, '']);
    const words = [
      '-Y',
      'verify',
      '-n',
      'kplay-plan',
      '-f',
      signers,
      '-I',
      'alice@example.org',
      '-s',
      at('a.kplan.sig'),
    ];
    expect(spawnSync('ssh-keygen', words, { input: controller.read('a.kplan') }).status).toBe(0);
    const { exitCode, stderr } = await controller.run(['apply', at('a.kplan'), '--verify', signers]);
    expect([exitCode, isApplied()]).toEqual([0, true]);
    expect(stderr).toContain('a.kplan is signed by alice@example.org.');
    controller.remove('root/made');
  });

  it.skipIf(!existsSync('/dev/full'))(
    'that cannot be written leaves no new signature beside the old plan',
    async () => {
      controller.file('full.kplan.sig', 'the old one\n');
      symlinkSync('/dev/full', at('full.kplan'));
      expect((await plan('--out', at('full.kplan'), '--sign', at('alice'))).exitCode).toBe(1);
      expect(controller.read('full.kplan.sig')).toBe('the old one\n');
    },
  );

  it.each<[what: string, make: () => Promise<unknown>, says: RegExp]>([
    ['that nobody has signed', () => plan('--out', at('b.kplan')), /its signature \S+b\.kplan\.sig cannot be read/],
    [
      'that somebody else has signed',
      () => plan('--out', at('b.kplan'), '--sign', at('mallory')),
      /nobody in \S+signers has signed it/,
    ],
    [
      'that was changed after it was signed',
      async () => {
        await plan('--out', at('b.kplan'), '--sign', at('alice'));
        controller.file('b.kplan', controller.read('b.kplan').replace('/made', '/more'));
      },
      /the signature does not belong to this plan: /,
    ],
    [
      'whose signature was made for something else',
      async () => {
        await plan('--out', at('b.kplan'), '--sign', at('alice'));
        controller.remove('b.kplan.sig');
        spawnSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'git', '-f', at('alice'), at('b.kplan')]);
      },
      /the signature does not belong to this plan: /,
    ],
  ])('and one %s is not applied', async (_what, make, says) => {
    controller.remove('b.kplan.sig');
    await make();
    const { exitCode, stdout, stderr } = await controller.run(['apply', at('b.kplan'), '--verify', signers]);
    expect(stderr).toMatch(says);
    expect({ exitCode, stdout, applied: isApplied() }).toEqual({ exitCode: 1, stdout: '', applied: false });
  });

  it('is not saved when it cannot be signed', async () => {
    key('locked', 'a passphrase');
    const variables = { SSH_ASKPASS_REQUIRE: 'force', SSH_ASKPASS: '/bin/false', DISPLAY: ':0' };
    const words = ['plan', at('play.yml'), '-i', at('here.yml'), '--out', at('c.kplan'), '--sign', at('locked')];
    const { exitCode, stdout } = await controller.run(words, { variables });
    expect(stdout).toContain('locked, and is not saved: ');
    expect([exitCode, existsSync(at('c.kplan')), existsSync(at('c.kplan.sig'))]).toEqual([1, false, false]);
  });
});

describe('before anything is contacted', () => {
  it.each<[what: string, words: () => readonly string[], says: string]>([
    ['a key that is not there', () => ['--out', at('d.kplan'), '--sign', '/nowhere/key'], 'cannot read /nowhere/key'],
    ['a signature without a file', () => ['--sign', at('play.yml')], '--sign needs --out'],
  ])('%s is told of', async (_what, words, says) => {
    const { exitCode, stdout, stderr } = await plan(...words());
    expect(stderr).toContain(says);
    expect({ exitCode, stdout, saved: existsSync(at('d.kplan')) }).toEqual({ exitCode: 1, stdout: '', saved: false });
  });

  it('a machine without ssh-keygen is told of', async () => {
    expect((await plan('--out', at('e.kplan'))).exitCode).toBe(0);
    const variables = { PATH: '/nowhere' };
    const needed = 'needs ssh-keygen, which is not on this machine';
    const applied = await controller.run(['apply', at('e.kplan'), '--verify', at('play.yml')], { variables });
    expect([applied.exitCode, applied.stderr]).toEqual([1, expect.stringContaining(`--verify ${needed}`)]);
    const words = ['plan', at('play.yml'), '-i', at('here.yml'), '--out', at('f.kplan'), '--sign', at('play.yml')];
    const planned = await controller.run(words, { variables });
    expect([planned.exitCode, planned.stderr]).toEqual([1, expect.stringContaining(`--sign ${needed}`)]);
  });
});
