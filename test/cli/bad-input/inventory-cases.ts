import { shippedPlaybook } from '../../../src/cli/inputs/playbook-files.ts';
import { type BadInput, GOOD_INVENTORY } from './case.ts';

export const INVENTORY_CASES: readonly BadInput[] = [
  {
    name: 'a connection variable with statements, which are one mistake',
    inventory: `masters:
  hosts:
    m1: { ansible_host: "{% if a %}10.0.0.1{% else %}10.0.0.2{% endif %}" }
`,
    says: `error: '{%' is not supported: templates can only contain expressions
 ┌─ hosts.yml:3:26
3│     m1: { ansible_host: "{% if a %}10.0.0.1{% else %}10.0.0.2{% endif %}" }
 │                          ^^^^^^^^^^ write {{ a if b else c }}, or use the task's when or loop; for the characters write {{ '{%' }}
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an inventory that is no YAML',
    inventory: `${GOOD_INVENTORY}    m3: { ansible_host: 127.0.0.1\n`,
    says: `error: this { is not closed
  ┌─ hosts.yml:11:9
11│     m3: { ansible_host: 127.0.0.1
  │         ^ close the bracket, or indent what is in it
1 problem. No host was contacted.
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
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'unknown keys of a cluster, and two groups of one that contradict each other',
    inventory: `${GOOD_INVENTORY.replace(
      '  vars:\n',
      '  vars:\n    kplay_cluster:\n      name: prod\n      window: Sat 01:00-04:00 UTC\n      nmae: x\n',
    )}more: { vars: { kplay_cluster: { name: prod, window: daily 01:00-04:00 UTC } }, hosts: { m2: } }
`,
    says: `error: kplay_cluster has no 'nmae'
  ┌─ hosts.yml:6:7
 6│       nmae: x
  │       ^^^^ did you mean name? it has name, labels, wave, site, window, closed, expected, contact
error: cluster prod has two groups, and each sets 'window'
  ┌─ hosts.yml:15:54
15│ more: { vars: { kplay_cluster: { name: prod, window: daily 01:00-04:00 UTC } }, hosts: { m2: } }
  │                                                      ^^^^^^^^^^^^^^^^^^^^^ remove it here, or at hosts.yml:5:15
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a host in two clusters, a name that is none, and windows that say nothing, all at once',
    inventory: `prod:
  vars: { kplay_cluster: { window: Sat 25:00-26:00 UTC } }
  hosts: { m1: }
stage:
  vars: { kplay_cluster: { name: [stage], window: whenever } }
  hosts: { m1: }
`,
    playbook: '- hosts: all\n  tasks:\n    - command: uptime\n',
    says: `error: '25:00' is not a time of day
 ┌─ hosts.yml:2:40
2│   vars: { kplay_cluster: { window: Sat 25:00-26:00 UTC } }
 │                                        ^^^^^ write hours and minutes, 00:00 to 23:59
error: '26:00' is not a time of day
 ┌─ hosts.yml:2:46
2│   vars: { kplay_cluster: { window: Sat 25:00-26:00 UTC } }
 │                                              ^^^^^ write hours and minutes, 00:00 to 24:00
error: m1 is in two clusters, prod and stage
 ┌─ hosts.yml:5:26
5│   vars: { kplay_cluster: { name: [stage], window: whenever } }
 │                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ take the host out of one of the groups, or give both the same name
error: the name of a cluster must be a word, not ["stage"]
 ┌─ hosts.yml:5:34
5│   vars: { kplay_cluster: { name: [stage], window: whenever } }
 │                                  ^^^^^^^ use letters, digits, dots, - and _
error: 'whenever' is not a window
 ┌─ hosts.yml:5:51
5│   vars: { kplay_cluster: { name: [stage], window: whenever } }
 │                                                   ^^^^^^^^ write days, times and zone: "Tue-Thu 01:00-04:00 Europe/Berlin"
5 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a window with a slip, in whose zone days are closed: nothing is said of a zone',
    inventory: `prod:
  vars: { kplay_cluster: { window: Tue-Thru 01:00-04:00 Europe/Berlin, closed: 2026-12-24..2027-01-06 } }
  hosts: { m1: }
`,
    playbook: '- hosts: all\n  tasks:\n    - command: uptime\n',
    says: `error: 'Thru' is not a day
 ┌─ hosts.yml:2:36
2│   vars: { kplay_cluster: { window: Tue-Thru 01:00-04:00 Europe/Berlin, closed: 2026-12-24..2027-01-06 } }
 │                                    ^^^^^^^^ did you mean Thu? days are Mon, Tue, Wed, Thu, Fri, Sat, Sun, daily
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'windows that never open, or say nothing',
    inventory: `prod:
  vars:
    kplay_cluster:
      window:
        - Tue-Thu 25:00-04:00 Europe/Berlin
        - Tue-Thx 01:00-04:00 Europe/Berln
        - Sat 01:00-01:00 UTC
        - 2027-03-28 02:10-02:50 Europe/Berlin
        - Fri 01:00-01:20 UTC
        - 2026-02-30 01:00-02:00 UTC
        - 6th Mon 01:00-02:00 UTC
        - Sun 01:00-04:00
        - whenever
        - Sat 01:00 UTC
        - { days: [Mon, Tus], from: 01:00, to: 24:30, zone: +02:00 }
        - { day: Mon, from: 22:00 }
        - Mon 01:00-04:00 UTC please
      closed:
        - 2027-01-06..2026-12-24
        - 24.12.2026
      expected: half an hour
  hosts:
    m1:
more:
  vars: { kplay_cluster: { name: prod } }
  hosts:
    m2:
none:
  vars: { kplay_cluster: { expected: 10m } }
empty:
  vars: { kplay_cluster: { window: [] } }
`,
    playbook: '- hosts: all\n  tasks:\n    - command: uptime\n',
    says: `error: '25:00' is not a time of day
  ┌─ hosts.yml:5:19
 5│         - Tue-Thu 25:00-04:00 Europe/Berlin
  │                   ^^^^^ write hours and minutes, 00:00 to 23:59
error: 'Thx' is not a day
  ┌─ hosts.yml:6:11
 6│         - Tue-Thx 01:00-04:00 Europe/Berln
  │           ^^^^^^^ did you mean Thu? days are Mon, Tue, Wed, Thu, Fri, Sat, Sun, daily
error: there is no time zone 'Europe/Berln'
  ┌─ hosts.yml:6:31
 6│         - Tue-Thx 01:00-04:00 Europe/Berln
  │                               ^^^^^^^^^^^^ did you mean Europe/Berlin?
error: the window never opens: it ends when it starts
  ┌─ hosts.yml:7:15
 7│         - Sat 01:00-01:00 UTC
  │               ^^^^^^^^^^^ write 00:00-24:00 for a whole day
error: the window never opens: the clock change skips it
  ┌─ hosts.yml:8:11
 8│         - 2027-03-28 02:10-02:50 Europe/Berlin
  │           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ choose another time of that day
error: Fri 01:00-01:20 UTC lasts 20m, and a run on the cluster is expected to take 30m (default): it would never start
  ┌─ hosts.yml:9:11
 9│         - Fri 01:00-01:20 UTC
  │           ^^^^^^^^^^^^^^^^^^^ make the window longer, or set how long a run takes: expected: 20m
error: '2026-02-30' is not a date
  ┌─ hosts.yml:10:11
10│         - 2026-02-30 01:00-02:00 UTC
  │           ^^^^^^^^^^ write it as 2026-12-24, and a range as 2026-12-24..2027-01-06
error: '6th' does not name a weekday of the month
  ┌─ hosts.yml:11:11
11│         - 6th Mon 01:00-02:00 UTC
  │           ^^^ write one of 1st, 2nd, 3rd, 4th, 5th, last
error: the zone is missing
  ┌─ hosts.yml:12:11
12│         - Sun 01:00-04:00
  │           ^^^^^^^^^^^^^^^ end it with one, such as Europe/Berlin or UTC
error: 'whenever' is not a window
  ┌─ hosts.yml:13:11
13│         - whenever
  │           ^^^^^^^^ write days, times and zone: "Tue-Thu 01:00-04:00 Europe/Berlin"
error: '01:00' has no start and end time
  ┌─ hosts.yml:14:15
14│         - Sat 01:00 UTC
  │               ^^^^^ write it as 01:00-04:00
error: 'Tus' is not a day
  ┌─ hosts.yml:15:25
15│         - { days: [Mon, Tus], from: 01:00, to: 24:30, zone: +02:00 }
  │                         ^^^ did you mean Tue? days are Mon, Tue, Wed, Thu, Fri, Sat, Sun, daily
error: '24:30' is not a time of day
  ┌─ hosts.yml:15:48
15│         - { days: [Mon, Tus], from: 01:00, to: 24:30, zone: +02:00 }
  │                                                ^^^^^ write hours and minutes, 00:00 to 24:00
error: there is no time zone '+02:00'
  ┌─ hosts.yml:15:61
15│         - { days: [Mon, Tus], from: 01:00, to: 24:30, zone: +02:00 }
  │                                                             ^^^^^^ write a name of the IANA database, such as Europe/Berlin or UTC
error: the window lacks to, zone
  ┌─ hosts.yml:16:11
16│         - { day: Mon, from: 22:00 }
  │           ^^^^^^^^^^^^^^^^^^^^^^^^^ write all of it, or "Tue-Thu 01:00-04:00 Europe/Berlin"
error: a window has no 'day'
  ┌─ hosts.yml:16:13
16│         - { day: Mon, from: 22:00 }
  │             ^^^ did you mean days? it has days, from, to, zone
error: 'please' is unexpected here
  ┌─ hosts.yml:17:31
17│         - Mon 01:00-04:00 UTC please
  │                               ^^^^^^ a window ends with its zone: "Tue-Thu 01:00-04:00 Europe/Berlin"
error: 2027-01-06..2026-12-24 ends before it starts
  ┌─ hosts.yml:19:11
19│         - 2027-01-06..2026-12-24
  │           ^^^^^^^^^^^^^^^^^^^^^^ write 2026-12-24..2027-01-06
error: '24.12.2026' is not a date
  ┌─ hosts.yml:20:11
20│         - 24.12.2026
  │           ^^^^^^^^^^ write it as 2026-12-24, and a range as 2026-12-24..2027-01-06
error: 'expected' is how long a run on the cluster takes
  ┌─ hosts.yml:21:17
21│       expected: half an hour
  │                 ^^^^^^^^^^^^ write it like 30m or 1h30m
error: cluster none sets how long a run takes, but not when it may be changed
  ┌─ hosts.yml:29:38
29│   vars: { kplay_cluster: { expected: 10m } }
  │                                      ^^^ add window: or closed:, or remove 'expected'
error: the list of windows is empty: the cluster could never be changed
  ┌─ hosts.yml:31:36
31│   vars: { kplay_cluster: { window: [] } }
  │                                    ^^ write a window, or remove the key
22 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a window in an inventory that is no YAML',
    files: { 'hosts.ini': '[prod]\nm1\n[prod:vars]\nkplay_cluster={"window": "Tue 25:00-04:00 UTC"}\n' },
    argv: ['run', 'play.yml', '-i', 'hosts.ini'],
    playbook: '- hosts: all\n  tasks:\n    - command: uptime\n',
    says: `error: '25:00' is not a time of day
 ┌─ hosts.ini:4:16
4│ kplay_cluster={"window": "Tue 25:00-04:00 UTC"}
 │                ^^^^^^^^ write hours and minutes, 00:00 to 23:59
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a run that takes no time: it would start right before its window closes',
    inventory: `masters: { vars: { kplay_cluster: { window: Tue 01:00-04:00 UTC, expected: 0m } }, hosts: { m1: } }
`,
    says: `error: 'expected' is how long a run on the cluster takes
 ┌─ hosts.yml:1:76
1│ masters: { vars: { kplay_cluster: { window: Tue 01:00-04:00 UTC, expected: 0m } }, hosts: { m1: } }
 │                                                                            ^^ write it like 30m or 1h30m
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a host in two clusters, and a host that says that it is one',
    inventory: `a: { vars: { kplay_cluster: { name: one } }, hosts: { m1: } }
b: { vars: { kplay_cluster: { name: two } }, hosts: { m1:, m2: { kplay_cluster: { name: three } } } }
masters: { children: { a:, b: } }
`,
    says: `error: m1 is in two clusters, one and two
 ┌─ hosts.yml:2:29
2│ b: { vars: { kplay_cluster: { name: two } }, hosts: { m1:, m2: { kplay_cluster: { name: three } } } }
 │                             ^^^^^^^^^^^^^ take the host out of one of the groups, or give both the same name
error: kplay_cluster describes a group, but is set for the host m2
 ┌─ hosts.yml:2:81
2│ b: { vars: { kplay_cluster: { name: two } }, hosts: { m1:, m2: { kplay_cluster: { name: three } } } }
 │                                                                                 ^^^^^^^^^^^^^^^ move it to the vars of the group of the cluster
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a cluster that is a word',
    inventory: GOOD_INVENTORY.replace('  vars:\n', '  vars:\n    kplay_cluster: prod\n'),
    playbook: '- hosts: masters\n  vars: { kplay_cluster: { name: x } }\n  tasks:\n    - command: uptime\n',
    says: `error: kplay_cluster must be a mapping
 ┌─ hosts.yml:3:20
3│     kplay_cluster: prod
 │                    ^^^^ write kplay_cluster: { name: masters }
error: kplay_cluster only has an effect in the vars of a group of the inventory
 ┌─ play.yml:2:26
2│   vars: { kplay_cluster: { name: x } }
 │                          ^^^^^^^^^^^ put it there, or remove it
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a cluster where only a group can be one',
    playbook: '- hosts: masters\n  vars: { kplay_cluster: { name: x } }\n  tasks:\n    - command: uptime\n',
    argv: ['run', 'play.yml', '-i', 'hosts.yml', '-e', 'kplay_cluster=prod'],
    says: `error: kplay_cluster only has an effect in the vars of a group of the inventory
 ┌─ -e:1:15
1│ kplay_cluster=prod
 │               ^^^^ put it there, or remove it
error: kplay_cluster only has an effect in the vars of a group of the inventory
 ┌─ play.yml:2:26
2│   vars: { kplay_cluster: { name: x } }
 │                          ^^^^^^^^^^^ put it there, or remove it
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'connection variables that a playbook sets',
    playbook: `- hosts: masters
  vars: { ansible_connection: local }
  vars_prompt: [{ name: ansible_user, default: joe }]
  vars_files: [far.yml]
  tasks:
    - command: id
      vars: { ansible_become: true, ansible_python_interpreter: none }
    - set_fact: { ansible_host: m9, ansible_os: any }
`,
    files: { 'far.yml': 'ansible_port: 22\n' },
    says: `error: ansible_port only has an effect in the inventory, or with -e: kplay connects before a playbook can set it
 ┌─ far.yml:1:15
1│ ansible_port: 22
 │               ^^ put it there, or remove it
error: ansible_connection only has an effect in the inventory, or with -e: kplay connects before a playbook can set it
 ┌─ play.yml:2:31
2│   vars: { ansible_connection: local }
 │                               ^^^^^ put it there, or remove it
error: ansible_user only has an effect in the inventory, or with -e: kplay connects before a playbook can set it
 ┌─ play.yml:3:25
3│   vars_prompt: [{ name: ansible_user, default: *** }]
 │                         ^^^^^^^^^^^^ put it there, or remove it
error: ansible_become only has an effect in the inventory, or with -e: kplay connects before a playbook can set it
 ┌─ play.yml:7:31
7│       vars: { ansible_become: true, ansible_python_interpreter: none }
 │                               ^^^^ write become: true for the play or the task
error: ansible_host only has an effect in the inventory, or with -e: kplay connects before a playbook can set it
 ┌─ play.yml:8:19
8│     - set_fact: { ansible_host: m9, ansible_os: any }
 │                   ^^^^^^^^^^^^ put it there, or remove it
5 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'connection variables in a file that a task includes',
    playbook: '- hosts: masters\n  tasks:\n    - include_vars: far.yml\n    - command: id\n',
    files: { 'far.yml': 'ansible_become_user: postgres\n' },
    says: `error: ansible_become_user only has an effect in the inventory, or with -e: kplay connects before a playbook can set it
 ┌─ far.yml:1:22
1│ ansible_become_user: postgres
 │                      ^^^^^^^^ put it there, or remove it
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'names of variables that kplay itself sets',
    playbook: `- hosts: masters
  vars: { groups: [a], role_name: mine, inventory_hostname: m9 }
  tasks:
    - command: id
      register: play_hosts
    - set_fact: { ansible_check_mode: true }
`,
    says: `error: groups is a variable that kplay itself sets
 ┌─ play.yml:2:19
2│   vars: { groups: [a], role_name: mine, inventory_hostname: m9 }
 │                   ^^^ use another name
error: play_hosts is a variable that kplay itself sets
 ┌─ play.yml:5:17
5│       register: play_hosts
 │                 ^^^^^^^^^^ use another name
error: ansible_check_mode is a variable that kplay itself sets
 ┌─ play.yml:6:19
6│     - set_fact: { ansible_check_mode: true }
 │                   ^^^^^^^^^^^^^^^^^^ use another name
3 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'names of variables that kplay itself sets, given by loops and by -e',
    playbook: `- hosts: masters
  tasks:
    - command: id
      loop: [1]
      loop_control: { loop_var: groups, index_var: ansible_host }
    - include_tasks: tasks.yml
      loop: [1]
      loop_control: { loop_var: hostvars }
`,
    files: { 'tasks.yml': '- command: id\n' },
    argv: ['run', 'play.yml', '-i', 'hosts.yml', '-e', 'a=1 ansible_check_mode=true', '-e', 'inventory_hostname=m9'],
    says: `error: ansible_check_mode is a variable that kplay itself sets
 ┌─ -e:1:24
1│ a=1 ansible_check_mode=true
 │                        ^^^^ use another name
error: groups is a variable that kplay itself sets
 ┌─ play.yml:5:33
5│       loop_control: { loop_var: groups, index_var: ansible_host }
 │                                 ^^^^^^ use another name
error: ansible_host only has an effect in the inventory, or with -e: kplay connects before a playbook can set it
 ┌─ play.yml:5:52
5│       loop_control: { loop_var: groups, index_var: ansible_host }
 │                                                    ^^^^^^^^^^^^ put it there, or remove it
error: hostvars is a variable that kplay itself sets
 ┌─ play.yml:8:33
8│       loop_control: { loop_var: hostvars }
 │                                 ^^^^^^^^ use another name
4 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a file of variables that is to have the name of one that kplay itself sets',
    playbook: '- hosts: masters\n  tasks:\n    - include_vars: { file: vars.yml, name: groups }\n    - command: id\n',
    files: { 'vars.yml': 'a: 1\n' },
    says: `error: groups is a variable that kplay itself sets
 ┌─ play.yml:3:7
3│     - include_vars: { file: vars.yml, name: groups }
 │       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ use another name
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an empty inventory of a rollout that names clusters',
    inventory: '# nothing yet\n',
    playbook:
      '- hosts: all\n  rollout: { waves: [{ name: canary, clusters: [prod] }] }\n  tasks:\n    - command: uptime\n',
    says: `error: there is no host to work on: the inventory hosts.yml has none
  add hosts to it
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an empty inventory',
    inventory: '# nothing yet\n',
    playbook: '- hosts: all\n  tasks:\n    - command: uptime\n',
    says: `error: there is no host to work on: the inventory hosts.yml has none
  add hosts to it
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a group without hosts',
    inventory: `${GOOD_INVENTORY}workers:\n`,
    playbook: '- hosts: workers\n  tasks:\n    - command: uptime\n',
    says: `error: workers matches no host
 ┌─ play.yml:1:10
1│ - hosts: workers
 │          ^^^^^^^ put hosts into that group, or name another
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an archive in place of an inventory',
    inventory: '\u001f\u0008 a\u0000b\u0001\n',
    says: `error: hosts.yml is not a text file: byte 0 is 0x1f
  name a text file: inventory files are read as UTF-8
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'batches of a play that makes its own',
    playbook: '- hosts: masters\n  strategy: control_plane\n  serial: 1\n  tasks:\n    - certs.check:\n',
    says: `error: serial has no effect with the strategy control_plane, which makes its own batches
 ┌─ play.yml:3:11
3│   serial: 1
 │           ^ remove serial, or the strategy
1 problem. No host was contacted.
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
1 problem. No host was contacted.
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
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a host with contradicting variables',
    inventory: `${GOOD_INVENTORY}workers:\n  hosts:\n    m1: { ansible_host: 127.0.0.2 }\nothers:\n  hosts:\n    m1: { ansible_host: 127.0.0.3 }\n`,
    says: `error: ansible_host of host m1 has a different value at hosts.yml:13:25
  ┌─ hosts.yml:16:11
16│     m1: { ansible_host: 127.0.0.3 }
  │           ^^^^^^^^^^^^ keep the one that is right and remove the other
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'connection variables of the wrong type',
    inventory: GOOD_INVENTORY.replace('55555', 'ssh').replace('ansible_user: ops', 'ansible_become: perhaps'),
    says: `error: ansible_port must be a port: a number from 1 to 65535
 ┌─ hosts.yml:4:19
4│     ansible_port: ssh
 │                   ^^^
error: ansible_become must be true or false
 ┌─ hosts.yml:5:21
5│     ansible_become: perhaps
 │                     ^^^^^^^
2 problems. No host was contacted.
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
1 problem. No host was contacted.
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
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'groups that run in a circle',
    inventory: 'a:\n  children:\n    b:\nb:\n  children:\n    a:\nmasters:\n  hosts:\n    m1:\n',
    says: `error: these groups form a cycle: b > a > b
 ┌─ hosts.yml:6:5
6│     a:
 │     ^ remove one of these children
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a line of an INI inventory that means nothing',
    files: { 'hosts.ini': '[masters]\nm1 ansible_host=127.0.0.1 ansible_port\n[masters:kids]\nm2\n' },
    argv: ['run', 'play.yml', '-i', 'hosts.ini'],
    says: `error: this is not key=value
 ┌─ hosts.ini:2:27
2│ m1 ansible_host=127.0.0.1 ansible_port
 │                           ^^^^^^^^^^^^ write no spaces around the =; quote a value that has some
error: unknown kind of section 'kids'
 ┌─ hosts.ini:3:10
3│ [masters:kids]
 │          ^^^^ the kinds are hosts, children, vars
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a directory of nothing',
    files: { 'inventory/README.md': 'Nothing here.\n' },
    argv: ['run', 'play.yml', '-i', 'inventory'],
    says: `error: the directory inventory contains no inventory
  in a directory, files ending in .ini .cfg .txt .md .bak .orig .retry .kplan ~ and group_vars are ignored
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a variables file that is wrong',
    files: { 'group_vars/masters.yml': 'a: 1\na: 2\n', 'host_vars/m1.yml': '- a list\n' },
    says: `error: this key is written twice
 ┌─ group_vars/masters.yml:2:1
2│ a: 2
 │ ^ remove one of the two: the other is in line 1
error: m1.yml must be a mapping of variables, not a list
 ┌─ host_vars/m1.yml:1:1
1│ - a list
 │ ^^^^^^^^ write each variable as name: value
2 problems. No host was contacted.
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
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a key of a jump host that does not exist, named by a template',
    inventory: GOOD_INVENTORY.replace(
      'ansible_ssh_private_key_file: ~/id',
      'ansible_ssh_extra_args: -J gate\n    gate: missing\n    kplay_jump_private_key_file: ~/{{ gate }}',
    ),
    says: `error: there is no private key home/missing
 ┌─ hosts.yml:8:34
8│     kplay_jump_private_key_file: ~/{{ gate }}
 │                                  ^^^^^^^^^^^^ correct the path, or its permissions
1 problem. No host was contacted.
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
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: "a file with sudo's password that others may read, beside a key that is missing",
    inventory: GOOD_INVENTORY.replace('~/id', '~/missing'),
    files: { secret: 'sesam-4711\n' },
    argv: ['run', 'play.yml', '-i', 'hosts.yml', '--become-password-file', 'secret'],
    says: `warning: other users may read the password in secret (mode 0644)
  chmod 600 secret
error: there is no private key home/missing
 ┌─ hosts.yml:6:35
6│     ansible_ssh_private_key_file: ~/missing
 │                                   ^^^^^^^^^ correct the path, or its permissions
1 problem, 1 warning. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a key that is none',
    inventory: GOOD_INVENTORY.replace('~/id', '~/none'),
    says: `error: home/none is not a usable private key
 ┌─ hosts.yml:6:35
6│     ansible_ssh_private_key_file: ~/none
 │                                   ^^^^^^ other formats: ssh-keygen -p -f home/none converts them
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a key that cannot be read',
    inventory: GOOD_INVENTORY.replace('~/id', '~/directory'),
    says: `error: cannot read the private key home/directory: it is a directory
 ┌─ hosts.yml:6:35
6│     ansible_ssh_private_key_file: ~/directory
 │                                   ^^^^^^^^^^^ correct the path, or its permissions
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a key on the command line that does not exist',
    inventory: GOOD_INVENTORY.replace(/.*key_file.*\n/, ''),
    argv: ['run', 'play.yml', '-i', 'hosts.yml', '--private-key', '~/missing'],
    says: `error: there is no private key home/missing
 ┌─ --private-key:1:1
1│ ~/missing
 │ ^^^^^^^^^ correct the path, or its permissions
1 problem. No host was contacted.
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
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'arguments for ssh on the command line',
    inventory: GOOD_INVENTORY.replace(/.*common_args.*\n/, ''),
    argv: ['run', 'play.yml', '-i', 'hosts.yml', '--ssh-common-args', '-o Port=x', '--ssh-extra-args=-o Z'],
    says: `error: --ssh-common-args: 'x' is not a port number
 ┌─ --ssh-common-args:1:1
1│ -o Port=x
 │ ^^^^^^^^^
error: --ssh-extra-args: -o Z must be written -o Name=Value
 ┌─ --ssh-extra-args:1:1
1│ -o Z
 │ ^^^^
2 problems. No host was contacted.
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
1 problem, 1 warning. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a key that needs a passphrase',
    inventory: GOOD_INVENTORY.replace('~/id', '~/locked'),
    says: `error: the private key home/locked is encrypted, and no passphrase decrypts it
 ┌─ hosts.yml:6:35
6│     ansible_ssh_private_key_file: ~/locked
 │                                   ^^^^^^^^ ssh-add home/locked, or set ansible_ssh_private_key_passphrase
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'several variables to which parameters of steps default, one of which may be meant for something else',
    argv: ['plan', 'renew-certs.yml', '-i', 'hosts.yml'],
    inventory: GOOD_INVENTORY.replace('m2:', 'm2: { method: GET, kubeconfig_users: ops }'),
    says: `Using the renew-certs.yml that ships with kplay: ${shippedPlaybook('renew-certs.yml')}
error: method must be one of auto, renew, phase, native, not 'GET'
  ┌─ hosts.yml:10:19
10│     m2: { method: GET, kubeconfig_users: ops }
  │                   ^^^ certs.regenerate goes by the variable method: if this one is for something else, rename it, or add -e method=VALUE
error: kubeconfig_users (parameter users) must be a list of strings, not 'ops'
  ┌─ hosts.yml:10:42
10│     m2: { method: GET, kubeconfig_users: ops }
  │                                          ^^^ write a list: kubeconfig_users: [VALUE]
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'one entry of a list to which a parameter defaults',
    argv: ['plan', 'renew-certs.yml', '-i', 'hosts.yml'],
    inventory: GOOD_INVENTORY.replace('m2:', 'm2: { kubeconfig_users: [ops, "a b"] }'),
    says: `Using the renew-certs.yml that ships with kplay: ${shippedPlaybook('renew-certs.yml')}
error: kubeconfig_users[1] (parameter users) cannot be 'a b'
  ┌─ hosts.yml:10:29
10│     m2: { kubeconfig_users: [ops, "a b"] }
  │                             ^^^^^^^^^^^^ users on the host whose ~/.kube/config is updated with admin.conf
1 problem. No host was contacted.
Exit 1.
`,
  },
];
