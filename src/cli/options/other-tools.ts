/** Words that users of Ansible, Terraform, kubectl, kubeadm, Argo Rollouts and Temporal may type and that kplay does not have, with what to use instead. */

const VAULT = 'ansible-vault is not supported: provide secrets with -e @FILE, a file that only you can read';
const CONFIRMED = 'kplay asks only with --confirm';
const OBSERVED = 'each command reads facts again; none are cached';
const PIPED = 'kplay logs prints the whole log, each line with its time: kplay logs RUN | tail -n 20';
const PLANNED = 'kplay plan changes nothing, and neither do commands with -C';
const STOPPED = 'kplay abort RUN lets a run start no further cluster, kplay pause RUN none until kplay resume RUN';
const RESUMED = 'kplay resume RUN lifts a pause, and continues a run that has not done all';
const REPEATED = 'kplay prints this once; to repeat: watch -n 60 kplay …';

const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['auto-approve', CONFIRMED],
  ['yes', CONFIRMED],
  ['y', CONFIRMED],
  ['dry-run', PLANNED],
  ['var', '-e NAME=VALUE gives a variable'],
  ['var-file', '-e @FILE gives the variables of a file'],
  ['target', 'use -l for hosts, -t for tags of tasks'],
  ['flush-cache', OBSERVED],
  ['ask-vault-pass', VAULT],
  ['ask-vault-password', VAULT],
  ['vault-id', VAULT],
  ['vault-pass-file', VAULT],
  ['vault-password-file', VAULT],
  ['json', '-o json prints JSON, of commands that have -o'],
  ['toml', '--list --yaml prints YAML'],
  ['export', '--list prints all variables of each host, --graph --vars those of each group'],
  ['html', '--report html=FILE writes a page'],
  ['junit', '--report junit=FILE writes a test report'],
  ['watch', REPEATED],
  ['w', REPEATED],
  ['follow', 'kplay logs RUN -f follows a run in progress'],
  ['tail', PIPED],
  ['since', PIPED],
  ['timestamps', PIPED],
  ['refresh', OBSERVED],
  ['refresh-only', OBSERVED],
]);

const COMMANDS: ReadonlyMap<string, string> = new Map([
  ['get', 'kplay check shows certificates, kplay inventory hosts, kplay history runs'],
  ['describe', 'kplay check -o wide shows all of each certificate, kplay show RUN what a run has done'],
  ['check-expiration', 'kplay check shows when certificates end'],
  ['status', 'kplay check shows certificates, kplay show last the last run'],
  ['renew', 'kplay run renew-certs.yml renews certificates'],
  ['playbook', 'kplay run PLAYBOOK runs one'],
  ['diff', 'kplay plan PLAYBOOK -D shows what would change in files'],
  ['destroy', 'kplay rollback restores a backup'],
  ['undo', 'kplay rollback restores a backup'],
  ['restore', 'kplay rollback restores a backup'],
  ['fmt', 'kplay lint --fix PLAYBOOK corrects what can be corrected'],
  ['state', 'kplay history lists the runs; the state of hosts is read from the hosts, and not kept'],
  ['rollout', 'kplay show RUN shows a rollout; kplay pause, resume, approve and abort RUN steer it'],
  ['runs', 'kplay history lists the runs'],
  ['stop', STOPPED],
  ['cancel', STOPPED],
  ['terminate', STOPPED],
  ['unpause', RESUMED],
  ['continue', RESUMED],
  ['promote', 'kplay approve RUN lets the wave start that waits for it'],
  ['wait', 'kplay logs RUN -f ends when the run ends'],
  ['graph', 'kplay inventory --graph prints groups and hosts'],
  ['vault', VAULT],
  ['exec', 'a playbook with the step command runs commands on hosts'],
  ['shell', 'a playbook with the step shell runs commands on hosts'],
  ['ping', 'kplay doctor says whether hosts can be reached'],
]);

/** What to use instead of a word that the parser does not know: `-auto-approve`, `--watch`, `get`. */
export function insteadOf(word: string): string | undefined {
  if (word.startsWith('-')) return OPTIONS.get(word.replace(/^--?/, ''));
  if (/\.ya?ml$/.test(word)) return 'kplay run PLAYBOOK runs a playbook';
  return word.endsWith('.kplan')
    ? 'kplay show FILE shows a saved plan, kplay apply FILE applies it'
    : COMMANDS.get(word);
}
