import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PROJECT } from './support/bundled-program.ts';
import { Controller } from './support/controller.ts';
import { GrpcServer } from './support/grpc-server.ts';

/** Nobody listens there. */
const ENGINE = 'temporal://127.0.0.1:1/none';

let controller: Controller;
let play: string;
let inventory: string;
beforeAll(() => {
  controller = new Controller();
  play = controller.file('play.yml', '- { hosts: all, rollout: { order: name }, tasks: [{ debug: { msg: x } }] }\n');
  inventory = controller.file(
    'fleet.yml',
    'a: { vars: { kplay_cluster: { name: a, site: north } }, hosts: { a1: } }\n',
  );
});
afterAll(() => controller.close());

it.each(['run', 'worker'])(
  'kplay %s waits for a server that is away for a while, and begins nothing',
  async (command) => {
    const { exitCode, stderr } = await controller.run([command, play, '-i', inventory, '--engine', ENGINE]);
    expect(stderr).toContain('the Temporal server at 127.0.0.1:1 does not answer');
    expect(stderr).toContain(`start it, or check the address: --engine ${ENGINE}`);
    expect(exitCode).toBe(1);
    expect(controller.journals).toEqual([]);
  },
);

it.each([
  [{ GetSystemInfo: 16 }, 'rejects the credentials: says 16'],
  [{ DescribeNamespace: 7 }, "does not permit that in namespace 'prod': says 7"],
])('kplay worker says what is in its way: %j', async (answers, says) => {
  const server = await GrpcServer.open(answers);
  const { address } = server;
  const engine = `temporal://${address}/prod`;
  const { exitCode, stderr } = await controller.run(['worker', play, '-i', inventory, '--engine', engine]);
  await server.close();
  expect(stderr).toContain(`the Temporal server at ${address} ${says}`);
  expect(exitCode).toBe(1);
});

it('a worker ends as a whole when the server gives one of its queues nothing any more, and says why', async () => {
  const polls = { PollWorkflowTaskQueue: 'no work', PollActivityTaskQueue: 7 } as const;
  const server = await GrpcServer.open(polls);
  const { address } = server;
  const program = join(PROJECT, 'dist/kplay.js');
  const words = ['worker', play, '-i', inventory, '--site', 'north', '--engine', `temporal://${address}/prod`];
  // The SDK asks again for a minute.
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', error: '' };
  child.stdout.on('data', (text) => (said.out += String(text)));
  child.stderr.on('data', (text) => (said.error += String(text)));
  const code = await new Promise((resolve) => child.on('close', resolve));
  await server.close();
  expect(said.out).toContain(`/prod, site north: ${play}`);
  expect(said.error).toContain(`the Temporal server at ${address} gives the worker no more work: says 7`);
  expect(said.error).not.toContain('Cannot close connection');
  expect(said.error).not.toContain('No host was contacted');
  expect(code).toBe(4);
}, 180_000);
