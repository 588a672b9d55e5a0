import { existsSync } from 'node:fs';
import { count } from '../../core/count.ts';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { rangeOfArgument, SourceFile } from '../../core/source.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import { readInventoryText } from '../../inventory/load.ts';
import { groupNameProblem } from '../../inventory/names.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { hostOfKubeconfig, isTaken } from '../init/from-kubeconfig.ts';
import { hostsOfLists } from '../init/from-list.ts';
import { hostsOfSshConfig, sshConfigAt } from '../init/from-ssh-config.ts';
import { type FoundHosts, inventoryText } from '../init/inventory-text.ts';
import { askForInventory, type InitAnswers, type InventoryInput } from '../init/questions.ts';
import { DEFAULT_FORKS, type HostOptions } from '../options/host-options.ts';
import { showDiagnostics } from '../output/output.ts';
import { OutputFile, type OutputKind } from '../output/output-file.ts';
import { sameOptions } from '../run/same-options.ts';
import { doctor } from './doctor.ts';

export interface InitCommandOptions
  extends InitAnswers,
    Pick<HostOptions, 'privateKey' | 'askPass' | 'askBecomePass' | 'hostKeyChecking'> {
  readonly cluster?: string;
  readonly force?: boolean;
  readonly look: boolean;
  readonly color: boolean;
}

/** Everybody who works in the directory may read it: an inventory contains no secrets. */
const INVENTORY: OutputKind = { mode: 0o644, isShared: false };

/** `kplay init`: makes an inventory from what the user has, and checks its hosts. */
export async function init(file: string, options: InitCommandOptions, environment: Environment): Promise<number> {
  const { stdout } = environment;
  if (existsSync(file) && !options.force)
    throw InputError.of(`${file} already exists`, undefined, 'name another file, or replace it: --force');
  const problems = new Problems();
  const { found, user, become } = await inputOf(options, environment, problems);
  const { privateKey, cluster } = options;
  if (cluster !== undefined) checkCluster(cluster, found, problems);
  if (!found || problems.hasErrors) throw new InputError(problems.all);
  const named = cluster === undefined ? found : { ...found, cluster };
  const text = inventoryText(named, {
    become,
    ...(user !== undefined && { user }),
    ...(privateKey !== undefined && { privateKey }),
  });
  const inventory = readBack(file, text);
  const output = OutputFile.reserve(file, problems, INVENTORY);
  if (!output) throw new InputError(problems.all);
  showDiagnostics(problems.all, options, environment);
  output.write(text);
  stdout.write(`Written: ${file} (${summary(inventory)})\n`);
  const hostOptionsOfInventory = hostOptions(file, options);
  if (options.look) stdout.write('\n');
  const exitCode = options.look ? await checkNewHosts(hostOptionsOfInventory, options, environment) : EXIT.good;
  const next = exitCode === EXIT.good && options.look ? 'check' : 'doctor';
  stdout.write(`\nNext: kplay ${next} ${sameOptions(hostOptionsOfInventory, { command: next, isSame: false })}\n`);
  return exitCode;
}

/** The inventory has been written, so hosts that cannot be checked are only reported. */
async function checkNewHosts(
  hosts: HostOptions,
  options: InitCommandOptions,
  environment: Environment,
): Promise<number> {
  try {
    return await doctor(lookOptions(hosts, options), environment);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    showDiagnostics(error.diagnostics, options, environment);
    return EXIT.input;
  }
}

/** Asks for missing inputs if there is a terminal. */
async function inputOf(
  options: InitCommandOptions,
  environment: Environment,
  problems: Problems,
): Promise<InventoryInput> {
  const { masters, sshConfig, kubeconfig, context, user, become = false } = options;
  if (sshConfig !== undefined && masters === undefined) {
    const config = sshConfigAt(sshConfig, problems);
    if (!config) throw new InputError(problems.all);
    const names = config.names.map(({ value }) => value);
    const hint = `name them, or give globs: --masters 'm*'; ${sshConfig} has ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`;
    throw InputError.of(`it is not known which hosts of ${sshConfig} are masters`, undefined, hint);
  }
  if ([masters, sshConfig, kubeconfig].some((source) => source !== undefined)) {
    if (context !== undefined && kubeconfig === undefined)
      problems.error(
        '--context has no effect without --kubeconfig',
        ['--context'],
        'leave it out, or name the kubeconfig',
      );
    return { found: hostsFor(options, problems), become, ...(user !== undefined && { user }) };
  }
  if (!environment.stdin.isTTY)
    throw InputError.of(
      'no hosts are given, and there is no terminal to ask on',
      undefined,
      'use --masters m1,m2,m3, or take them from --ssh-config FILE or --kubeconfig FILE',
    );
  return askForInventory(options, environment, problems);
}

function hostsFor(given: InitAnswers, problems: Problems): FoundHosts | undefined {
  const { kubeconfig, context, sshConfig, workers, masters = '' } = given;
  const lists = { masters, ...(workers !== undefined && { workers }) };
  if (kubeconfig !== undefined) return hostOfKubeconfig(kubeconfig, context, problems);
  if (sshConfig === undefined) return hostsOfLists(lists, problems);
  const config = sshConfigAt(sshConfig, problems);
  return config && hostsOfSshConfig(sshConfig, config, lists, problems);
}

/** The name of the cluster becomes the name of a group. */
function checkCluster(name: string, found: FoundHosts | undefined, problems: Problems): void {
  const range = rangeOfArgument('--cluster', name);
  const hosts = found ? [...found.masters, ...found.workers] : [];
  const taken = isTaken(name) ? 'group' : hosts.some((host) => host.name === name) ? 'host' : undefined;
  const why = taken === undefined ? groupNameProblem(name) : `is the name of a ${taken} already`;
  const hint = taken === undefined ? 'use letters, digits, - and _' : 'choose another name';
  if (why !== undefined) problems.error(`'${name}' cannot be the name of a cluster: it ${why}`, range, hint);
}

/**
 * Reads the inventory as it will be read from now on.
 * @throws {InputError} when that fails because of its name or the variables beside it; then it must not be written.
 */
function readBack(file: string, text: string): Inventory {
  const problems = new Problems();
  const { inventory } = readInventoryText(new SourceFile(file, text), problems);
  if (!inventory) throw new InputError(problems.all);
  return inventory;
}

function summary({ groups }: Inventory): string {
  const sizes = ['masters', 'workers'].flatMap((group) => {
    const size = groups.get(group)?.hosts.length ?? 0;
    return size > 0 ? [count(size, group.replace(/s$/, ''))] : [];
  });
  return sizes.join(', ');
}

function hostOptions(file: string, { askPass, askBecomePass, hostKeyChecking }: InitCommandOptions): HostOptions {
  return {
    inventory: [file],
    forks: DEFAULT_FORKS,
    ...(askPass !== undefined && { askPass }),
    ...(askBecomePass !== undefined && { askBecomePass }),
    ...(hostKeyChecking !== undefined && { hostKeyChecking }),
  };
}

function lookOptions(hosts: HostOptions, { color }: InitCommandOptions): Parameters<typeof doctor>[0] {
  return { ...hosts, color, extraVars: [], headers: true, output: 'table' };
}
