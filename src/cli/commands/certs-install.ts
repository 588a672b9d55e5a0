import { resolve } from 'node:path';
import { Problems } from '../../core/diagnostic.ts';
import { quoteWord } from '../../core/shell.ts';
import { SourceFile } from '../../core/source.ts';
import { loadInventory } from '../../inventory/load.ts';
import { readPlaybook } from '../../playbook/load.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { given } from '../inputs/given-variables.ts';
import { readSignedDirectory } from '../inputs/signed-directory.ts';
import { fromAnywhere } from '../journal/recipe.ts';
import type { JobOptions, WindowOptions } from '../options/options.ts';
import { timeZone } from '../output/output.ts';
import { remainingOptions, undoOf } from '../run/next-commands.ts';
import { nextAfterRun } from '../run/next-in-windows.ts';
import type { RunOutcome } from '../run/playbook-run.ts';
import { runPlaybook } from '../run/run-playbook.ts';
import { sameOptions } from '../run/same-options.ts';
import { showPlan } from '../run/show-plan.ts';

export interface InstallCommandOptions extends JobOptions {
  readonly check?: boolean;
  readonly backupTo?: string;
}

/** `from` and `certificates` are variables that the command sets. */
const PLAYBOOK = `- name: Install certificates that came back signed
  hosts: all
  become: true
  strategy: control_plane
  tasks:
    - name: Check all certificates
      certs.check: {}
    - name: Back up what will change
      certs.backup: { certificates: "{{ certificates }}" }
    - name: Check and install them
      certs.install: { from: "{{ from }}", certificates: "{{ certificates }}" }
    - name: Restart the control plane
      control_plane.restart: {}
    - name: Verify the cluster
      cluster.verify: {}
    - name: Remove the keys that waited
      certs.tidy: {}
`;

/** `kplay certs install`: checks signed certificates, installs them in the order of a renewal, and proves it. */
export async function certsInstall(
  directory: string,
  options: InstallCommandOptions,
  environment: Environment,
): Promise<number> {
  const from = directory.replace(/(?<=.)\/+$/, '');
  const finished = await runPlaybook({
    command: 'certs install',
    source: from,
    options,
    fleet: options,
    environment,
    inputs: {
      beside: undefined,
      playbook: (problems) => readPlaybook(new SourceFile('kplay certs install', PLAYBOOK), catalogue, problems),
      work: { command: 'certs install' },
      variables: (problems) => ({
        from: given(from, 'the directory'),
        certificates: given(readSignedDirectory(from, hostsOf(options), problems), 'the files of the directory'),
        backup_to: given(options.backupTo, '--backup-to'),
      }),
    },
    again: commandAgain(resolve(from), fromAnywhere(options)),
    ...(options.check !== true && { apply: {} }),
    onPlan: (shown) => showPlan(shown, options, environment),
    next: (outcome) => nextAfter(outcome, from, options),
    undo: (result, _wasInterrupted, inventory) => undoOf(result, options, environment.clock(), { inventory }),
  });
  return finished.exitCode;
}

function nextAfter(
  { result, wasInterrupted, refusals }: RunOutcome,
  from: string,
  options: InstallCommandOptions,
): readonly string[] {
  const left = remainingOptions(options, result, wasInterrupted);
  if (left === undefined) return [];
  const words = (more: WindowOptions): string => commandAgain(from, { ...left, ...more });
  if (wasInterrupted) return [words({})];
  return nextAfterRun(result, refusals.shut, { words, canWait: false, zone: timeZone(options) });
}

function commandAgain(from: string, options: InstallCommandOptions): string {
  return `kplay certs install ${quoteWord(from)} ${sameOptions(options, { command: 'certs install', isSame: true })}`;
}

/** Errors in the inventory are reported when it is read for the play. */
function hostsOf({ inventory }: InstallCommandOptions): readonly string[] {
  return [...(loadInventory(inventory, new Problems())?.hosts.keys() ?? [])];
}
