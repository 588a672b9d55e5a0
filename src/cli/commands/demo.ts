import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../core/diagnostic.ts';
import { describeSystemError } from '../../core/system-error.ts';
import { wrap } from '../../report/text/width.ts';
import { type Fleet, startFleet } from '../../simulation/fleet.ts';
import { SIMULATION_NOTICE } from '../../simulation/notice.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { RENEWAL, shippedPlaybook } from '../inputs/playbook-files.ts';
import { DEFAULT_FORKS } from '../options/host-options.ts';
import { DEFAULT_CLUSTERS, type OutputOptions, type ReportOptions, type RunOptions } from '../options/options.ts';
import { screenWidth } from '../output/output.ts';
import { handleInterrupts } from '../run/interrupts.ts';
import { check } from './check.ts';
import { type DemoSurroundings, keepRunning } from './demo-keep.ts';
import { run } from './run.ts';

export interface DemoCommandOptions extends OutputOptions {
  readonly masters: number;
  readonly keep?: boolean;
}

/**
 * `kplay demo`: check, plan, renew and prove on simulated hosts, and a second run that has nothing to do; or only starts the hosts and
 * keeps them.
 */
export async function demo(options: DemoCommandOptions, environment: Environment): Promise<number> {
  const { stdout } = environment;
  const say = (text: string): void => void stdout.write(`${text}\n`);
  // From the first file on, and between the commands as well: whatever ends the demo, its hosts and files are removed.
  const interrupts = handleInterrupts(() => undefined);
  try {
    say(`${wrap(SIMULATION_NOTICE, screenWidth(stdout)).join('\n')}\n`);
    checkTemporaryDirectory();
    return await withFleet(options, environment, async (fleet) => {
      if (interrupts.wasInterrupted()) return EXIT.interrupted;
      if (!options.keep) return await showJob(fleet, options, { environment, say, interrupts });
      await keepRunning(fleet, { environment, say, interrupts });
      return EXIT.good;
    });
  } finally {
    interrupts.release();
  }
}

async function withFleet(
  { masters }: DemoCommandOptions,
  { clock, variables }: Environment,
  use: (fleet: Fleet) => Promise<number>,
): Promise<number> {
  const fleet = await startFleet({
    masters,
    stateOf: () => ({ all: { condition: 'expired' } }),
    runtime: {
      directory: tmpdir(),
      clock,
      platform: process.platform,
      path: variables['PATH'] ?? '/usr/bin:/bin',
    },
  });
  try {
    return await use(fleet);
  } finally {
    await fleet.close();
  }
}

/** @throws {InputError} when there is no directory for the simulated hosts. */
function checkTemporaryDirectory(): void {
  try {
    accessSync(tmpdir(), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw InputError.of(
      `cannot create the simulated hosts in ${tmpdir()}: ${describeSystemError(error)}`,
      undefined,
      'choose another directory: TMPDIR=/some/directory kplay demo',
    );
  }
}

async function showJob(
  fleet: Fleet,
  options: DemoCommandOptions,
  { environment: surroundings, say, interrupts }: DemoSurroundings,
): Promise<number> {
  // Its journals are removed with the hosts, so that they do not count in the user's `kplay history` and durations.
  const variables = { ...surroundings.variables, XDG_STATE_HOME: join(fleet.directory, 'state') };
  const environment = { ...surroundings, variables };
  const playbook = shippedPlaybook(RENEWAL);
  const shared: RunOptions & ReportOptions = {
    ...options,
    inventory: [fleet.inventoryFile],
    inventoryShown: 'inventory.yml',
    forks: DEFAULT_FORKS,
    clusters: DEFAULT_CLUSTERS,
    tags: [],
    skipTags: [],
    report: [],
    extraVars: [],
  };
  say('$ kplay check -i inventory.yml\n');
  await check({ ...shared, kubeconfig: [], headers: true, output: 'table' }, environment);
  if (interrupts.wasInterrupted()) return EXIT.interrupted;
  say('\n$ kplay run renew-certs.yml -i inventory.yml\n');
  // Hosts and journal are removed at the end: nothing can be resumed or undone.
  const runOptions = { ...shared, nextAfterFailure: 'the simulated hosts are gone; to start again: kplay demo' };
  const first = await run(playbook, runOptions, environment);
  if (first !== EXIT.good) return first;
  if (interrupts.wasInterrupted()) return EXIT.interrupted;
  say('\n$ kplay run renew-certs.yml -i inventory.yml      # again: nothing to do\n');
  const second = await run(playbook, { ...runOptions, output: 'plain' }, environment);
  say('\nTo try kplay on such hosts yourself: kplay demo --keep (in a checkout: npm run demo -- --keep)');
  return second;
}
