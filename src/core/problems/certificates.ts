import type { Problem } from './problem.ts';

/** What keeps certificates from being made, saved, installed or put back. */
export const CERTIFICATE_PROBLEMS = {
  'ca-missing': {
    title: 'the certificate of a CA is missing or cannot be read',
    why: 'Nothing can be signed with it, and kplay never makes a CA.',
    remedy: 'Put it back from a backup of this host, or from a master with the same `sa.pub`.',
  },
  'ca-expired': {
    title: 'a CA has expired',
    why: 'Nothing that it signs would be valid. kplay makes no CA.',
    remedy: 'Replace the CA by hand for the whole cluster: kubernetes.io, "Manual Rotation of CA Certificates".',
  },
  'ca-external': {
    title: 'the key of a CA is not on the host',
    why: 'The CA is an external one: what is due has to be signed where its key is kept.',
    remedy: '`kplay certs csr` writes the requests, `kplay certs install` installs what comes back signed.',
  },
  'ca-key-mismatch': {
    title: 'the key of a CA does not belong to its certificate',
    why: 'Files of several CAs were mixed up. Nobody would trust what such a key signs.',
    remedy: 'Put the pair back from a backup of this host, or from a master with the same certificate.',
  },
  'ca-key-unusable': {
    title: 'the key of a CA cannot be used',
    why: 'With `method: native` kplay reads the key to sign with it. It could not be read, or is of a kind that kplay does not know.',
    remedy: 'Put the key back from a backup, or choose `method: renew`, by which kubeadm signs on the host.',
  },
  'ca-ends-first': {
    title: 'a CA ends before the new certificate would',
    why: 'kubeadm would make a certificate that outlives its CA. Nobody would accept it after the CA has ended.',
    remedy: 'Choose `method: native`, whose certificates end with the CA, or a shorter `validity`; and plan a new CA.',
  },
  'due-at-once': {
    title: 'a new certificate would be due as soon as it is made',
    why: '`renew_before` is longer than new certificates last, so that each run would renew them all again.',
    remedy: 'Choose a shorter `renew_before` (kubeadm makes certificates for a year), or a longer `validity`.',
  },
  'no-signer': {
    title: 'no master of the play can sign for the host',
    why: 'The certificate of a kubelet has to be signed by a master with the key of the CA, and the play has none, or lost it on the way.',
    remedy: 'Run the play on the masters too. With an external CA: `kplay certs csr`, then `kplay certs install`.',
  },
  'kubeadm-missing': {
    title: 'the host has no kubeadm that works',
    why: 'Unless `method: native` is chosen, the kubeadm of the host makes the certificates.',
    remedy: "Install the kubeadm of the cluster's version, or run with `-e method=native`.",
  },
  'kubeadm-version': {
    title: 'the kubeadm of the host does not fit the cluster',
    why: 'It is older than the cluster, or more than one minor version newer, or older than any that kplay knows: it would refuse the cluster.',
    remedy: "Install the kubeadm of the cluster's version, or run with `-e method=native`.",
  },
  'kubeadm-cannot': {
    title: 'the kubeadm of the host cannot make what is wanted',
    why: 'Old ones sign with RSA keys only, and cannot make certificates that last longer or shorter than a year. Others would give a certificate other groups than it has.',
    remedy: 'Run with `-e method=native`, or leave out what it cannot make.',
  },
  'request-keys': {
    title: 'kubeadm would not ask for the certificate that there is',
    why: 'With `keys: kubeadm` the requests come from kubeadm, which would ask for other names or groups.',
    remedy: 'Leave `keys` at `auto`, or choose `keys: kplay`.',
  },
  'request-wrong': {
    title: 'kubeadm made another request than the one that was ordered',
    why: 'It made none with a key of its own, or one with another identity than the old certificate has.',
    remedy: 'Choose `keys: kplay`. Nothing of the host was changed.',
  },
  'signed-unusable': {
    title: 'certificates that came back signed cannot be installed',
    why: 'They are not what was asked for, belong to another key, or are missing. Either all hosts are changed or none.',
    remedy: 'Have them signed again, from the requests that `kplay certs csr` has written.',
  },
  'new-certificate-wrong': {
    title: 'a new certificate is not what was ordered',
    why: 'Before anything is replaced, kplay reads new certificates back and checks signer, key, names, groups, usages and end. Nothing was replaced.',
    remedy: 'Choose another `method` (`renew`, `phase` or `native`), and report it with what `-vvv` says.',
  },
  'certificate-expired': {
    title: 'a certificate of the host has expired',
    why: 'The cluster cannot be proven with it, and a component that reads it would not start again, or nobody would accept it. One that others have signed is not renewed by kplay.',
    remedy:
      'Renew it: `kplay run renew-certs.yml -i INVENTORY`. Where the reason names who has not signed it, have whoever has signed it sign another, put that in its place, and restart what reads it.',
  },
  'serving-not-made': {
    title: 'kubelet made no new serving certificate',
    why: 'The old one was moved aside and kubelet restarted, so that it would make a new one or ask for it. It did neither in time.',
    remedy:
      'Look at `journalctl -u kubelet`; where `serverTLSBootstrap` is on, at `kubectl get csr`: somebody has to approve it.',
  },
  'kubelet-key-apart': {
    title: "kubelet's certificate and its key are in two files",
    why: 'kplay places the certificate of a kubelet as kubelet keeps those that it rotates: with its key in one file. Where `kubelet.conf` names two files, a new certificate would stand beside the old key, and kubelet would not start.',
    remedy:
      'Have whoever has put the two files there put a new pair in their place. Or put both into `/var/lib/kubelet/pki/kubelet-client-current.pem`, name that as `client-certificate` and as `client-key` in `kubelet.conf`, and run again: kubelet rotates it from then on.',
  },
  'kubelet-conf-form': {
    title: 'kubelet.conf has a form that cannot be changed safely',
    why: 'With `worker_kubelets: bootstrap` a token takes the place of two lines, and they do not stand on lines of their own.',
    remedy: 'Run with `-e worker_kubelets=signed`, or write `kubelet.conf` in the form that kubeadm gives it.',
  },
  'no-bootstrap-master': {
    title: 'no master can let kubelet in with a token',
    why: 'A bootstrap token has to be made on a master of the cluster whose API answers and which approves such requests; the play has none, or lost it.',
    remedy: 'Run the play on the masters too, or run with `-e worker_kubelets=signed`.',
  },
  'backup-missing': {
    title: 'no whole backup holds what would be changed',
    why: 'kplay changes nothing that is in no backup. The play has no `certs.backup` before this task, or tags have left it out.',
    remedy: 'Put a `certs.backup` task before it, and do not leave it out with tags.',
  },
  'backup-exposed': {
    title: 'users other than root can write to where backups are',
    why: 'Whoever can write to a backup decides what root writes when that is restored.',
    remedy: 'Choose another directory (`backup_to`), or make this one, and those above it, writable by root alone.',
  },
  'backup-damaged': {
    title: 'a backup is damaged',
    why: 'Some of its files do not have the digest that was recorded when it was made.',
    remedy: 'Choose another one: `kplay rollback -i INVENTORY --list` shows them.',
  },
  'backup-foreign': {
    title: 'a backup holds a file that kplay does not save',
    why: 'Somebody has added to it, or it is of another kind of host. Nothing of it is restored.',
    remedy: 'Look at its directory; files of it that are good can be restored by hand.',
  },
  'backup-absent': {
    title: 'there is no such backup',
    why: 'The directory of backups has none, or none of that id.',
    remedy:
      '`kplay rollback -i INVENTORY --list` shows which there are on which host; backups may be in another directory (`backup_to`).',
  },
  'backup-expired': {
    title: 'a backup holds certificates that have expired',
    why: 'Restoring them to a cluster that runs would bring back the outage that their renewal ended.',
    remedy:
      'Renew instead: `kplay run renew-certs.yml -i INVENTORY -l HOSTS`. To restore them nevertheless, give the refused command again with `--even-expired` added. Keep its `-l` and `--backup`: without them it would be the latest backup, on all hosts.',
  },
  'backup-differs': {
    title: 'a new backup does not read back as what was copied',
    why: 'The file changed while it was copied, or the disk is at fault. Nothing was changed.',
    remedy: 'Look at `dmesg`, then run again.',
  },
} as const satisfies Readonly<Record<string, Problem>>;
