import { type BadInput, GOOD_INVENTORY } from './case.ts';

export const INVENTORY_CASES: readonly BadInput[] = [
  {
    name: 'an inventory that is no YAML',
    inventory: `${GOOD_INVENTORY}    m3: { ansible_host: 127.0.0.1\n`,
    says: `error: Flow map in block collection must be sufficiently indented and end with a }
  ┌─ hosts.yml:12:1
12│ 
  │ ^ close the bracket, or indent what stands in it
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'tabs',
    inventory: 'masters:\n\thosts:\n\t\tm1:\n',
    says: `error: a tab indents this line
 ┌─ hosts.yml:2:1
2│     hosts:
 │ ^^^^ indent with spaces
error: a tab indents this line
 ┌─ hosts.yml:3:1
3│         m1:
 │ ^^^^^^^^ indent with spaces
2 problems. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'braces without quotes',
    inventory: GOOD_INVENTORY.replace('127.0.0.1', '{{ address }}'),
    says: `error: a value that begins with {{ must be quoted
 ┌─ hosts.yml:3:20
3│     ansible_host: {{ address }}
 │                    ^^^^^^^^^^^ write '{{ address }}'
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'an unknown key of a group',
    inventory: `${GOOD_INVENTORY}  chidren:\n    more:\n`,
    says: `error: unknown key 'chidren' in group masters
  ┌─ hosts.yml:11:3
11│   chidren:
  │   ^^^^^^^ did you mean children? a group has the keys hosts, vars, children
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'a host with contradicting variables',
    inventory: `${GOOD_INVENTORY}workers:\n  hosts:\n    m1: { ansible_host: 127.0.0.2 }\nothers:\n  hosts:\n    m1: { ansible_host: 127.0.0.3 }\n`,
    says: `error: ansible_host of host m1 has another value at hosts.yml:13:25
  ┌─ hosts.yml:16:11
16│     m1: { ansible_host: 127.0.0.3 }
  │           ^^^^^^^^^^^^ keep the one that is right and remove the other
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'connection variables of the wrong type',
    inventory: GOOD_INVENTORY.replace('55555', 'ssh').replace('ansible_user: ops', 'ansible_become: perhaps'),
    says: `error: ansible_become must be true or false
 ┌─ hosts.yml:5:21
5│     ansible_become: perhaps
 │                     ^^^^^^^
error: ansible_port must be a port: a number from 1 to 65535
 ┌─ hosts.yml:4:19
4│     ansible_port: ssh
 │                   ^^^
2 problems. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'a connection variable that needs an undefined one',
    inventory: GOOD_INVENTORY.replace('127.0.0.1', '"{{ addres }}"').replace(
      '  vars:\n',
      '  vars:\n    address: 127.0.0.1\n',
    ),
    says: `error: 'addres' is undefined
 ┌─ hosts.yml:4:23
4│     ansible_host: "{{ addres }}"
 │                       ^^^^^^ did you mean 'address'?
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'variables that refer to one another',
    inventory: GOOD_INVENTORY.replace('  vars:\n', '  vars:\n    a: "{{ b }}"\n    b: "{{ a }}"\n'),
    playbook: '- hosts: masters\n  tasks:\n    - debug: { msg: "{{ a }}" }\n',
    says: `error: the variable a refers to itself
 ┌─ hosts.yml:3:12
3│     a: "{{ b }}"
 │            ^
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'groups that run in a circle',
    inventory: 'a:\n  children:\n    b:\nb:\n  children:\n    a:\nmasters:\n  hosts:\n    m1:\n',
    says: `error: these groups run in a circle: b > a > b
 ┌─ hosts.yml:6:5
6│     a:
 │     ^ remove one of these children
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'a line of an INI inventory that means nothing',
    files: { 'hosts.ini': '[masters]\nm1 ansible_host=127.0.0.1 ansible_port\n[masters:kids]\nm2\n' },
    argv: ['run', 'play.yml', '-i', 'hosts.ini'],
    says: `error: 'ansible_port' is not key=value
 ┌─ hosts.ini:2:27
2│ m1 ansible_host=127.0.0.1 ansible_port
 │                           ^^^^^^^^^^^^ no blanks around the =; quote a value that has some
error: unknown kind of section 'kids'
 ┌─ hosts.ini:3:10
3│ [masters:kids]
 │          ^^^^ the kinds are hosts, children, vars
2 problems. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'a directory of nothing',
    files: { 'inventory/README.md': 'Nothing here.\n' },
    argv: ['run', 'play.yml', '-i', 'inventory'],
    says: `error: the directory inventory holds no inventory
  in a directory, files ending in .ini .cfg .txt .md .bak .orig .retry ~ and group_vars are ignored
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'a variables file that is wrong',
    files: { 'group_vars/masters.yml': 'a: 1\na: 2\n', 'host_vars/m1.yml': '- a list\n' },
    says: `error: this key is written twice
 ┌─ group_vars/masters.yml:2:1
2│ a: 2
 │ ^ remove one of the two
error: m1.yml must be a mapping of variables, not a list
 ┌─ host_vars/m1.yml:1:1
1│ - a list
 │ ^^^^^^^^ write each variable as name: value
2 problems. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'a key that does not exist',
    inventory: GOOD_INVENTORY.replace('~/id', '~/missing'),
    says: `error: there is no private key home/missing
 ┌─ hosts.yml:6:35
6│     ansible_ssh_private_key_file: ~/missing
 │                                   ^^^^^^^^^ correct the path, or its permissions
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'a key that others may read',
    inventory: GOOD_INVENTORY.replace('~/id', '~/open'),
    says: `error: other users may read the private key home/open (mode 0644)
 ┌─ hosts.yml:6:35
6│     ansible_ssh_private_key_file: ~/open
 │                                   ^^^^^^ chmod 600 home/open
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'a key that is none',
    inventory: GOOD_INVENTORY.replace('~/id', '~/none'),
    says: `error: home/none is no private key that can be used
 ┌─ hosts.yml:6:35
6│     ansible_ssh_private_key_file: ~/none
 │                                   ^^^^^^ is it the public key? other formats: ssh-keygen -p -f home/none converts them
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'a key that cannot be read',
    inventory: GOOD_INVENTORY.replace('~/id', '~/directory'),
    says: `error: cannot read the private key home/directory: EISDIR: illegal operation on a directory, read
 ┌─ hosts.yml:6:35
6│     ansible_ssh_private_key_file: ~/directory
 │                                   ^^^^^^^^^^^ correct the path, or its permissions
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'a key on the command line that does not exist',
    inventory: GOOD_INVENTORY.replace(/.*key_file.*\n/, ''),
    argv: ['run', 'play.yml', '-i', 'hosts.yml', '--private-key', '~/missing'],
    says: `error: there is no private key home/missing
  correct the path, or its permissions
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'a port of -e',
    argv: ['run', 'play.yml', '-i', 'hosts.yml', '-e', 'renew_before=30d ansible_port=99999'],
    says: `error: ansible_port must be a port: a number from 1 to 65535
 ┌─ -e:1:31
1│ renew_before=30d ansible_port=99999
 │                               ^^^^^
1 problem. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'arguments for ssh on the command line',
    inventory: GOOD_INVENTORY.replace(/.*common_args.*\n/, ''),
    argv: ['run', 'play.yml', '-i', 'hosts.yml', '--ssh-common-args', '-o Port=x', '--ssh-extra-args=-o Z'],
    says: `error: --ssh-common-args: 'x' is no port
 ┌─ --ssh-common-args:1:1
1│ -o Port=x
 │ ^^^^^^^^^
error: --ssh-extra-args: -o Z must be written -o Name=Value
 ┌─ --ssh-extra-args:1:1
1│ -o Z
 │ ^^^^
2 problems. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'arguments for ssh that kplay cannot follow',
    inventory: GOOD_INVENTORY.replace('-o User', '-o ProxyCommand=nc -X -o User'),
    says: `error: ansible_ssh_common_args: ProxyCommand is not supported
 ┌─ hosts.yml:7:30
7│     ansible_ssh_common_args: -o ProxyCommand=nc -X -o UserKnownHostsFile=~/known_hosts
 │                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ use -o ProxyJump=user@host:port instead of ssh -W
warning: ansible_ssh_common_args: ssh's option -X has no effect in kplay
 ┌─ hosts.yml:7:30
7│     ansible_ssh_common_args: -o ProxyCommand=nc -X -o UserKnownHostsFile=~/known_hosts
 │                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
1 problem, 1 warning. Nothing was contacted.
Exit 1.
`,
  },
  {
    name: 'a key that needs a passphrase',
    inventory: GOOD_INVENTORY.replace('~/id', '~/locked'),
    says: `error: the private key home/locked is encrypted, and no passphrase opens it
 ┌─ hosts.yml:6:35
6│     ansible_ssh_private_key_file: ~/locked
 │                                   ^^^^^^^^ ssh-add home/locked, or set ansible_ssh_private_key_passphrase
1 problem. Nothing was contacted.
Exit 1.
`,
  },
];
