import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Controller } from './support/controller.ts';
import { type GrpcAnswer, GrpcServer } from './support/grpc-server.ts';

let controller: Controller;
let play: string;
let inventory: string;
beforeAll(() => {
  controller = new Controller();
  play = controller.file('play.yml', '- { hosts: all, rollout: { order: name }, tasks: [{ debug: { msg: x } }] }\n');
  inventory = controller.file('fleet.yml', 'a: { vars: { kplay_cluster: { name: a } }, hosts: { a1: } }\n');
});
afterAll(() => controller.close());

/** What kplay says to a server that answers so. */
async function asked(answers: Readonly<Record<string, GrpcAnswer>>) {
  const server = await GrpcServer.open(answers);
  try {
    const { exitCode, stderr } = await controller.run([
      'run',
      play,
      '-i',
      inventory,
      '--engine',
      `temporal://${server.address}/prod`,
    ]);
    return { exitCode, said: stderr.replaceAll(server.address, 'ADDRESS'), called: server.called };
  } finally {
    await server.close();
  }
}

describe('kplay run, at the namespace', () => {
  it.each([
    [
      5,
      "the Temporal server at ADDRESS has no namespace 'prod': says 5",
      'namespace create --address ADDRESS --namespace prod',
    ],
    [
      7,
      "the Temporal server at ADDRESS does not permit that in namespace 'prod': says 7",
      'TEMPORAL_API_KEY_FILE gives',
    ],
    [16, 'the Temporal server at ADDRESS rejects the credentials: says 16', 'set an API key'],
    [12, 'the Temporal server at ADDRESS does not take that: says 12', 'look at its log'],
  ])('tells apart what gRPC says by %d', async (code, message, hint) => {
    const { exitCode, said } = await asked({ DescribeNamespace: code });
    expect(said).toContain(message);
    expect(said).toContain(hint);
    expect(exitCode).toBe(1);
  });
});

it.each([
  [3, 'does not take that: says 3', 'look at its log'],
  [6, 'has a rollout of the name of this run already', 'each run gets a name of its own'],
  [7, "does not permit that in namespace 'prod': says 7", 'has to be one that may read and write there'],
])('kplay run tells what a rollout is not started for: %d', async (code, message, hint) => {
  const { exitCode, said, called } = await asked({ StartWorkflowExecution: code });
  expect(said).toContain(message);
  expect(said).toContain(hint);
  expect(said).not.toContain('does not answer');
  expect(called).toContain('StartWorkflowExecution');
  expect(exitCode).toBe(1);
});
