/** Every command that takes options, with what it cannot do without. */
export const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  run: ['run', 'play.yml'],
  plan: ['plan', 'play.yml'],
  apply: ['apply', 'saved.kplan'],
  check: ['check'],
  rollback: ['rollback'],
  doctor: ['doctor'],
  validate: ['validate', 'play.yml'],
  lint: ['lint', 'play.yml'],
  'certs csr': ['certs', 'csr', '--out', 'requests'],
  'certs install': ['certs', 'install', 'signed'],
  history: ['history'],
  show: ['show', 'RUN'],
  logs: ['logs', 'RUN'],
  approve: ['approve', 'RUN'],
  pause: ['pause', 'RUN'],
  abort: ['abort', 'RUN'],
  resume: ['resume', 'FAILED'],
  unlock: ['unlock', '--limit', 'all', '--reason', 'it hangs'],
  windows: ['windows'],
  worker: ['worker', 'play.yml', '--engine', 'temporal://127.0.0.1:9/default'],
  inventory: ['inventory', '--host', 'known'],
  init: ['init', 'made.yml', '--masters', '127.0.0.1:1'],
  steps: ['steps'],
  version: ['version'],
  demo: ['demo'],
};

/** They contact nobody, and take no inventory. */
export const WITHOUT_INVENTORY = [
  'init',
  'history',
  'show',
  'logs',
  'approve',
  'pause',
  'abort',
  'resume',
  'steps',
  'version',
  'demo',
];
export const WITHOUT_CONTACT = [...WITHOUT_INVENTORY, 'worker', 'validate', 'lint', 'apply', 'windows', 'inventory'];

interface Probe {
  readonly words: readonly string[];
  /** The inventory on which it shows; `all` unless said otherwise. */
  readonly on?: 'here' | 'becoming' | 'unsaid';
  /** Given with and without it, to commands that contact hosts: what makes a difference seen. */
  readonly beside?: readonly string[];
  /** The same of single commands. */
  readonly besideOf?: Readonly<Record<string, readonly string[]>>;
  /** Commands for which another test shows that it has a meaning, or which have the same meaning without it. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

const HANDED_ON = 'it hands its options to kplay check and kplay run';

/** How each option is seen to do something: with it a command says something else than without, or ends otherwise. */
export const PROBES: Readonly<Record<string, Probe>> = {
  '--inventory': { words: ['-i', 'nowhere.yml'] },
  '--limit': { words: ['-l', 'nobody'] },
  '--user': { words: ['-u', 'somebody'] },
  '--private-key': { words: ['--private-key', '/nowhere/id'] },
  '--become': {
    words: ['-b'],
    on: 'becoming',
    elsewhere: {
      rollback: 'its play becomes root',
      'certs csr': 'its play becomes root',
      'certs install': 'its play becomes root',
      unlock: 'its play becomes root',
    },
  },
  '--ask-become-pass': { words: ['-K'] },
  '--become-password-file': { words: ['--become-password-file', '/nowhere/password'] },
  '--host-key-checking': { words: ['--host-key-checking', 'no'] },
  '--connection': {
    words: ['-c', 'local'],
    on: 'unsaid',
    elsewhere: { apply: 'defaults.test.ts: -c' },
  },
  '--ssh-args': { words: ['--ssh-args', '-o Nonsense=1'] },
  '--ssh-common-args': { words: ['--ssh-common-args', '-o Nonsense=1'] },
  '--ssh-extra-args': { words: ['--ssh-extra-args', '-o Nonsense=1'] },
  '--extra-vars': {
    words: ['-e', 'kplay_cluster=1'],
  },
  '--changed-files': { words: ['--changed-files'], elsewhere: { resume: 'resume.test.ts: when files have changed' } },
  '--has-ended': { words: ['--has-ended'], elsewhere: { resume: 'resume.test.ts: of another machine' } },
  '--rollout': { words: ['--rollout', 'nowhere.yml'] },
  '--clusters': {
    words: ['--clusters', '1'],
    elsewhere: {
      plan: 'fleet-plan.long.test.ts: which clusters wait for others',
      ...Object.fromEntries(
        ['run', 'apply', 'rollback', 'certs csr', 'certs install'].map((name) => [
          name,
          'side-by-side.long.test.ts: as many as --clusters says',
        ]),
      ),
    },
  },
  '--step': {
    words: ['--step'],
    elsewhere: {
      run: 'step.test.ts: asks before each task that is to do something',
      apply: 'step.test.ts: asks before each task of a saved plan',
    },
  },
  '--force-handlers': {
    words: ['--force-handlers'],
    elsewhere: { run: 'force-handlers.test.ts: runs handlers on a host that fails' },
  },
  '--tags': { words: ['-t', 'nothing'] },
  '--skip-tags': { words: ['--skip-tags', 'it'] },
  '--output': {
    words: ['-o', 'json'],
    elsewhere: { demo: HANDED_ON, windows: 'windows.long.test.ts: as JSON for programs' },
  },
  '--verbose': { words: ['-vv'], elsewhere: { demo: HANDED_ON } },
  '--no-color': {
    words: ['--no-color'],
    beside: ['--limit', 'nobody'],
    besideOf: { lint: [], resume: [], windows: [], inventory: ['-i', 'nowhere.yml'], init: ['--masters', ''] },
    elsewhere: { demo: HANDED_ON },
  },
  '--local-time': {
    words: ['--local-time'],
    beside: ['-vv'],
    besideOf: { resume: ['-vv'] },
    elsewhere: { demo: HANDED_ON },
  },
  '--check': {
    words: ['-C'],
    on: 'here',
    elsewhere: {
      rollback: 'renewal.long.test.ts: is shown what rollback would do',
      'certs install': 'external-ca.long.test.ts: shows what it would install, and writes nothing',
    },
  },
  '--diff': {
    words: ['-D'],
    on: 'here',
    elsewhere: { rollback: 'rollback.long.test.ts: are shown with -D what changes in manifests' },
  },
  '--confirm': { words: ['--confirm'] },
  '--syntax-check': { words: ['--syntax-check'] },
  '--out': { words: ['--out', '/dev/null/other'], on: 'here' },
  '--sign': { words: ['--sign', '/nowhere/key'] },
  '--verify': { words: ['--verify', '/nowhere/signers'] },
  '--detailed-exitcode': { words: ['--detailed-exitcode'], on: 'here' },
  '--renew-before': { words: ['--renew-before', 'soon'] },
  '--backup': { words: ['--backup', 'other'] },
  '--backup-to': { words: ['--backup-to', 'nowhere'] },
  '--even-expired': {
    words: ['--even-expired'],
    besideOf: { rollback: ['-e', 'even_expired=false'] },
  },
  '--list': { words: ['--list'] },
  '--keys': { words: ['--keys', 'kplay'], besideOf: { 'certs csr': ['-e', 'keys=auto'] } },
  '--etcd-client': { words: ['--etcd-client'], besideOf: { 'certs csr': ['-e', 'etcd_client=false'] } },
  '--start-at-task': { words: ['--start-at-task', 'nothing'] },
  '--sort-by': {
    words: ['--sort-by', 'host'],
    elsewhere: Object.fromEntries(
      ['check', 'doctor', 'history', 'rollback', 'steps', 'windows'].map((name) => [
        name,
        'sorted-tables.long.test.ts: is sorted by one of its columns',
      ]),
    ),
  },
  '--skip': { words: ['--skip', 'unnamed-task'] },
  '--fix': { words: ['--fix'] },
  '--list-hosts': { words: ['--list-hosts'] },
  '--list-tasks': { words: ['--list-tasks'] },
  '--list-tags': { words: ['--list-tags'] },
  '--ask-pass': { words: ['-k'] },
  '--html': { words: ['--html', '/nowhere/page.html'] },
  '--report': { words: ['--report', 'junit=/nowhere/report.xml'] },
  '--metrics': { words: ['--metrics', '/nowhere/metrics'] },
  '--metrics-label': { words: ['--metrics-label', 'site=a'] },
  '--reason': {
    words: ['--reason', 'another'],
    elsewhere: {
      unlock: 'unlock.long.test.ts: and notes why',
      pause: 'operate.long.test.ts: who and why is told',
      abort: 'operate.long.test.ts: ends a rollout',
      approve: 'operate.long.test.ts: holds back the waves of a rollout until kplay resume; who and why is told',
    },
  },
  '--engine': { words: ['--engine', 'nowhere'] },
  '--worker-timeout': { words: ['--worker-timeout', '3'] },
  '--next': { words: ['--next', '1'], elsewhere: { windows: 'windows.long.test.ts: --next' } },
  '--window': { words: ['--window', 'override'] },
  '--graph': { words: ['--graph'] },
  '--host': { words: ['--host', 'here'] },
  '--yaml': { words: ['--yaml'] },
  '--vars': { words: ['--vars'] },
  '--state': {
    words: ['--state', 'play.yml'],
    elsewhere: Object.fromEntries(
      ['plan', 'check', 'doctor', 'validate', 'windows'].map((name) => [
        name,
        'recorded-durations.test.ts: how long runs took',
      ]),
    ),
  },
  '--warn': { words: ['--warn', '1d'] },
  '--critical': { words: ['--critical', '1d'] },
  '--exit-code': { words: ['--exit-code'], elsewhere: { check: 'check.test.ts: --exit-code' } },
  '--nagios': { words: ['--nagios'] },
  '--masters': { words: ['--masters', '0'] },
  '--workers': { words: ['--workers', 'w1'] },
  '--ssh-config': { words: ['--ssh-config', 'nowhere.yml'] },
  '--kubeconfig': { words: ['--kubeconfig', 'nowhere.yml'] },
  '--context': { words: ['--context', 'here'] },
  '--cluster': { words: ['--cluster', 'prod'] },
  '--force': { words: ['--force'], elsewhere: { init: 'init.test.ts: never replaces a file' } },
  '--no-look': { words: ['--no-look'] },
  '--no-headers': {
    words: ['--no-headers'],
    elsewhere: {
      windows: 'sorted-tables.long.test.ts: keeps the rows of each together',
      rollback: 'sorted-tables.long.test.ts: has rows only, and nothing where there are none',
    },
  },
  '--follow': {
    words: ['--follow'],
    elsewhere: { logs: 'logs-follow.test.ts: shows what a run in progress says, until its end' },
  },
  '--prune': { words: ['--prune'] },
  '--keep': { words: ['--keep', '1'] },
  '--keep-for': { words: ['--keep-for', '1d'] },
};

/** All others it hands to kplay run, for each cluster that it is given; of the site, and of clusters at the same time, tells test/fleet/temporal. */
export const OF_WORKER_ITSELF = ['--engine', '--inventory'];

/** Tried by themselves, against a server that never answers. */
export const BY_THEMSELVES = ['--forks', '--timeout', '--help'];
