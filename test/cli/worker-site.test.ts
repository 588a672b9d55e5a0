import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Environment, processEnvironment } from '../../src/cli/environment.ts';
import { checkSite } from '../../src/cli/temporal/worker.ts';
import { Controller } from './support/controller.ts';
import { GrpcServer } from './support/grpc-server.ts';
import { MemoryOutput } from './support/memory-streams.ts';
import { workerOptions } from './support/worker-options.ts';

let controller: Controller;
/** It lets nobody in: whoever connects is told so. */
let server: GrpcServer;
let play: string;
beforeAll(async () => {
  server = await GrpcServer.open({ DescribeNamespace: 7 });
  controller = new Controller();
  play = controller.file('play.yml', '- { hosts: all, tasks: [{ debug: { msg: x } }] }\n');
  controller.file(
    'sites.yml',
    `a: { vars: { kplay_cluster: { name: a, site: frankfurt } }, hosts: { a1: } }
b: { vars: { kplay_cluster: { name: b, site: berlin } }, hosts: { b1: } }
`,
  );
  controller.file('none.yml', 'a: { vars: { kplay_cluster: { name: a } }, hosts: { a1: } }\n');
});
afterAll(async () => {
  await server.close();
  controller.close();
});

const worker = (inventory: string, ...more: readonly string[]) =>
  controller.run([
    'worker',
    play,
    '-i',
    `${controller.directory}/${inventory}`,
    '--engine',
    `temporal://${server.address}`,
    ...more,
  ]);

it.each([
  ['sites.yml', 'frankfrut', 'did you mean frankfurt? its sites are frankfurt, berlin'],
  ['none.yml', 'frankfurt', 'none of its clusters names a site: write site: frankfurt into kplay_cluster'],
])('kplay worker -i %s refuses a site that no cluster is of', async (inventory, site, hint) => {
  const { exitCode, stderr } = await worker(inventory, '--site', site);
  expect(stderr).toContain(`no cluster of the inventory has the site '${site}'`);
  expect(stderr).toContain(hint);
  expect(stderr).toContain('No host was contacted.');
  expect(server.called).toEqual([]);
  expect(exitCode).toBe(1);
});

it('kplay worker warns where it would be handed none of its clusters', async () => {
  const says = 'every cluster of the inventory has a site';
  expect((await worker('sites.yml')).stderr).toContain(says);
  expect((await worker('none.yml')).stderr).not.toContain(says);
});

it('kplay worker knows nothing of the clusters of other sites that its playbook rolls out to', async () => {
  const waves = '[{ name: first, clusters: [elsewhere] }, { name: rest }]';
  const own = controller.file(
    'rolled.yml',
    `- { hosts: all, rollout: { waves: ${waves} }, on_wave: [{ command: "true" }], tasks: [{ debug: { msg: x } }] }\n`,
  );
  // Not the command: it would ask for the workflow, which only a build has.
  const stderr = new MemoryOutput();
  const environment = { ...processEnvironment(), variables: {}, stderr } as unknown as Environment;
  const options = workerOptions([own, '-i', `${controller.directory}/none.yml`], environment);
  await checkSite([own], options, environment);
  expect(stderr.text).toBe('');
  const named = checkSite([own], { ...options, site: 'frankfurt' }, environment);
  await expect(named).rejects.toThrow("no cluster of the inventory has the site 'frankfurt'");
});

it('kplay worker says what is wrong with the checks that it is to ask', async () => {
  const rollout = controller.file('rollout.yml', 'checks: [{ uri: { url: "http://x:99999/" } }]\n');
  const { exitCode, stderr } = await worker('none.yml', '--rollout', rollout);
  expect(stderr).toContain('uri: url is not an address');
  expect(stderr).toContain('rollout.yml:1:');
  expect(exitCode).toBe(1);
});
