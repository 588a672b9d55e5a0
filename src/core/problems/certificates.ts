import type { Problem } from './problem.ts';

/** Why certificates cannot be made, saved, installed or restored. */
export const CERTIFICATE_PROBLEMS = {
  'ca-missing': {
    title: 'the certificate of a CA is missing or cannot be read',
    why: 'Nothing can be signed with it, and kplay never makes a CA.',
    remedy: 'Restore it from a backup of this host, or copy it from a master with the same `sa.pub`.',
  },
  'ca-expired': {
    title: 'a CA has expired',
    why: 'Nothing that it signs would be valid. kplay never makes a CA.',
    remedy: 'Replace the CA by hand for the whole cluster: kubernetes.io, "Manual Rotation of CA Certificates".',
  },
  'ca-not-yet-valid': {
    title: 'a CA is not valid yet',
    why: 'Nothing accepts what it signs before its own validity begins. The clock of the machine on which it was made was ahead then, or the clock of this machine is behind now.',
    remedy:
      'Compare the clocks (`date -u`). If that of this machine is right, wait until the time in the message, and run again.',
  },
  'ca-unfit': {
    title: 'the certificate of a CA is not one for a CA',
    why: 'It lacks `CA:TRUE`, or the key usage for signing, as one that was made again with `openssl x509 -req` without extensions: kubeadm refuses to sign with it, or nothing accepts what it signs.',
    remedy:
      'Make it again with the same name and key, and with these extensions; the command is in the message. What it has signed stays good.',
  },
  'ca-external': {
    title: 'the key of a CA is not on the host',
    why: 'The CA is external: certificates that are due have to be signed where its key is kept.',
    remedy:
      'If this master should have the key, copy it from a master that has it to the same path, with owner root and mode 600, and run again. If the key is kept elsewhere: `kplay certs csr -i INVENTORY -l HOSTS --out requests` makes keys on the hosts and writes `requests/HOST/NAME.csr`; have each signed, as [certificates.md](certificates.md#external-ca) shows, put the certificate beside it as `NAME.crt`, then run `kplay certs install requests -i INVENTORY -l HOSTS`.',
  },
  'ca-key-mismatch': {
    title: 'the key of a CA does not belong to its certificate',
    why: 'Files of different CAs were mixed up: nothing would trust what this key signs. Or a CA is being replaced, and the one whose key this is does not come first in the file with both certificates; kubeadm takes the first.',
    remedy:
      'Restore both from a backup of this host, or copy them from a master with the same certificate. While a CA is being replaced, put the one whose key is there first, on every master, once all kubeconfigs trust both.',
  },
  'ca-key-unusable': {
    title: 'the key of a CA cannot be used',
    why: 'It is encrypted; or its file contains no key; or, with `method: native`, kplay cannot read it to sign with it, or does not support its type.',
    remedy:
      'Decrypt an encrypted key, into a file and not onto the screen: `cd DIRECTORY && (umask 077; openssl pkey -in ca.key -out plain.key) && mv plain.key ca.key`. Or have the requests of `kplay certs csr` signed where that is done. Restore another key from a backup, or choose `method: renew`, with which kubeadm signs on the host.',
  },
  'ca-expires-first': {
    title: 'a CA expires before the new certificate would',
    why: 'kubeadm would make a certificate that outlives its CA. Nothing would accept it after the CA has expired.',
    remedy:
      'Choose `method: native`, whose certificates expire with the CA at the latest, or a shorter `validity`. Plan to replace the CA.',
  },
  'due-at-once': {
    title: 'a new certificate would be due as soon as it is made',
    why: '`renew_before` is longer than new certificates are valid, so each run would renew all of them again.',
    remedy: 'Choose a shorter `renew_before` (kubeadm makes certificates for a year), or a longer `validity`.',
  },
  'no-signer': {
    title: 'no master of the play can sign for the host',
    why: 'A kubelet certificate has to be signed on a master that has the CA key. The play has no such master, or it was refused, or lost during the run.',
    remedy: 'Run the play on the masters too. With an external CA: `kplay certs csr`, then `kplay certs install`.',
  },
  'kubeadm-missing': {
    title: 'the host has no working kubeadm',
    why: 'Except with `method: native`, the host’s kubeadm makes the certificates.',
    remedy: "Install the kubeadm of the cluster's version, or run with `-e method=native`.",
  },
  'kubeadm-version': {
    title: 'the kubeadm of the host does not fit the cluster',
    why: 'It is older than the cluster, more than one minor version newer, or older than all versions that kplay supports.',
    remedy: "Install the kubeadm of the cluster's version, or run with `-e method=native`.",
  },
  'kubeadm-cannot': {
    title: 'the kubeadm of the host cannot make this certificate',
    why: 'Old versions sign with RSA keys only, and always for one year. Other versions would change the groups of the certificate.',
    remedy: 'Run with `-e method=native`, or leave out what kubeadm cannot make.',
  },
  'request-keys': {
    title: 'kubeadm would request a different certificate',
    why: 'With `keys: kubeadm` the requests come from kubeadm, and its request would have other names or groups than the old certificate.',
    remedy: 'Leave `keys` at `auto`, or choose `keys: kplay`.',
  },
  'request-wrong': {
    title: 'kubeadm made a wrong request',
    why: 'It made no request with a new key, or its request has another identity than the old certificate.',
    remedy: 'Choose `keys: kplay`. Nothing was changed on the host.',
  },
  'signed-unusable': {
    title: 'the signed certificates cannot be installed',
    why: 'They do not match their requests, belong to another key, or are missing. kplay changes either all hosts or none.',
    remedy:
      'Have the requests that `kplay certs csr` has written signed again; put what is missing beside its request.',
  },
  'new-certificate-wrong': {
    title: 'a new certificate is not as it should be',
    why: 'Before it replaces anything, kplay reads new certificates back and checks their signer, key, names, groups, usages and expiry. Nothing was replaced.',
    remedy: 'Choose another `method` (`renew`, `phase` or `native`), and please report this with the output of `-vvv`.',
  },
  'certificate-expired': {
    title: 'a certificate of the host has expired',
    why: 'The cluster cannot pass its proof with this certificate: the component that reads it would not start again, or its certificate would not be accepted. kplay does not renew certificates that the cluster’s CA has not signed.',
    remedy:
      'Renew it: `kplay run renew-certs.yml -i INVENTORY`. If the message says that the cluster’s CA has not signed it, get a new one from its issuer, replace the file, and restart the component that reads it.',
  },
  'certificate-unusable': {
    title: 'a certificate of the host cannot be used',
    why: 'It is missing or broken, its private key is missing or belongs to another certificate, another CA has signed it, it is not for clients or servers as its use demands, or it is signed in a way that Kubernetes does not verify, as after `kplay rollback --even-expired`. The cluster cannot pass its proof with it, however long kplay waits.',
    remedy:
      'Renew it: `kplay run renew-certs.yml -i INVENTORY`. If the message says that the cluster’s CA has not signed it, put the key of that certificate in place, or get a new one from its issuer, and restart the component that reads it.',
  },
  'serving-not-made': {
    title: 'kubelet made no new serving certificate',
    why: 'The old one was moved aside and kubelet was restarted, so that it would make a new one or request it. It did neither in time.',
    remedy:
      'Look at `journalctl -u kubelet`. With `serverTLSBootstrap`, also look at `kubectl get csr`: somebody has to approve the request.',
  },
  'kubelet-key-apart': {
    title: "kubelet's certificate and its key are in separate files",
    why: 'kplay writes a kubelet certificate and its key into one file, as kubelet does when it rotates them. If `kubelet.conf` names two files, the new certificate would be used with the old key, and kubelet would not start.',
    remedy:
      'Have the two files replaced by whoever maintains them. Or put both into `/var/lib/kubelet/pki/kubelet-client-current.pem` (mode 600), name that file as `client-certificate` and as `client-key` in `kubelet.conf`, and run again: from then on kubelet rotates it.',
  },
  'kubelet-conf': {
    title: 'kubelet.conf cannot be read',
    why: 'The file is empty or cut off (as a full disk leaves it), is no kubeconfig, names no user with credentials, or has a form that kplay does not read, such as JSON or keys in quotes. Then it is not known which certificate kubelet uses, and a kubelet that cannot read it does not start either. Without a kubelet nobody starts static pods again, so kplay stops none. The same applies if the file is missing and no kubelet runs. Nor is a worker proven whose file a bootstrap has left in `/etc/kubernetes/.kplay-aside`: what is there is removed after a proof.',
    remedy:
      'If it is in `/etc/kubernetes/.kplay-aside`, can be read, and no run works on the host, renew the certificates: that puts it back first. Otherwise restore `/etc/kubernetes/kubelet.conf` from a backup (`kplay rollback` restores those of kplay). Or make a new one: on a master, move the old one away, then `kubeadm init phase kubeconfig kubelet --node-name NODE`; for a worker, on a master, `(umask 077; kubeadm kubeconfig user --org system:nodes --client-name system:node:NODE >NODE.conf)`, and move that file to the worker, as `/etc/kubernetes/kubelet.conf` (mode 600: it contains a key). From 1.20 to 1.26 the second needs `--config FILE`, a ClusterConfiguration (`kubectl -n kube-system get configmap kubeadm-config`); up to 1.20 it is `kubeadm alpha kubeconfig user`, and up to 1.12 both are `kubeadm alpha phase kubeconfig …`. Without the cluster’s `controlPlaneEndpoint`, both write the address of that master: if there is a load balancer, put its address into `server:` of a worker’s file. If kubectl can read the file, this rewrites it in a form that kplay reads: `(umask 077; kubectl config view --raw --kubeconfig FILE >FILE.new) && mv FILE.new FILE` (a redirection to FILE itself would empty it before it is read). Then `systemctl restart kubelet`, and run again.',
  },
  'kubelet-conf-form': {
    title: 'kubelet.conf has a form that cannot be changed safely',
    why: 'The two entries of the client certificate have to be replaced: by a token with `worker_kubelets: bootstrap`, by the path of the new file if the certificate itself is in `kubelet.conf`. They are not on lines of their own, or a comment follows on the line.',
    remedy:
      'Rewrite `kubelet.conf` in the form that kubeadm uses. If it names a file for the certificate, `-e worker_kubelets=signed` works as well.',
  },
  'no-bootstrap-master': {
    title: 'no master can make a bootstrap token for kubelet',
    why: 'A bootstrap token has to be made on a master of the cluster whose API answers and approves such requests. The play has no such master, or has lost it.',
    remedy: 'Run the play on the masters too, or run with `-e worker_kubelets=signed`.',
  },
  'backup-missing': {
    title: 'no complete backup contains the files to be changed',
    why: 'kplay changes only files that are in a backup. The play has no `certs.backup` before this task, or tags have excluded it, or its parameters differ: what is due depends on `renew_before`, `extra_sans` and `users`, and the backup is looked for in `backup_to`, which is `to` of `certs.backup`.',
    remedy:
      'Put a `certs.backup` task before it, do not exclude that with tags, and give all tasks of a renewal the same parameters, best by variables, as in `renew-certs.yml`.',
  },
  'backup-exposed': {
    title: 'users other than root can write to the backup directory',
    why: 'Anybody who can write to a backup decides what root writes when it is restored.',
    remedy:
      'Choose another directory (`backup_to`), or make this one, and all directories above it, writable by root only.',
  },
  'backup-no-directory': {
    title: 'something that is no directory is in the place of the backup directory',
    why: 'Nothing is changed on a host before a backup has been written, and this one cannot be: there is a file there, a named pipe, or a link that leads nowhere.',
    remedy:
      'Look at it on the host (`ls -ld`), and move it away, or choose another directory (`backup_to`). Then run again.',
  },
  'backup-damaged': {
    title: 'a backup is damaged',
    why: 'The digests of some files differ from those recorded when the backup was made.',
    remedy: 'Choose another one: `kplay rollback -i INVENTORY --list` shows them.',
  },
  'backup-unread': {
    title: 'a backup was not read because there are too many',
    why: 'kplay reads about a hundred backups of a host, the newest ones, so that any number of them fits into one answer.',
    remedy:
      'Move newer ones that are not needed out of the backup directory. `certs.backup` keeps as many as its parameter `keep` says (5 by default), but a rollback removes none.',
  },
  'backup-foreign': {
    title: 'a backup contains a file that kplay does not write',
    why: 'Somebody has added files to it, or it is from another kind of host. Or it contains a link to a file outside of the directories of Kubernetes whose name does not end in .crt, .key, .pem or .conf: such a link is restored, but not the file behind it if that has changed since. None of the backup is restored.',
    remedy: 'Look at its directory; you can restore good files from it by hand.',
  },
  'backup-absent': {
    title: 'the backup does not exist',
    why: 'The backup directory has no backups, or none with that id.',
    remedy:
      '`kplay rollback -i INVENTORY --list` lists the backups of each host. They may be in another directory: `--backup-to`, or `backup_to` of a task.',
  },
  'backup-expired': {
    title: 'a backup contains expired certificates',
    why: 'Restoring them to a running cluster would bring back the outage that their renewal ended.',
    remedy:
      'Renew instead: `kplay run renew-certs.yml -i INVENTORY -l HOSTS`. To restore them anyway, repeat the refused command with `--even-expired`. Keep its `-l` and `--backup`: without them, the latest backup is restored on all hosts.',
  },
  'backup-unusable': {
    title: 'a backup contains certificates that cannot be used',
    why: 'When the backup was made, a certificate or its key was missing or damaged, they did not belong together, or the CA that the host now has has not signed the certificate. What reads it would not start, or would be rejected.',
    remedy:
      'Keep what the host has, or renew: `kplay run renew-certs.yml -i INVENTORY -l HOSTS`. If a CA was replaced by hand and its old files are to come back, put these back first. To restore the certificates anyway, repeat the refused command with `--even-expired`. Keep its `-l` and `--backup`: without them, the latest backup is restored on all hosts.',
  },
  'backup-differs': {
    title: 'a new backup differs from the files that were copied',
    why: 'A file changed while it was copied, or the disk is faulty. Nothing was changed.',
    remedy: 'Look at `dmesg`, then run again.',
  },
} as const satisfies Readonly<Record<string, Problem>>;
