import { stringify } from 'yaml';
import type { ConnectionVariables } from '../../transport/settings/ssh-config-variables.ts';

/** The hosts of one cluster as they are written: names, ranges and ports as in an inventory. */
export interface FoundHosts {
  readonly masters: readonly FoundHost[];
  readonly workers: readonly FoundHost[];
  /** The name of the cluster; absent if unknown. */
  readonly cluster?: string;
  /** Comments for readers of the file, one line each. */
  readonly remarks: readonly string[];
}

export interface FoundHost {
  readonly name: string;
  readonly vars: ConnectionVariables;
}

/** How all of them are reached. */
export interface Login {
  readonly user?: string;
  readonly privateKey?: string;
  readonly become: boolean;
}

/**
 * An inventory in YAML 1.1, the version that inventories use, with the groups of the shipped playbooks: `masters`, and `workers` if there
 * are any.
 */
export function inventoryText({ masters, workers, cluster, remarks }: FoundHosts, login: Login): string {
  const roles = Object.entries({ masters, workers }).filter(([, hosts]) => hosts.length > 0);
  const vars = {
    ...(login.user !== undefined && { ansible_user: login.user }),
    ...(login.privateKey !== undefined && { ansible_ssh_private_key_file: login.privateKey }),
    ...(login.become && { ansible_become: true }),
  };
  const children =
    cluster === undefined
      ? Object.fromEntries(roles.map(([role, hosts]) => [role, { hosts: written(hosts) }]))
      : {
          ...Object.fromEntries(roles.map(([role]) => [role, { children: { [`${cluster}_${role}`]: null } }])),
          [cluster]: {
            vars: { kplay_cluster: { name: cluster } },
            children: Object.fromEntries(
              roles.map(([role, hosts]) => [`${cluster}_${role}`, { hosts: written(hosts) }]),
            ),
          },
        };
  const inventory = { all: { ...(Object.keys(vars).length > 0 && { vars }), children } };
  const head = remarks.map((line) => `# ${line}\n`).join('');
  return `${head}${stringify(inventory, { version: '1.1', lineWidth: 0, nullStr: '' })}`;
}

function written(hosts: readonly FoundHost[]) {
  return Object.fromEntries(hosts.map(({ name, vars }) => [name, Object.keys(vars).length > 0 ? vars : null]));
}
