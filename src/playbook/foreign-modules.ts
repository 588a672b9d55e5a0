/** Well-known modules of Ansible that are no steps, and their equivalents here. */
const MODULES: readonly (readonly [names: string, hint: string])[] = [
  [
    'apt apt_key apt_repository deb822_repository debconf dpkg_selections rpm_key yum yum_repository dnf dnf5 package pip snap zypper apk homebrew',
    'use the tool that manages the hosts, or command: with creates:, as in command: { cmd: apt-get install -y socat, creates: /usr/bin/socat }',
  ],
  [
    'file',
    'use command, as in command: { cmd: mkdir -p /opt/x, creates: /opt/x }, for state: absent { cmd: rm -r /opt/x, removes: /opt/x }; copy sets owner and mode of what it writes',
  ],
  [
    'template',
    'use copy with content: its {{ templates }} are rendered; {% … %} is refused there, so write out what it does',
  ],
  ['assemble lineinfile blockinfile replace ini_file', 'write the whole file with copy, or use command: sed -i …'],
  ['user group authorized_key', 'use command: useradd, groupadd, usermod'],
  ['cron', 'write a file into /etc/cron.d with copy'],
  ['mount', 'use command: mount …, and copy for /etc/fstab'],
  ['sysctl', 'write a file into /etc/sysctl.d with copy, then command: sysctl --system'],
  ['modprobe', 'use command: modprobe NAME'],
  [
    'get_url',
    "use shell, as in shell: { cmd: curl -fsSL -o FILE.new 'URL' && mv FILE.new FILE, creates: FILE }, which leaves no half a file",
  ],
  [
    'uri',
    'use command: curl -fsSL …; for requests from this machine use a hook of the play: on_start, on_success, on_failure',
  ],
  ['git subversion', 'use command: git clone …, with creates:'],
  ['unarchive', 'use command: tar -xf …, with creates:'],
  ['archive', 'use command: tar -czf FILE DIRECTORY; certs.backup keeps what kubeadm has made'],
  [
    'stat',
    'use command: test -e FILE, with register: r, changed_when: false and failed_when: r.rc > 1, and r.rc == 0 for r.stat.exists; certs.check reads certificates',
  ],
  ['slurp', 'use command: cat FILE, with register: r and changed_when: false, and r.stdout for r.content | b64decode'],
  [
    'find',
    'use command: find DIRECTORY -maxdepth 1 -type f …, with register: r and changed_when: false, and r.stdout_lines, the paths, for r.files; find alone recurses, and finds DIRECTORY itself',
  ],
  [
    'getent mount_facts package_facts service_facts x509_certificate_info openssl_certificate_info get_certificate',
    'use command with register and changed_when: false; certs.check reads certificates',
  ],
  [
    'openssl_privatekey openssl_csr openssl_certificate x509_certificate',
    'certs.regenerate makes the certificates of kubeadm; for others use command: openssl …, with creates:',
  ],
  ['set_stats', 'use set_fact for later tasks, debug for people'],
  ['validate_argument_spec', 'use argument_specs in meta of the role, or assert'],
  ['fetch', 'kplay does not copy files from hosts: use scp; kplay certs csr fetches requests'],
  ['synchronize', 'use rsync beside kplay, or copy for a file'],
  ['script', 'use command for what the script does'],
  ['raw', 'use shell'],
  ['expect', 'use command'],
  [
    'systemd systemd_service sysvinit',
    'use service, with the same name, state and enabled; for daemon_reload, command: systemctl daemon-reload before it',
  ],
  ['reboot', 'kplay does not reboot hosts: control_plane.restart restarts what reads certificates'],
  [
    'pause',
    'wait_for waits for a port or a file, command: sleep 30 for a time; kplay run --confirm asks before the first change',
  ],
  ['async_status', 'start what has to outlive its task with command: systemd-run …'],
  ['fail', 'use assert with that: false and fail_msg:, and leave its when: as it is'],
  ['setup gather_facts', 'remove it: kplay only reads what the tasks need'],
  ['ping wait_for_connection', 'remove it: every run starts by connecting to all hosts'],
  ['add_host group_by', 'write hosts and groups into the inventory'],
  [
    'hostname timezone locale_gen selinux seboolean firewalld ufw iptables alternatives acl pam_limits filesystem lvg lvol parted',
    'use command',
  ],
  [
    'known_hosts',
    'add the keys to known_hosts yourself, after comparing them with those of the hosts (ssh-keygen -lf)',
  ],
  ['tempfile', 'use command: mktemp, with register'],
  [
    'k8s k8s_info k8s_drain k8s_exec k8s_cp k8s_log k8s_scale k8s_rollback helm helm_info helm_repository kubectl',
    'use command: kubectl --kubeconfig /etc/kubernetes/admin.conf … on one master',
  ],
];

const INSTEAD: ReadonlyMap<string, string> = new Map(
  MODULES.flatMap(([names, hint]) => names.split(' ').map((name) => [name, hint] as const)),
);

/** `ansible.builtin.apt`, `community.general.snap`, `kubernetes.core.k8s` */
const COLLECTION = /^[a-z_]+\.[a-z_]+\./;

/** The replacement for a module of Ansible that kplay does not have; undefined for any other word. */
export function moduleReplacement(key: string): string | undefined {
  return INSTEAD.get(key.replace(COLLECTION, ''));
}

const PLAIN = 'remove it';
const NOT_SYSTEMD = 'remove it: services are units of systemd';

/** Parameters of Ansible's modules that the step of the same name does not have, and what to do instead. */
const PARAMETERS: Readonly<Record<string, readonly (readonly [names: string, hint: string])[]>> = {
  copy: [
    [
      'src',
      'write the text as content; for a file beside the playbook content: "{{ item }}" and with_file: [NAME], for one of the host command: cp -p SRC DEST',
    ],
    [
      'remote_src',
      'copy a file of the host with command: cp -p SRC DEST, what is in a directory with cp -pR SRC/. DEST',
    ],
    ['backup', 'keep the old file with command: cp -p before it'],
    [
      'force',
      'remove it: a file that differs is always written; to keep one that exists, write it with command and creates',
    ],
    ['validate', 'test the file with command behind it'],
    ['directory_mode', PLAIN],
  ],
  service: [
    ['daemon_reload daemon-reload', 'remove it, and write command: systemctl daemon-reload before it'],
    ['masked', 'use command: systemctl mask NAME'],
    ['sleep pattern runlevel arguments use', NOT_SYSTEMD],
  ],
  wait_for: [
    ['search_regex', 'use command: grep -q WORD FILE with until, retries and delay'],
    ['connect_timeout', PLAIN],
  ],
  debug: [['verbosity', 'remove it if the message is to be shown in every run, else remove the task']],
};
/** Of command and shell. */
const OF_COMMANDS: (typeof PARAMETERS)[string] = [
  [
    'executable',
    'remove it if sh will do; for bash write command with argv: and its three items: - bash, - -c, and - | with the script below it, which keeps its lines',
  ],
  ['warn expand_argument_vars strip_empty_ends', PLAIN],
];

/** What to do instead of a parameter that only Ansible's module has; undefined for any other word. */
export function parameterReplacement(step: string, key: string): string | undefined {
  const table = step === 'command' || step === 'shell' ? OF_COMMANDS : (PARAMETERS[step] ?? []);
  return table.find(([names]) => names.split(' ').includes(key))?.[1];
}

/** Whether a task gives a required parameter as Ansible does, by another one, which is reported with what to write instead. */
export function isGivenByAnother(step: string, key: string, given: (name: string) => boolean): boolean {
  return step === 'copy' && key === 'content' && given('src');
}

/** What to do where a task gives none of the parameters of which the step needs one, and Ansible does something else then. */
export function hintOfNone(step: string): string | undefined {
  return step === 'wait_for'
    ? 'give it one of them; to pause write command: sleep 30, with changed_when: false'
    : undefined;
}
