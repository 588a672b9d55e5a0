import { Problems } from '../../core/diagnostic.ts';
import { SourceFile } from '../../core/source.ts';
import { loadInventory } from '../../inventory/load.ts';
import { readPlaybook } from '../../playbook/load.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { wayBack } from '../next-commands.ts';
import type { JobOptions } from '../options.ts';
import { runPlaybook } from '../run-playbook.ts';
import { showPlan } from '../show-plan.ts';
import { readSignedDirectory, type SignedCertificates } from '../signed-directory.ts';

export interface InstallCommandOptions extends JobOptions {
  readonly check?: boolean;
  readonly backupTo: string;
}

const PLAYBOOK = (certificates: SignedCertificates, from: string, to: string): string => {
  const signed = JSON.stringify(certificates);
  const directory = JSON.stringify(to);
  return `- name: Install certificates that came back signed
  hosts: all
  strategy: control_plane
  tasks:
    - name: Look at every certificate
      certs.check: {}
    - name: Back up what will change
      certs.backup: { to: ${directory}, certificates: ${signed} }
    - name: Check and install them
      certs.install: { from: ${JSON.stringify(from)}, backup_to: ${directory}, certificates: ${signed} }
    - name: Restart what reads them
      control_plane.restart: {}
    - name: Prove it
      cluster.verify: {}
    - name: Remove the keys that waited
      certs.tidy: {}
`;
};

/** `kplay certs install`: checks what came back signed, installs it in the order of a renewal, and proves it. */
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
    environment,
    inputs: {
      playbook: (problems) => {
        const certificates = readSignedDirectory(from, hostsOf(options), problems);
        if (problems.hasErrors) return undefined;
        return readPlaybook(
          new SourceFile('kplay certs install', PLAYBOOK(certificates, from, options.backupTo)),
          catalogue,
          problems,
        );
      },
    },
    ...(options.check !== true && { apply: {} }),
    onPlan: (shown) => showPlan(shown, options, environment),
    next: (result) => wayBack(result, options),
  });
  return finished.exitCode;
}

/** What is wrong with the inventory is told where it is read for the play. */
function hostsOf({ inventory }: InstallCommandOptions): readonly string[] {
  return [...(loadInventory(inventory, new Problems())?.hosts.keys() ?? [])];
}
