import { stringify } from 'yaml';
import { joinConfigWords, quoteArgument } from '../transport/settings/ssh-words.ts';
import { COMMANDS_NOTICE, SIMULATION_NOTICE } from './notice.ts';
import type { HostProfile } from './profile.ts';

export interface InventoryHost {
  readonly name: string;
  readonly profile: Pick<HostProfile, 'role'>;
  readonly sshPort: number;
  readonly root: string;
}

export interface InventoryTerms {
  readonly cluster: string;
  readonly user: string;
  readonly keyFile: string;
  readonly knownHostsFile: string;
}

/**
 * An Ansible inventory of embedded hosts: groups `masters`, `workers` if there are any, the cluster, and the cluster's groups.
 */
export function inventoryText(hosts: readonly InventoryHost[], terms: InventoryTerms): string {
  const groups = (['master', 'worker'] as const).flatMap((role) => {
    const members = hosts.filter(({ profile }) => profile.role === role);
    return members.length > 0 ? [{ all: `${role}s`, own: `${terms.cluster}_${role}s`, members }] : [];
  });
  const inventory = {
    all: {
      children: {
        ...Object.fromEntries(groups.map(({ all, own }) => [all, { children: { [own]: null } }])),
        [terms.cluster]: {
          // In the cluster's own group, so that inventories of several fleets can be combined.
          vars: {
            kplay_cluster: { name: terms.cluster },
            ansible_user: terms.user,
            ansible_ssh_private_key_file: terms.keyFile,
            ansible_ssh_common_args: [
              `-o ${quoteArgument(`UserKnownHostsFile=${joinConfigWords([terms.knownHostsFile])}`)}`,
              '-o GlobalKnownHostsFile=none',
              '-o IdentitiesOnly=yes',
            ].join(' '),
          },
          children: Object.fromEntries(
            groups.map(({ own, members }) => [
              own,
              { hosts: Object.fromEntries(members.map((host) => [host.name, hostVariables(host)])) },
            ]),
          ),
        },
      },
    },
  };
  return `# ${SIMULATION_NOTICE}\n# ${COMMANDS_NOTICE}\n${stringify(inventory, { lineWidth: 0 })}`;
}

function hostVariables({ sshPort, root }: InventoryHost) {
  return { ansible_host: '127.0.0.1', ansible_port: sshPort, kplay_rootfs: root };
}
