import type { Problem } from './problem.ts';

/** Reasons to refuse a host itself, and failures of a host that are independent of the task. */
export const HOST_PROBLEMS = {
  'not-a-file': {
    title: 'something that is no file is in the place of a certificate or key',
    why: 'There is a directory that is not empty, a named pipe, a socket or a device. Nothing is read from it, and it is in no backup, so kplay does not replace it.',
    remedy: 'Look at it on the host (`ls -l`), find out what has put it there, and move it away. Then run again.',
  },
  'host-clock': {
    title: 'the clock of the host is wrong',
    why: 'It differs from the clock of this machine by more than a minute. Certificates made there would become valid or expire at the wrong time.',
    remedy:
      'Set the clock: `chronyc makestep`, or `timedatectl set-ntp true`; on a host that reaches no time server, `date -u -s "YYYY-MM-DD hh:mm:ss"`. If the clock of this machine is wrong, set that one instead.',
  },
  'not-root': {
    title: 'the session is not root',
    why: 'It can read the host but cannot write to `/etc/kubernetes`.',
    remedy: 'Become root: `-b`, or `ansible_become: true` in the inventory, or `become: true` in the play.',
  },
  'not-readable': {
    title: 'a file that kplay needs cannot be read',
    why: 'The user may not read all of kubeadm’s files, or all backups. kplay does not guess what is in a file that it cannot read, so it decides nothing here.',
    remedy: 'Become root: `-b`, or `ansible_become: true` in the inventory, or `become: true` in the play.',
  },
  'read-only': {
    title: 'a directory that is to be written, or a file in it, cannot be written, not even by root',
    why: 'It is one of certificates, of backups, or of what kplay needs to lock the host and to have it restore itself if the run is lost. Its file system is read-only (Linux remounts one read-only after disk errors), or somebody has made the directory or the file immutable.',
    remedy:
      'Look for disk errors in `dmesg`. If there are none: `mount -o remount,rw "$(findmnt -no TARGET -T DIRECTORY)"`. If `lsattr -d PATH` shows `i`: `chattr -i PATH`.',
  },
  'no-room': {
    title: 'the disk does not have enough free space',
    why: 'New files and a backup would not fit: kplay needs 16 MB and 500 inodes in `/etc` and `/var`, and 1 MB and 100 inodes in `/etc/kubernetes` and `/var/lib/kubelet` where these have file systems of their own.',
    remedy:
      'Free some space: `journalctl --vacuum-size=100M`, `apt-get clean` or `dnf clean all`. `du -xhd 2 / | sort -h | tail` shows what fills the root file system. Do not use `crictl rmi --prune`: it may remove the pause image, and the images of static pods that are stopped, which a host without a registry cannot get again.',
  },
  'disk-full': {
    title: 'a disk on the host is full',
    why: 'A command on the host could not write: `No space left on device`. The recap says whether the host was restored.',
    remedy:
      'Free some space: `journalctl --vacuum-size=100M`, `apt-get clean` or `dnf clean all`. `du -xhd 2 / | sort -h | tail` shows what fills the root file system. Then run again. Do not use `crictl rmi --prune`: it may remove the pause image, and the images of static pods that are stopped, which a host without a registry cannot get again.',
  },
  'runtime-down': {
    title: 'the container runtime of the host is down, or hangs',
    why: 'Nothing listens on the socket that kubelet is configured to use, or nothing answers there in time. After a restart kubelet would exit at once or wait, and a stopped static pod would not come back. Processes that are running now keep running.',
    remedy:
      'Look at `systemctl status containerd` (or `crio`, `cri-docker`) and at `journalctl -u containerd -n 50`. Start the runtime (restart one that hangs), wait until `crictl version` works, and run again. Containers outlive a restart of containerd and CRI-O. When docker is restarted, it stops all containers, that of etcd too, unless `docker info` shows `Live Restore Enabled: true`: first see that the other members of etcd are healthy.',
  },
  'kubelet-unit': {
    title: 'kubelet of the host cannot be started',
    why: 'Its unit is masked or missing, or the program that the unit starts is missing. Without kubelet no static pod would start with the new certificates.',
    remedy:
      'Look at `systemctl status kubelet` and `systemctl cat kubelet`. If somebody has masked the unit for maintenance, wait until that is done, or `systemctl unmask kubelet`; otherwise install the kubelet of the cluster’s version. Then run again.',
  },
  'kubelet-name': {
    title: 'kubelet would come back under another name',
    why: 'The host has been given another name since its kubelet was started. kubelet takes the name of its host when it starts, unless `--hostname-override` says otherwise, and the API lets it act only as the node that its certificate names. So after a restart its node would become NotReady, with old certificates as with new ones.',
    remedy:
      'If the new name was given by mistake (by DHCP or cloud-init): `hostnamectl set-hostname NODE`. If the host shall keep it, add `--hostname-override=NODE` to `KUBELET_KUBEADM_ARGS` in `/var/lib/kubelet/kubeadm-flags.env`, restart kubelet, and look whether its node stays Ready. Then run again.',
  },
  'another-ca': {
    title: 'a component does not trust the CA that signs',
    why: 'When a component restarts, it reads its kubeconfig again and trusts the API server by the CA in it. That CA is neither the cluster’s CA on this host nor one that has signed the API server’s certificate, or it is damaged. So the component could no longer connect to the API server, and restoring the certificates would not help. The same applies if a flag such as `--client-ca-file` names a file that does not contain the CA: the component would reject the certificates that it verifies with that file. An intermediate CA may be missing from the file if its root is there and the certificate files contain the intermediate. A kubelet on another host, which is named, counts as well: it reaches the API through any master, and would lose it.',
    remedy:
      '`kplay check` shows both CAs. If both have the same key (`public_key` in `kplay check -o json`), somebody has made `ca.crt` again with another name, or with the same name in another encoding: `openssl x509 -in OLD.crt -signkey ca.key -days 3650 -out ca.crt`, with OLD.crt from the kubeconfig or a backup, keeps the name, and nothing else has to change. Otherwise find out which of the two is the cluster’s CA: on this host, `openssl s_client -connect ADDRESS:6443 </dev/null 2>/dev/null | openssl verify -no_check_time -CAfile /etc/kubernetes/pki/ca.crt` says `OK` if `ca.crt` has signed the certificate that the API server of another master serves (the names say nothing: each CA of kubeadm is CN=kubernetes). If it is `ca.crt`, put that into the kubeconfig: `kubectl config set-cluster NAME --kubeconfig FILE --certificate-authority /etc/kubernetes/pki/ca.crt --embed-certs`. NAME is the name of the cluster in that file (`kubectl config view --kubeconfig FILE`): `kubernetes` where kubeadm has written it, `default-cluster` where kubelet has; any other name only adds a cluster that nothing uses. If it is the other one, somebody has replaced `ca.crt` and `ca.key` on this host: restore the cluster’s own from a backup of this host. During the replacement of a CA, all kubeconfigs have to trust both CAs before the new one signs anything.',
  },
  'administrator-unusable': {
    title: 'a kubeconfig with which the API is asked cannot be used',
    why: 'The API server of the host is healthy, but it cannot be asked with `/etc/kubernetes/admin.conf` (or with another kubeconfig that the message names): the file is damaged, names no user, leads through a proxy that is dead, or the API server rejects its user. kplay proves a renewal with that file, and a renewal replaces only the certificate and the key in it. So the proof would never come, and the host would be restored.',
    remedy:
      'See what `kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes` says on the host, and correct the file. Or move it away, `mv /etc/kubernetes/admin.conf /root/`, and run again: kplay then makes a new one as kubeadm does.',
  },
  'manifest-copy': {
    title: 'kubelet may run a copy of a static pod',
    why: 'kubelet reads every file in its manifest directory whose name does not begin with a dot, whatever it ends in. Of several files for one pod it runs the one that it has read last, so an old copy may run in place of the manifest. Pods of different names all run.',
    remedy:
      'Move all but the right one out of the directory; kubeadm names that one after its component (`kube-apiserver.yaml`).',
  },
  'files-incomplete': {
    title: 'the files on the host do not contain enough',
    why: 'kplay reads the contents of a new certificate (addresses, names, the endpoint) from the manifests and the old certificate. Both are missing or cannot be read.',
    remedy:
      'Restore the static pod manifests, or the certificate, from a backup. You can also copy the manifests of another master of the cluster, into another directory: put in the addresses and the name of this host, and only then move them to where kubelet reads them, since kubelet starts at once what is there. Do so with `etcd.yaml` only if the data of etcd (`/var/lib/etcd`) is still there: without it an empty etcd might start, and the API server would serve an empty cluster.',
  },
  'endpoint-unknown': {
    title: 'nothing tells how the API is reached',
    why: 'A kubeconfig that is written from scratch, or a certificate of the API server without a readable old one, needs the address of the load balancer (controlPlaneEndpoint). kplay reads it from admin.conf, up to 1.32 also from kubelet.conf, and from other hosts of the cluster; if none of these tells it, from the kubeconfigs of users. A master that names itself tells nothing, unless a worker or another master names it too. A certificate of the API server without further names tells that there is no load balancer; one to which extra_sans adds a name does not. Without it the host would lose the load balancer.',
    remedy:
      'Let the play work on another master or a worker of the cluster too. Or put the admin.conf of another master, or one from a backup, in its place. Or make one: move a broken admin.conf away (kubeadm replaces none), then kubeadm init phase kubeconfig admin --control-plane-endpoint ADDRESS:PORT (from 1.16), with the host’s own address if the cluster has no load balancer. If it is a name in extra_sans that keeps kplay from knowing that there is none, run once without extra_sans first.',
  },
  'etcd-host': {
    title: 'the host runs only etcd',
    why: 'The host has a manifest of etcd, and no other file of a master: it is a member of an external etcd. kplay restarts members of etcd only together with the masters that they run on, where it can prove by the API that everything works. kplay check shows the certificates of such a host.',
    remedy:
      'Leave the host out of the play. Renew etcd-server, etcd-peer and etcd-healthcheck-client there with kubeadm certs renew (with --config, and where the key of the CA of etcd is), and restart etcd, one member after the other. The masters need a new apiserver-etcd-client of the same CA.',
  },
  'leaf-layout': {
    title: 'certificates are kept in a way in which they cannot be replaced',
    why: 'A flag in a manifest names one file for a certificate and its private key, or two certificates have the same file, or a component reads its kubeconfig elsewhere than kubeadm keeps it, or the path in a flag is relative or has a variable (`$(NAME)`). kplay gives each certificate a key and two files of its own, as kubeadm does, so one of them would replace another.',
    remedy:
      'Give each certificate and each key a file of its own, a kubeconfig the place that kubeadm uses, and name these with the flags in the manifest, by their whole paths. kubelet restarts the component when the manifest changes.',
  },
  'shared-file': {
    title: 'a certificate is kept in a file that kplay never writes',
    why: 'Because of a flag in a manifest, or a link, a leaf certificate is in the same file as a CA or the service account key. Renewing it would replace that as well.',
    remedy:
      'Move the certificate to a file of its own (see the flags in the manifest, and `ls -li` for links), or renew it by hand.',
  },
  'node-name': {
    title: 'the name of the node is not certain',
    why: 'A kubelet certificate names its node. With a wrong name this host could act as another node, so kplay signs nothing until the name is proven.',
    remedy:
      'Check that nobody has tampered with kubelet’s files. Then set `node_name` for the host in the inventory to its name in `kubectl get nodes`; on a master, restore `kubelet.conf` from a backup.',
  },
  'master-unproven': {
    title: 'nothing proves that the host is a master',
    why: 'Its files are those of a master, but it could not prove that it has the key of a certificate that the CA has signed for a control plane. Whoever has taken over a worker can put such files there, and would get the certificate of an administrator from whoever signs the requests. The proof needs `openssl` on the host, and an old certificate with its key.',
    remedy:
      'Compare with `kubectl get nodes`. If the host is a master, set `node_role: master` for it in the inventory. If it is a worker, find out who has put manifests or certificates of a control plane there.',
  },
  'host-changed': {
    title: 'the host has changed since the plan was made',
    why: 'kplay does what the plan showed, and nothing else. The differences are listed below the message. They may be in the order of the hosts, too: the plan had another if the inventory has since been changed, for example.',
    remedy:
      'Look at a new plan (`kplay plan PLAYBOOK -i INVENTORY`), and run again. A saved plan has to be made anew, with `--out FILE`, and applied.',
  },
  'host-locked': {
    title: 'another run is working on the host',
    why: 'It has locked the host; the message says who runs it, on which machine and since when. Only one run at a time may change a cluster.',
    remedy:
      'Wait until that run has ended. If it hangs, or its machine is gone: `kplay unlock -i INVENTORY -l HOST --reason TEXT`.',
  },
  'lock-in-use': {
    title: 'the lock is in use and was not removed',
    why: '`kplay unlock` only removes locks of runs that are gone. This run is in progress, or one of its scripts is still running on the host.',
    remedy:
      'Wait until the run has ended, or interrupt it with Ctrl-C: that also releases its lock. A run that is suspended (Ctrl-Z) does neither before it is woken: `fg`, or `kill -CONT PID`.',
  },
  'lock-failed': {
    title: 'the lock of the host cannot be taken, read or removed',
    why: 'Locks are kept below `/run`, and only root may write there.',
    remedy: 'Make sure that the session is root (`-b`), and that `/run` is writable and not full.',
  },
  'host-restoring': {
    title: 'the host is restoring itself after a lost run',
    why: 'An earlier run was lost while it was replacing files. The host is now restoring them by itself, and kplay leaves it alone until that is done.',
    remedy:
      'Wait a moment and run again. If this goes on, look on the host why `/var/lib/kplay/when-lost` does not finish.',
  },
  'restore-not-armed': {
    title: 'the host cannot be prepared to restore itself',
    why: 'Before kplay replaces anything, it tells the host how to restore itself in case the run is lost. Without that, kplay does not start. When everything is in place, it tells the host that it need not do so any more.',
    remedy:
      'Make sure that the session is root (`-b`), and that `/var/lib`, `/run` and `/etc/systemd/system` are writable and have free space. While `/var/lib/kplay/when-lost` is there, the host puts old files back at its next boot.',
  },
  'answer-unusable': {
    title: 'the host gave an answer that kplay cannot use',
    why: 'It is not what kplay expected, or longer than kplay reads.',
    remedy:
      'See the lines below the message. If the answer is too long, the host has unusually much of what they name.',
  },
  'script-failed': {
    title: 'a command that kplay ran on the host has failed',
    why: 'Its output is shown below the message.',
    remedy:
      'Fix what it reports, then run again. If root gets `Operation not permitted` or `Permission denied` for a file, the cause is mostly a file attribute (`lsattr FILE`, then `chattr -ia FILE`) or the mount; a file that is run has to be executable.',
  },
  'not-in-time': {
    title: 'the host did not reach the expected state in time',
    why: 'The step made its changes and then waited for them to take effect. The last state is shown below the message.',
    remedy:
      'Look for the cause on the host: `crictl ps -a`, `crictl logs`, `journalctl -u kubelet`. If the host is only slow, give the step a longer `timeout`.',
  },
} as const satisfies Readonly<Record<string, Problem>>;
