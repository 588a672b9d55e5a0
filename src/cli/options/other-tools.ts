/** Words that users of Ansible, Terraform, kubectl and kubeadm may type and that kplay does not have, with what to use instead. */

const VAULT = 'ansible-vault is not supported: provide secrets with -e @FILE, a file that only you can read';
const REPEATED = 'kplay checks once; to repeat: watch -n 60 kplay …';

const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['auto-approve', 'kplay asks only with --confirm'],
  ['yes', 'kplay asks only with --confirm'],
  ['var', '-e NAME=VALUE gives a variable'],
  ['var-file', '-e @FILE gives the variables of a file'],
  ['target', 'use -l for hosts, -t for tags of tasks'],
  ['flush-cache', 'each command reads facts again; none are cached'],
  ['ask-vault-pass', VAULT],
  ['ask-vault-password', VAULT],
  ['vault-id', VAULT],
  ['vault-pass-file', VAULT],
  ['vault-password-file', VAULT],
  ['json', '-o json prints JSON'],
  ['toml', '--list --yaml prints YAML'],
  ['export', '--list prints all variables of each host, --graph --vars those of each group'],
  ['html', '--report html=FILE writes a page'],
  ['junit', '--report junit=FILE writes a test report'],
  ['watch', REPEATED],
  ['w', REPEATED],
  ['follow', REPEATED],
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
  ['ping', 'kplay doctor says whether hosts can be reached'],
]);

/** What to use instead of a word that the parser does not know: `-auto-approve`, `--watch`, `get`. */
export function insteadOf(word: string): string | undefined {
  return word.startsWith('-') ? OPTIONS.get(word.replace(/^--?/, '')) : COMMANDS.get(word);
}
