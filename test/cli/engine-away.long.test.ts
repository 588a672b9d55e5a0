import { afterAll, beforeAll, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';

/** Nobody listens there. */
const ENGINE = 'temporal://127.0.0.1:1/none';

let controller: Controller;
let play: string;
let inventory: string;
beforeAll(() => {
  controller = new Controller();
  play = controller.file('play.yml', '- { hosts: all, rollout: { order: name }, tasks: [{ debug: { msg: x } }] }\n');
  inventory = controller.file('fleet.yml', 'a: { vars: { kplay_cluster: { name: a } }, hosts: { a1: } }\n');
});
afterAll(() => controller.close());

it.each(['run', 'worker'])(
  'kplay %s waits for a server that is away for a while, and begins nothing',
  async (command) => {
    const { exitCode, stderr } = await controller.run([command, play, '-i', inventory, '--engine', ENGINE]);
    expect(stderr).toContain('the Temporal server at 127.0.0.1:1 does not answer');
    expect(stderr).toContain(`start it, or name another one: --engine ${ENGINE}`);
    expect(exitCode).toBe(1);
    expect(controller.journals).toEqual([]);
  },
);
