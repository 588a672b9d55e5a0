/** Input with something wrong, and what kplay says of it. */
export interface BadInput {
  readonly name: string;
  /** `play.yml`; default one that is good. */
  readonly playbook?: string;
  /** `hosts.yml`; default one that is good. 55555 in it is the port of the host; keys are in `~`. */
  readonly inventory?: string;
  /** Further files. */
  readonly files?: Readonly<Record<string, string>>;
  /** Default `run play.yml -i hosts.yml`. Names of files are put into their directory. */
  readonly argv?: readonly string[];
  /** All of standard error. */
  readonly says: string;
}

export const GOOD_PLAYBOOK = `- hosts: masters
  tasks:
    - command: uptime
`;

export const GOOD_INVENTORY = `masters:
  vars:
    ansible_host: 127.0.0.1
    ansible_port: 55555
    ansible_user: ops
    ansible_ssh_private_key_file: ~/id
    ansible_ssh_common_args: -o UserKnownHostsFile=~/known_hosts
  hosts:
    m1:
    m2:
`;

/** The name, without ending, of a file of 100 MB that is always there. */
export const HUGE = 'huge';
