import type { BadInput } from './case.ts';

/** A playbook of one play with these tasks. */
function tasks(text: string): string {
  return `- hosts: masters\n  tasks:\n${text}`;
}

export const PLAYBOOK_CASES: readonly BadInput[] = [
  {
    name: 'a handler whose name is a template',
    playbook:
      '- hosts: all\n  vars: { x: web }\n  tasks:\n    - command: "true"\n      notify: restart web\n  handlers:\n    - { name: "restart {{ x }}", command: "true" }\n',
    says: `error: there is no handler 'restart web'
 ┌─ play.yml:5:15
5│       notify: restart web
 │               ^^^^^^^^^^^ the handlers are restart {{ x }}; a template in a name is not filled in: give that handler listen: restart web
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'handlers that are wrong themselves, and one that is missing',
    playbook: `- hosts: all
  tasks:
    - command: uptime
      notify: [Restart etcd, all of it, Restart web]
  handlers:
    - name: Restart etcd
      systemd: { name: etcd, state: restarted }
    - name: Restart the rest
      listen: [all of it]
      block: []
`,
    says: `error: there is no handler 'Restart web'
 ┌─ play.yml:4:41
4│       notify: [Restart etcd, all of it, Restart web]
 │                                         ^^^^^^^^^^^ add it below handlers: of the play
error: kplay has no step 'systemd'
 ┌─ play.yml:7:7
7│       systemd: { name: etcd, state: restarted }
 │       ^^^^^^^ use service, with the same name, state and enabled; for daemon_reload, command: systemctl daemon-reload before it
error: a handler is a task with a step, not block
 ┌─ play.yml:8:7
8│     - name: Restart the rest
 │       ^^^^^^^^^^^^^^^^^^^^^^ write one handler for each task, with the same listen
3 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a playbook that ansible-vault has encrypted, which -e does not take',
    playbook: '$ANSIBLE_VAULT;1.1;AES256\n6162\n',
    says: `error: vault-encrypted files are not supported
 ┌─ play.yml:1:1
1│ $ANSIBLE_VAULT;1.1;AES256
 │ ^^^^^^^^^^^^^^ use a decrypted copy that is in no repository (ansible-vault decrypt --output COPY FILE); variables can be given with -e @COPY
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a file of variables that ansible-vault has encrypted',
    playbook: '- hosts: all\n  vars_files: [secrets.yml]\n  tasks:\n    - command: uptime\n',
    files: { 'secrets.yml': '$ANSIBLE_VAULT;1.1;AES256\n6162\n' },
    says: `error: vault-encrypted files are not supported
 ┌─ secrets.yml:1:1
1│ $ANSIBLE_VAULT;1.1;AES256
 │ ^^^^^^^^^^^^^^ use a decrypted copy that is in no repository (ansible-vault decrypt --output COPY FILE); variables can be given with -e @COPY
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a file for with_file that ansible-vault has encrypted',
    playbook: tasks('    - copy: { content: "{{ item }}", dest: /etc/token }\n      with_file: [token]\n'),
    files: { 'files/token': '$ANSIBLE_VAULT;1.1;AES256\n6162\n' },
    says: `error: vault-encrypted files are not supported
 ┌─ files/token:1:1
1│ $ANSIBLE_VAULT;1.1;AES256
 │ ^^^^^^^^^^^^^^ use a decrypted copy that is in no repository (ansible-vault decrypt --output COPY FILE); variables can be given with -e @COPY
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'args of an include',
    playbook: tasks('    - include_tasks: more.yml\n      args: { apply: { tags: x } }\n'),
    files: { 'more.yml': '- command: uptime\n' },
    says: `error: include_tasks has no args
 ┌─ play.yml:4:7
4│       args: { apply: { tags: x } }
 │       ^^^^ write what is in it below include_tasks
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'paths that a shell, or Ansible, would complete',
    playbook: tasks(`    - copy: { content: a, dest: ~/.kube/config }
    - copy: { content: a, dest: /usr/local/bin/ }
    - command: make
      args: { chdir: "$HOME/src", creates: src/made }
`),
    says: `error: dest cannot be '~/.kube/config'
 ┌─ play.yml:3:33
3│     - copy: { content: a, dest: ~/.kube/config }
 │                                 ^^^^^^^^^^^^^^ write the whole path, as in /root/.kube/config: nothing replaces ~ and $HOME here
error: dest cannot be '/usr/local/bin/'
 ┌─ play.yml:4:33
4│     - copy: { content: a, dest: /usr/local/bin/ }
 │                                 ^^^^^^^^^^^^^^^ path of the file on the host, from / and with its own name; its directory must exist
error: chdir cannot be '$HOME/src'
 ┌─ play.yml:6:22
6│       args: { chdir: "$HOME/src", creates: src/made }
 │                      ^^^^^^^^^^^ write the whole path, as in /root/.kube/config: nothing replaces ~ and $HOME here
error: creates cannot be 'src/made'
 ┌─ play.yml:6:44
6│       args: { chdir: "$HOME/src", creates: src/made }
 │                                            ^^^^^^^^ do nothing if this absolute path exists; it may be a pattern: /opt/tool-*
4 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a file that copy takes from the host in Ansible, without a word on content, which it has not',
    playbook: tasks('    - copy: { src: /etc/a/, dest: /etc/b, remote_src: true }\n    - copy: { dest: /etc/b }\n'),
    says: `error: copy has no parameter 'src'
 ┌─ play.yml:3:15
3│     - copy: { src: /etc/a/, dest: /etc/b, remote_src: true }
 │               ^^^ write the text as content; for a file beside the playbook content: "{{ item }}" and with_file: [NAME], for one of the host command: cp -p SRC DEST
error: copy has no parameter 'remote_src'
 ┌─ play.yml:3:43
3│     - copy: { src: /etc/a/, dest: /etc/b, remote_src: true }
 │                                           ^^^^^^^^^^ copy a file of the host with command: cp -p SRC DEST, what is in a directory with cp -pR SRC/. DEST
error: copy needs the parameter content
 ┌─ play.yml:4:7
4│     - copy: { dest: /etc/b }
 │       ^^^^ add content: … (content of the file; a mapping or a list is written as JSON)
3 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'parameters that only the modules of Ansible have',
    playbook: tasks(`    - shell: set -o pipefail; ls | wc -l
      args: { executable: /bin/bash }
    - copy: { content: a, dest: /etc/a, backup: true }
    - service: { name: kubelet, state: restarted, daemon_reload: true }
    - command: echo {{ 'fd00::1' | ipaddr }}
    - include: more.yml
`),
    says: `error: shell has no parameter 'executable'
 ┌─ play.yml:4:15
4│       args: { executable: /bin/bash }
 │               ^^^^^^^^^^ remove it if sh will do; for bash write command with argv: and its three items: - bash, - -c, and - | with the script below it, which keeps its lines
error: copy has no parameter 'backup'
 ┌─ play.yml:5:41
5│     - copy: { content: a, dest: /etc/a, backup: true }
 │                                         ^^^^^^ keep the old file with command: cp -p before it
error: service has no parameter 'daemon_reload'
 ┌─ play.yml:6:51
6│     - service: { name: kubelet, state: restarted, daemon_reload: true }
 │                                                   ^^^^^^^^^^^^^ remove it, and write command: systemctl daemon-reload before it
error: there is no filter 'ipaddr'
 ┌─ play.yml:7:36
7│     - command: echo {{ 'fd00::1' | ipaddr }}
 │                                    ^^^^^^ provide its result as a variable: vars_files, or -e
error: include is not supported
 ┌─ play.yml:8:7
8│     - include: more.yml
 │       ^^^^^^^ write import_tasks or include_tasks; between plays import_playbook
5 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an unknown step',
    playbook: tasks('    - name: Look\n      cert.check: { renew_before: 30d }\n'),
    says: `error: unknown step 'cert.check'
 ┌─ play.yml:4:7
4│       cert.check: { renew_before: 30d }
 │       ^^^^^^^^^^ did you mean certs.check?
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'forms of an include, and handlers, that Ansible has',
    playbook: `- hosts: all
  tasks:
    - include_tasks: { file: good.yml, apply: { tags: x } }
    - include_tasks: file=good.yml
  handlers:
    - name: Stop
      meta: end_host
    - import_tasks: good.yml
`,
    files: { 'good.yml': '- command: uptime\n' },
    says: `error: apply of include_tasks is not supported
 ┌─ play.yml:3:40
3│     - include_tasks: { file: good.yml, apply: { tags: x } }
 │                                        ^^^^^ put a block with these keywords around it
error: include_tasks takes the name of the file alone
 ┌─ play.yml:4:22
4│     - include_tasks: file=good.yml
 │                      ^^^^^^^^^^^^^ write good.yml
error: a handler is a task with a step, not meta
 ┌─ play.yml:6:7
6│     - name: Stop
 │       ^^^^^^^^^^ put the action at the end of the tasks, behind meta: flush_handlers
error: a handler is a task with a step, not import_tasks
 ┌─ play.yml:8:7
8│     - import_tasks: good.yml
 │       ^^^^^^^^^^^^^^^^^^^^^^ write one handler for each task, with the same listen
4 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an include of what is not there for one entry of its loop',
    playbook: tasks('    - include_tasks: "{{ item }}.yml"\n      loop: [good, none]\n'),
    files: { 'good.yml': '- command: uptime\n' },
    says: `error: cannot read the task file none.yml: there is no such file
 ┌─ play.yml:3:22
3│     - include_tasks: "{{ item }}.yml"
 │                      ^^^^^^^^^^^^^^^^ check the path
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an include that includes itself by a template',
    playbook: tasks('    - include_tasks: more.yml\n      loop: [more]\n'),
    files: { 'more.yml': '- include_tasks: "{{ item }}.yml"\n' },
    says: `error: more.yml includes itself
 ┌─ more.yml:1:18
1│ - include_tasks: "{{ item }}.yml"
 │                  ^^^^^^^^^^^^^^^^ remove the cycle: write the tasks where they are needed
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a looped include over what is no list',
    playbook: tasks('    - include_tasks: more.yml\n      loop: "{{ 5 }}"\n'),
    files: { 'more.yml': '- command: uptime\n' },
    says: `error: loop needs a list
 ┌─ play.yml:3:7
3│     - include_tasks: more.yml
 │       ^^^^^^^^^^^^^^^^^^^^^^^ check the result of its template
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'mistakes in what a template includes',
    playbook: tasks('    - include_tasks: "{{ inventory_hostname }}.yml"\n'),
    files: {
      'm1.yml': '- command: echo {{ nobody }}\n- copy: { dest: /x, colour: red, content: x }\n  when: false\n',
      'm2.yml': '- uptme: {}\n',
    },
    says: `error: copy has no parameter 'colour'
 ┌─ m1.yml:2:21
2│ - copy: { dest: /x, colour: red, content: x }
 │                     ^^^^^^ it takes content, dest, mode, owner, group, follow
error: unknown step 'uptme'
 ┌─ m2.yml:1:3
1│ - uptme: {}
 │   ^^^^^ kplay steps lists the steps
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a file of variables that is not there',
    playbook: tasks('    - include_vars: none.yml\n'),
    says: `error: the variables file none.yml does not exist
 ┌─ play.yml:3:7
3│     - include_vars: none.yml
 │       ^^^^^^^^^^^^^^^^^^^^^^ it is looked for in vars, DIR
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an unknown key of a task',
    playbook: tasks('    - command: uptime\n      regster: load\n'),
    says: `error: unknown keyword 'regster'
 ┌─ play.yml:4:7
4│       regster: load
 │       ^^^^^^^ did you mean register?
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an unknown key of a play',
    playbook: '- host: masters\n  tasks:\n    - command: uptime\n',
    says: `error: unknown keyword 'host' of a play
 ┌─ play.yml:1:3
1│ - host: masters
 │   ^^^^ did you mean hosts?
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a changed_when that has no value on any host',
    playbook: tasks('    - command: uptime\n      changed_when: 1 // 0\n'),
    says: `error: division by zero
 ┌─ play.yml:4:21
4│       changed_when: 1 // 0
 │                     ^^^^^^
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'templates without a value in several tasks',
    playbook: tasks(`    - debug: { msg: "{{ nme }}" }
    - command: uptime
      register: up
      until: uq.rc == 0
      changed_when: up.rc == 0 or nothing
      failed_when: "'load'"
    - debug: { msg: x }
      when: env == 'prod'
    - include_tasks: "{{ item }}.yml"
      loop: [none]
    - assert: { that: 3 > '2' }
`),
    says: `error: 'nme' is undefined
  ┌─ play.yml:3:25
 3│     - debug: { msg: "{{ nme }}" }
  │                         ^^^
error: 'uq' is undefined
  ┌─ play.yml:6:14
 6│       until: uq.rc == 0
  │              ^^^^^ did you mean 'up'?
error: this condition is a string, which is neither true nor false: 'load'
  ┌─ play.yml:8:21
 8│       failed_when: "'load'"
  │                     ^^^^^^ write 'load' | bool, or compare it: 'load' != ''
error: 'env' is undefined
  ┌─ play.yml:10:13
10│       when: env == 'prod'
  │             ^^^
error: cannot read the task file none.yml: there is no such file
  ┌─ play.yml:11:22
11│     - include_tasks: "{{ item }}.yml"
  │                      ^^^^^^^^^^^^^^^^ check the path
error: cannot compare a number with a string
  ┌─ play.yml:13:23
13│     - assert: { that: 3 > '2' }
  │                       ^^^^^^^ convert with | int, | float or | string
6 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an unknown parameter of a step',
    playbook: tasks('    - certs.backup: { keeep: 3 }\n'),
    says: `error: certs.backup has no parameter 'keeep'
 ┌─ play.yml:3:23
3│     - certs.backup: { keeep: 3 }
 │                       ^^^^^ did you mean keep?
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'parameters of the wrong type',
    playbook: tasks('    - certs.backup: { keep: many, to: [a] }\n    - certs.regenerate: { method: magic }\n'),
    says: `error: keep must be a whole number of at least 1, not 'many'
 ┌─ play.yml:3:29
3│     - certs.backup: { keep: many, to: [a] }
 │                             ^^^^
error: to must be a string, not a list
 ┌─ play.yml:3:39
3│     - certs.backup: { keep: many, to: [a] }
 │                                       ^^^ directory on the host in which each backup gets its own directory, from / and without a slash at the end
error: method must be one of auto, renew, phase, native, not 'magic'
 ┌─ play.yml:4:35
4│     - certs.regenerate: { method: magic }
 │                                   ^^^^^
3 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a play of the wrong types',
    playbook: '- hosts: masters\n  become: perhaps\n  serial: none\n  max_fail_percentage: 200\n  tasks: no\n',
    says: `error: become must be true or false, not 'perhaps'
 ┌─ play.yml:2:11
2│   become: perhaps
 │           ^^^^^^^
error: serial must be a whole number of at least 1 or a string such as 25%, not 'none'
 ┌─ play.yml:3:11
3│   serial: none
 │           ^^^^
error: max_fail_percentage must be a number from 0 to 100, not the number 200
 ┌─ play.yml:4:24
4│   max_fail_percentage: 200
 │                        ^^^
error: tasks must be a list of mappings, not false
 ┌─ play.yml:5:10
5│   tasks: no
 │          ^^
4 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a tab',
    playbook: '- hosts: masters\n  tasks:\n\t- command: uptime\n',
    says: `error: a tab indents this line
 ┌─ play.yml:3:1
3│     - command: uptime
 │ ^^^^ indent with spaces
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a key that is there twice',
    playbook: tasks('    - command: uptime\n      when: true\n      when: false\n'),
    says: `error: this key is written twice
 ┌─ play.yml:5:7
5│       when: false
 │       ^^^^ remove one of the two: the other is in line 4
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a mode that is no text',
    playbook: tasks('    - copy: { dest: /etc/motd, content: hello, mode: 0644 }\n'),
    says: `error: mode must be a string, not the number 420
 ┌─ play.yml:3:54
3│     - copy: { dest: /etc/motd, content: hello, mode: 0644 }
 │                                                      ^^^^ quote it, "0644": it was read as 420
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a y, which is a word',
    playbook: '- hosts: masters\n  become: y\n  tasks:\n    - command: uptime\n',
    says: `error: become must be true or false, not 'y'
 ┌─ play.yml:2:11
2│   become: y
 │           ^ write true or false
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'braces without quotes',
    playbook: tasks('    - command: {{ what }}\n'),
    says: `error: a value that begins with {{ must be quoted
 ┌─ play.yml:3:17
3│     - command: {{ what }}
 │                 ^^^^^^^^ write '{{ what }}'
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a merge of what is no mapping',
    playbook:
      '- hosts: masters\n  vars:\n    base: &base 3\n    all: { <<: *base, a: 1 }\n  tasks:\n    - command: uptime\n',
    says: `error: only a mapping can be merged with <<
 ┌─ play.yml:3:17
3│     base: &base 3
 │                 ^ check the indentation and the quotes here
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an alias to nothing, and one to itself',
    playbook: '- hosts: masters\n  vars:\n    a: *missing\n    b: &b [*b]\n  tasks:\n    - command: uptime\n',
    says: `error: the alias *missing refers to itself or to nothing
 ┌─ play.yml:3:8
3│     a: *missing
 │        ^^^^^^^^ check the indentation and the quotes here
error: the alias *b refers to itself or to nothing
 ┌─ play.yml:4:12
4│     b: &b [*b]
 │            ^^ check the indentation and the quotes here
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'aliases that unfold without end',
    playbook: `- hosts: masters
  vars:
    a: &a [x, x, x, x, x, x, x, x, x, x]
    b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
    c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
    d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
    e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
    f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
    g: &g [*f, *f, *f, *f, *f, *f, *f, *f, *f, *f]
  tasks:
    - command: uptime
`,
    says: `error: the aliases of this file expand to too many values
 ┌─ play.yml:3:15
3│     a: &a [x, x, x, x, x, x, x, x, x, x]
 │               ^ check the indentation and the quotes here
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a template that grows without end',
    playbook: `- hosts: masters
  vars:
    a: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    b: "{{ a * 1000 }}"
    c: "{{ b * 1000 }}"
    d: "{{ c * 1000 }}"
  tasks:
    - debug: { msg: "{{ d }}" }
`,
    says: `error: the value is longer than 1048576 characters
 ┌─ play.yml:5:12
5│     c: "{{ b * 1000 }}"
 │            ^^^^^^^^
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an undefined variable in parameters',
    playbook: tasks('    - command: echo {{ lod }}\n      vars: { load: 3 }\n'),
    says: `error: 'lod' is undefined
 ┌─ play.yml:3:24
3│     - command: echo {{ lod }}
 │                        ^^^ did you mean 'load'?
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an undefined variable in a condition',
    playbook: tasks('    - command: uptime\n      when: load_limit > 3\n'),
    says: `error: 'load_limit' is undefined
 ┌─ play.yml:4:13
4│       when: load_limit > 3
 │             ^^^^^^^^^^
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an undefined variable in a loop',
    playbook: tasks('    - debug: { msg: "{{ item }}" }\n      loop: "{{ services }}"\n'),
    says: `error: 'services' is undefined
 ┌─ play.yml:4:17
4│       loop: "{{ services }}"
 │                 ^^^^^^^^
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a result before its task',
    playbook: tasks('    - debug: { msg: "{{ load.stdout }}" }\n    - command: uptime\n      register: load\n'),
    says: `error: 'load' is undefined
 ┌─ play.yml:3:25
3│     - debug: { msg: "{{ load.stdout }}" }
 │                         ^^^^^^^^^^^
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a template that cannot be parsed',
    playbook: tasks('    - debug: { msg: "{{ 1 + }}" }\n'),
    says: `error: expected a value, found the end of the expression
 ┌─ play.yml:3:29
3│     - debug: { msg: "{{ 1 + }}" }
 │                             ^^
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a variable to be shown that is written with braces, or is none',
    playbook: tasks('    - debug: { var: "{{ a }}" }\n    - debug: { var: [a] }\n'),
    says: `error: var is the name of a variable, or an expression
 ┌─ play.yml:3:21
3│     - debug: { var: "{{ a }}" }
 │                     ^^^^^^^^^ write it without braces
error: var must be a string, not a list
 ┌─ play.yml:4:21
4│     - debug: { var: [a] }
 │                     ^^^
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'parameters that exclude each other, given by a task or by it and module_defaults, but for what may be left out',
    playbook: `- hosts: all
  module_defaults: { debug: { msg: x } }
  tasks:
    - debug: { var: inventory_hostname }
    - debug: { msg: "{{ x | default(omit) }}", var: inventory_hostname }
    - assert: { msg: a, fail_msg: b, that: true }
    - wait_for: { port: 1, path: /x }
    - command: { cmd: ls, argv: [ls] }
`,
    says: `error: debug takes either msg or var
 ┌─ play.yml:4:16
4│     - debug: { var: inventory_hostname }
 │                ^^^ give it one of them: msg comes from module_defaults
error: assert takes either msg or fail_msg
 ┌─ play.yml:6:25
6│     - assert: { msg: a, fail_msg: b, that: true }
 │                         ^^^^^^^^ give it one of them
error: wait_for takes either port or path
 ┌─ play.yml:7:28
7│     - wait_for: { port: 1, path: /x }
 │                            ^^^^ give it one of them
error: command takes either cmd or argv
 ┌─ play.yml:8:27
8│     - command: { cmd: ls, argv: [ls] }
 │                           ^^^^ give it one of them
4 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'what Ansible has and kplay does otherwise: a pause by wait_for, further meta actions, conditions and templates of an import',
    playbook: `- import_playbook: "{{ which }}.yml"
- import_playbook: other.yml
  when: renew
- hosts: all
  tasks:
    - wait_for: { timeout: 30 }
    - wait_for: timeout=30
    - meta: reset_connection
    - ansible.builtin.meta: clear_facts
    - meta: refresh_inventory
    - meta: end_role
    - meta: noops
`,
    files: { 'other.yml': '- hosts: all\n  tasks: [command: uptime]\n' },
    says: `error: the name of an imported playbook cannot be a template
  ┌─ play.yml:1:20
 1│ - import_playbook: "{{ which }}.yml"
  │                    ^^^^^^^^^^^^^^^^^ write one playbook that imports each by its name, and tags to choose among them (-t)
error: import_playbook has no when
  ┌─ play.yml:3:3
 3│   when: renew
  │   ^^^^ put it on a block around the tasks of that playbook
error: wait_for needs either port or path
  ┌─ play.yml:6:7
 6│     - wait_for: { timeout: 30 }
  │       ^^^^^^^^ give it one of them; to pause write command: sleep 30, with changed_when: false
error: wait_for needs either port or path
  ┌─ play.yml:7:7
 7│     - wait_for: timeout=30
  │       ^^^^^^^^ give it one of them; to pause write command: sleep 30, with changed_when: false
error: meta must be one of flush_handlers, clear_host_errors, end_host, end_batch, end_play, noop, not 'reset_connection'
  ┌─ play.yml:8:13
 8│     - meta: reset_connection
  │             ^^^^^^^^^^^^^^^^ remove it if each run may connect anew; for a new group or shell of the user run what comes before it as a playbook of its own
error: meta must be one of flush_handlers, clear_host_errors, end_host, end_batch, end_play, noop, not 'clear_facts'
  ┌─ play.yml:9:29
 9│     - ansible.builtin.meta: clear_facts
  │                             ^^^^^^^^^^^ remove it: kplay only reads what the tasks need
error: meta must be one of flush_handlers, clear_host_errors, end_host, end_batch, end_play, noop, not 'refresh_inventory'
  ┌─ play.yml:10:13
10│     - meta: refresh_inventory
  │             ^^^^^^^^^^^^^^^^^ remove it: the inventory is read once, before any host is contacted
error: meta must be one of flush_handlers, clear_host_errors, end_host, end_batch, end_play, noop, not 'end_role'
  ┌─ play.yml:11:13
11│     - meta: end_role
  │             ^^^^^^^^ put the tasks after it into a block with the opposite condition
error: meta must be one of flush_handlers, clear_host_errors, end_host, end_batch, end_play, noop, not 'noops'
  ┌─ play.yml:12:13
12│     - meta: noops
  │             ^^^^^ did you mean noop?
9 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'several undefined variables in one task, of which conditions are told one at a time: the first may guard the next',
    playbook: `- hosts: all
  vars: { known: "{{ one }}" }
  tasks:
    - set_fact:
        a: "{{ known }}"
        b: ["{{ two }}", "{{ three | default('') }}"]
        c: "{{ known }}"
    - command: echo {{ four }} {{ five }}
      environment: { A: "{{ six }}" }
    - assert: { that: ["seven == 1", "eight == 1"], fail_msg: "{{ nine }}" }
    - command: echo {{ ten }} {{ eleven }}
      when: twelve
    - command: echo {{ item }} {{ thirteen }} {{ fourteen }}
      loop: [1, 2]
`,
    says: `error: 'one' is undefined
  ┌─ play.yml:2:22
 2│   vars: { known: "{{ one }}" }
  │                      ^^^
error: 'two' is undefined
  ┌─ play.yml:6:17
 6│         b: ["{{ two }}", "{{ three | default('') }}"]
  │                 ^^^
error: 'four' is undefined
  ┌─ play.yml:8:24
 8│     - command: echo {{ four }} {{ five }}
  │                        ^^^^
error: 'five' is undefined
  ┌─ play.yml:8:35
 8│     - command: echo {{ four }} {{ five }}
  │                                   ^^^^
error: 'six' is undefined
  ┌─ play.yml:9:29
 9│       environment: { A: "{{ six }}" }
  │                             ^^^
error: 'seven' is undefined
  ┌─ play.yml:10:25
10│     - assert: { that: ["seven == 1", "eight == 1"], fail_msg: "{{ nine }}" }
  │                         ^^^^^
error: 'nine' is undefined
  ┌─ play.yml:10:67
10│     - assert: { that: ["seven == 1", "eight == 1"], fail_msg: "{{ nine }}" }
  │                                                                   ^^^^
error: 'twelve' is undefined
  ┌─ play.yml:12:13
12│       when: twelve
  │             ^^^^^^
error: 'thirteen' is undefined
  ┌─ play.yml:13:35
13│     - command: echo {{ item }} {{ thirteen }} {{ fourteen }}
  │                                   ^^^^^^^^
error: 'fourteen' is undefined
  ┌─ play.yml:13:50
13│     - command: echo {{ item }} {{ thirteen }} {{ fourteen }}
  │                                                  ^^^^^^^^
10 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'undefined variables behind names of secrets: a value that only names a variable is no secret, any other is hidden',
    playbook: `- hosts: all
  vars:
    db_password: "{{ vault_db_password }}"
    api_token: "{{ vault_token }}hunter2"
  tasks:
    - command: echo {{ db_password }}
    - command: echo {{ api_token }}
    - command: deploy --password={{ deploy_password }} --force
    - copy: { dest: /etc/app.conf, content: "password={{ app.password }}" }
`,
    says: `error: 'vault_db_password' is undefined
 ┌─ play.yml:3:22
3│     db_password: "{{ vault_db_password }}"
 │                      ^^^^^^^^^^^^^^^^^
error: '***' is undefined
 ┌─ play.yml:4:20
4│     api_token: ***
 │                ^
error: 'deploy_password' is undefined
 ┌─ play.yml:8:37
8│     - command: deploy --password={{ deploy_password }} --force
 │                                     ^^^^^^^^^^^^^^^ did you mean 'db_password'?
error: 'app' is undefined
 ┌─ play.yml:9:58
9│     - copy: { dest: /etc/app.conf, content: "password={{ app.password }}" }
 │                                                          ^^^^^^^^^^^^
4 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'facts, which Ansible gathers and kplay does not, and a misspelt variable, which is none',
    playbook: `- hosts: all
  tasks:
    - debug: { msg: "{{ ansible_facts.distribution }} {{ ansible_hots }}" }
    - command: uptime
      when: ansible_os_family == 'Debian'
`,
    says: `error: 'ansible_facts' is undefined
 ┌─ play.yml:3:25
3│     - debug: { msg: "{{ ansible_facts.distribution }} {{ ansible_hots }}" }
 │                         ^^^^^^^^^^^^^^^^^^^^^^^^^^ kplay gathers no facts: set the variable in the inventory, or register what a command prints, such as cat /etc/os-release
error: 'ansible_hots' is undefined
 ┌─ play.yml:3:58
3│     - debug: { msg: "{{ ansible_facts.distribution }} {{ ansible_hots }}" }
 │                                                          ^^^^^^^^^^^^ did you mean 'ansible_host'?
error: 'ansible_os_family' is undefined
 ┌─ play.yml:5:13
5│       when: ansible_os_family == 'Debian'
 │             ^^^^^^^^^^^^^^^^^ kplay gathers no facts: set the variable in the inventory, or register what a command prints, such as cat /etc/os-release
3 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'the user that logs in, whom Ansible knows from -u, and the home of that user',
    playbook: `- hosts: all
  tasks:
    - copy: { content: a, dest: "/home/{{ ansible_ssh_user }}/a", owner: "{{ ansible_user_id }}" }
`,
    says: `error: 'ansible_ssh_user' is undefined
 ┌─ play.yml:3:43
3│     - copy: { content: a, dest: "/home/{{ ansible_ssh_user }}/a", owner: "{{ ansible_user_id }}" }
 │                                           ^^^^^^^^^^^^^^^^ it is known only where the inventory or -e sets it under this name, not from -u: set it, or write ansible_ssh_user | default('…')
error: 'ansible_user_id' is undefined
 ┌─ play.yml:3:78
3│     - copy: { content: a, dest: "/home/{{ ansible_ssh_user }}/a", owner: "{{ ansible_user_id }}" }
 │                                                                              ^^^^^^^^^^^^^^^ kplay gathers no facts: set the variable in the inventory, or register what a command prints, such as cat /etc/os-release
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a condition that cannot be parsed',
    playbook: tasks('    - command: uptime\n      when: a ==\n'),
    says: `error: expected a value, found the end of the expression
 ┌─ play.yml:4:17
4│       when: a ==
 │                 ^
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a template where none can stand',
    playbook: '- hosts: masters\n  serial: "{{ n }}"\n  tasks:\n    - command: uptime\n',
    says: `error: serial must be a whole number of at least 1 or a string such as 25%, not '{{ n }}'
 ┌─ play.yml:2:11
2│   serial: "{{ n }}"
 │           ^^^^^^^^^ templates are not allowed here, because it is read before variables are known
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a value that only becomes wrong once its template is filled in',
    playbook: tasks('    - certs.check: { renew_before: "{{ days }}d" }\n      vars: { days: many }\n'),
    says: `error: certs.check: renew_before cannot be 'manyd'
 ┌─ play.yml:3:20
3│     - certs.check: { renew_before: "{{ days }}d" }
 │                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ certificates that expire within this time are due: a duration such as 30d, 0s for expired ones only, or all
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a group that does not exist',
    playbook: '- hosts: master\n  tasks:\n    - command: uptime\n',
    says: `error: there is no host and no group called 'master'
 ┌─ play.yml:1:10
1│ - hosts: master
 │          ^^^^^^ did you mean masters? the groups are all, ungrouped, masters
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'what Ansible has and kplay does not',
    playbook: tasks('    - command: uptime\n      delegate_facts: true\n    - local_action: uptime\n'),
    says: `error: delegate_facts is not supported
 ┌─ play.yml:4:7
4│       delegate_facts: true
 │       ^^^^^^^^^^^^^^ move the task to a play of its own, with that host in hosts
error: local_action is not supported
 ┌─ play.yml:5:7
5│     - local_action: uptime
 │       ^^^^^^^^^^^^ write the name of the step as a key, next to delegate_to: localhost
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an order that there is not, and hosts that are held back in the stages of a step',
    playbook:
      '- hosts: masters\n  order: random\n  tasks:\n    - control_plane.restart:\n      throttle: 1\n    - certs.check:\n      timeout: 5\n',
    says: `error: there is no order 'random'
 ┌─ play.yml:2:10
2│   order: random
 │          ^^^^^^ the orders are inventory, reverse_inventory, sorted, reverse_sorted, shuffle; with strategy: control_plane use an order of that strategy, such as recovery
error: control_plane.restart has stages that all hosts pass together, so it cannot have throttle
 ┌─ play.yml:5:17
5│       throttle: 1
 │                 ^ remove it, or set throttle: 0 on this task: the strategy decides how many hosts run at a time
error: certs.check is never stopped in the middle, so it cannot have a timeout
 ┌─ play.yml:7:16
7│       timeout: 5
 │                ^ remove it, or set timeout: 0 on this task: steps that wait have a parameter for that
3 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a strategy and an order that do not exist',
    playbook: '- hosts: masters\n  strategy: quick\n  order: sort\n  tasks:\n    - command: uptime\n',
    says: `error: unknown strategy 'quick'
 ┌─ play.yml:2:13
2│   strategy: quick
 │             ^^^^^ the strategies are linear, free, control_plane
error: there is no order 'sort'
 ┌─ play.yml:3:10
3│   order: sort
 │          ^^^^ did you mean sorted? the orders are inventory, reverse_inventory, sorted, reverse_sorted, shuffle; with strategy: control_plane use an order of that strategy, such as recovery
2 problems. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'an empty playbook',
    playbook: '# nothing yet\n',
    says: `error: play.yml is empty
 ┌─ play.yml:1:1
1│ # nothing yet
 │ ^ a playbook is a list of plays: - hosts: …
1 problem. No host was contacted.
Exit 1.
`,
  },
  {
    name: 'a playbook that is a mapping',
    playbook: 'hosts: masters\ntasks: []\n',
    says: `error: play.yml is not a list of plays
 ┌─ play.yml:1:1
1│ hosts: masters
 │ ^ begin each play with - hosts: …
1 problem. No host was contacted.
Exit 1.
`,
  },
];
