import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { InputError } from '../../core/diagnostic.ts';
import { describeSystemError } from '../../core/system-error.ts';
import { type Fleet, startFleet } from '../../simulation/fleet.ts';
import { SIMULATION_NOTICE } from '../../simulation/notice.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import type { OutputOptions, ReportOptions, RunOptions } from '../options.ts';
import { packageFile } from '../package-files.ts';
import { RENEWAL, shippedPlaybook } from '../playbook-files.ts';
import { check } from './check.ts';
import { run } from './run.ts';

export interface DemoCommandOptions extends OutputOptions {
  readonly masters: number;
  readonly keep?: boolean;
}

/** `kplay demo`: the whole job on simulated hosts: check, plan, renew, prove, and a second run that has nothing to do. */
export async function demo(options: DemoCommandOptions, environment: Environment): Promise<number> {
  const { stdout, clock } = environment;
  const say = (text: string): void => void stdout.write(`${text}\n`);
  if (options.keep && !environment.stdin.isTTY)
    throw InputError.of('--keep needs a terminal, on which Enter is pressed', undefined, 'leave it out');
  say(`${SIMULATION_NOTICE}\n`);
  checkTemporaryDirectory();
  const fleet = await startFleet({
    masters: options.masters,
    stateOf: () => ({ all: { condition: 'expired' } }),
    runtime: {
      directory: tmpdir(),
      clock,
      node: process.execPath,
      tools: packageFile('dist/simulation-tools.js'),
      platform: process.platform,
      path: environment.variables['PATH'] ?? '/usr/bin:/bin',
    },
  });
  try {
    return await showJob(fleet, options, environment, say);
  } finally {
    await fleet.close();
  }
}

/** @throws {InputError} when the simulated hosts have no place to be. */
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
  environment: Environment,
  say: (text: string) => void,
): Promise<number> {
  const playbook = shippedPlaybook(RENEWAL);
  const shared: RunOptions & ReportOptions = {
    ...options,
    inventory: [fleet.inventoryFile],
    forks: 20,
    timeout: 30,
    tags: [],
    skipTags: [],
    report: [],
    extraVars: [],
  };
  say('$ kplay check -i inventory.yml\n');
  await check({ ...shared, output: 'table' }, environment);
  say('\n$ kplay run renew-certs.yml -i inventory.yml\n');
  const first = await run(playbook, shared, environment);
  if (first !== EXIT.good) return first;
  say('\n$ kplay run renew-certs.yml -i inventory.yml      # again: nothing to do\n');
  const second = await run(playbook, { ...shared, output: 'plain' }, environment);
  if (options.keep) await keepUp(fleet, environment, say);
  return second;
}

/** Leaves the hosts up for the user to play with. */
async function keepUp(fleet: Fleet, environment: Environment, say: (text: string) => void): Promise<void> {
  say(`\nThe simulated hosts stay up: kplay check -i ${fleet.inventoryFile}\nPress Enter to stop them.`);
  await new Promise<void>((resolve) => {
    environment.stdin.once('data', () => resolve());
    environment.stdin.once('end', () => resolve());
    environment.stdin.resume();
  });
  environment.stdin.pause();
}
