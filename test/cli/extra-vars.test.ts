import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';
import { localHost } from './support/local-host.ts';

let controller: Controller;
let inventory: string;
let playbook: string;
beforeAll(() => {
  controller = new Controller();
  ({ inventory } = localHost(controller));
  playbook = controller.file(
    'play.yml',
    '- hosts: all\n  tasks:\n    - debug: { msg: "<{{ [a, b | default(\'none\')] | to_json }}>" }\n',
  );
});
afterAll(() => controller.close());

/** The variables a and b. */
async function valuesOf(text: string): Promise<unknown> {
  const { stdout, stderr } = await controller.run(['run', playbook, '-i', inventory, '-e', text, '-o', 'json']);
  const said = /<(\[.*\])>/.exec(stdout)?.[1];
  return said === undefined ? stderr : JSON.parse(JSON.parse(`"${said}"`));
}

describe('-e name=value', () => {
  it.each([
    ['a=x b="y z"', ['x', 'y z']],
    ["a='x y'", ['x y', 'none']],
    // A backslash starts an escape sequence, in quotes or not, if it is one that Ansible knows.
    ['a=x\\ty', ['x\ty', 'none']],
    ['a="x\\ny" b=\\d\\x41\\u00e9', ['x\ny', '\\dAé']],
    ['a=c:\\\\new', ['c:\\new', 'none']],
    ['a="q\\"r" b=\'it\\\'s\'', ['q"r', "it's"]],
    ['a=\\"x\\" b=\\"y', ['x', '"y']],
    // A tab does not end a value.
    ['a=1\tb=2', ['1\tb=2', 'none']],
    // Nor does a space between braces.
    ['a={{ "p q" }} b=x{{ 5 + 1 }}y', ['p q', 'x6y']],
  ])('means what Ansible takes it for: %j', async (text, values) => {
    expect(await valuesOf(text)).toEqual(values);
  });
});
