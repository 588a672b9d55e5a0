import type { Problem } from './problem.ts';

/** What a host itself is refused for, and what it fails with whatever the task. */
export const HOST_PROBLEMS = {
  'host-clock': {
    title: 'the clock of the host is wrong',
    why: 'It differs from the clock of this machine by more than a minute. Certificates made there would begin, or end, at the wrong time.',
    remedy:
      'Set the clock: `chronyc makestep`, or `timedatectl set-ntp true`. If this machine is the one that is wrong, set that.',
  },
  'not-root': {
    title: 'the session is not root',
    why: 'It can read the host, and cannot write `/etc/kubernetes`.',
    remedy: 'Become root: `-b`, or `ansible_become: true` in the inventory, or `become: true` in the play.',
  },
  'not-readable': {
    title: 'something that has to be known cannot be read',
    why: 'The user may not read all of the files of kubeadm, or of its backups. What cannot be read is not missing, and not good either: nothing is decided by it.',
    remedy: 'Become root: `-b`, or `ansible_become: true` in the inventory, or `become: true` in the play.',
  },
  'read-only': {
    title: 'the file system is read-only',
    why: 'Linux mounts a file system read-only when its disk has failed.',
    remedy: 'Look at `dmesg` for errors of the disk. When it is good: `mount -o remount,rw /`.',
  },
  'no-room': {
    title: 'the disk has no room',
    why: 'New files and a backup would not fit: kplay wants 16 MB and 500 inodes free.',
    remedy: 'Free some space: `journalctl --vacuum-size=100M`, `crictl rmi --prune`.',
  },
  'disk-full': {
    title: 'a disk of the host became full',
    why: 'A command on the host could not write: `No space left on device`. The host was restored as far as the recap says.',
    remedy: 'Free some space: `journalctl --vacuum-size=100M`, `crictl rmi --prune`. Then run again.',
  },
  'runtime-down': {
    title: 'the container runtime of the host is down',
    why: 'Nothing listens on the socket that kubelet is configured to use. A kubelet that is restarted would exit at once, and a static pod that is ended would not come back. What runs now goes on running.',
    remedy:
      'Look at `systemctl status containerd` (or `crio`, `cri-docker`) and at `journalctl -u containerd -n 50`. Start it, wait for `crictl version`, and run again.',
  },
  'another-ca': {
    title: 'a component trusts another CA than the one that signs',
    why: 'A component that is restarted loads its kubeconfig anew, and trusts the API server by the CA in it. That CA is neither the CA of the cluster on this host nor one that has signed the certificate of the API server. So the component would not reach the API server any more, and restoring the certificates would not mend that. It is the same where a flag such as `--client-ca-file` names a file in which the CA is not: the component would refuse the certificates that it verifies by that file. An intermediate CA need not be in it where its root is and the certificates have the CA behind them in their files.',
    remedy:
      'Find out which of the two CAs is that of the cluster: `kplay check` shows both, and what the API server of another master serves tells (`openssl s_client -connect ADDRESS:6443 </dev/null | openssl x509 -noout -issuer -serial`). Where it is `ca.crt`, put that into the kubeconfig: `kubectl config set-cluster kubernetes --kubeconfig FILE --certificate-authority /etc/kubernetes/pki/ca.crt --embed-certs`. Where it is the other, `ca.crt` and `ca.key` of this host have been replaced: put the cluster’s own back from a backup of this host. While a CA is being replaced, all kubeconfigs have to trust both before anything is signed by the new one.',
  },
  'manifest-copy': {
    title: 'kubelet runs a copy of a static pod',
    why: 'kubelet runs every file of its manifest directory, whatever it is called. A backup of a manifest beside the manifest is a second control plane that is in the way of the first.',
    remedy:
      'Move all but the right one out of the directory; kubeadm calls it after its component (`kube-apiserver.yaml`).',
  },
  'files-incomplete': {
    title: 'the files of the host do not say enough',
    why: 'What a new certificate needs (addresses, names, the endpoint) is read from the manifests and from the old certificate; both are missing or cannot be read.',
    remedy:
      'Put the static pod manifests, or the certificate, back from a backup. Manifests of another master of the cluster serve as well, with the address of this host.',
  },
  'shared-file': {
    title: 'a certificate is kept in a file that kplay never writes',
    why: 'By a flag of a manifest, or by a link, a leaf certificate is in the same file as a CA or the key of service accounts. Renewing it would replace that.',
    remedy:
      'Give the certificate files of its own (look at the flags in the manifest, and at links with `ls -li`), or renew it by hand.',
  },
  'node-name': {
    title: 'the name of the node is not certain',
    why: 'A certificate of kubelet names its node. A wrong name would let this host act for another one, so none is signed until the name is proven.',
    remedy:
      'Check that nobody else has written the files of kubelet. Then set `node_name` for the host in the inventory to what `kubectl get nodes` calls it; on a master, put `kubelet.conf` back from a backup.',
  },
  'host-changed': {
    title: 'the host has changed since the plan was made',
    why: 'kplay does what was shown, and nothing else. What is different stands below the message.',
    remedy: 'Plan again, look at it, and apply that: `kplay plan PLAYBOOK -i INVENTORY --out FILE`.',
  },
  'host-locked': {
    title: 'another run works on the host',
    why: 'It has locked the host; the message says who, on which machine and since when. A cluster is changed by one run at a time.',
    remedy:
      'Wait until that run has ended. When it hangs, or its machine is gone: `kplay unlock -i INVENTORY -l HOST --reason TEXT`.',
  },
  'lock-in-use': {
    title: 'the lock is in use and is not taken away',
    why: '`kplay unlock` removes the lock of a run that has gone. This run is in progress, or one of its scripts still runs on the host.',
    remedy: 'Wait until it has ended, or interrupt it with Ctrl-C: its lock goes with it.',
  },
  'lock-failed': {
    title: 'the lock of the host cannot be taken, looked at or removed',
    why: 'Locks are kept below `/run`, and only root may write there.',
    remedy: 'See that the session is root (`-b`) and that `/run` can be written and is not full.',
  },
  'host-restoring': {
    title: 'the host is restoring itself after a lost run',
    why: 'An earlier run was lost while it was replacing files. The host is restoring them by itself, and nothing is done on it meanwhile.',
    remedy:
      'Wait a moment and run again. When it does not end, find out on the host why `/var/lib/kplay/when-lost` does not.',
  },
  'restore-not-armed': {
    title: 'the host cannot be prepared to restore itself',
    why: 'Before anything is replaced, the host is told how to restore it should the run be lost. Without that nothing is begun.',
    remedy: 'See that the session is root (`-b`), and that `/var/lib` and `/run` can be written and have room.',
  },
  'answer-unusable': {
    title: 'the host gave an answer that kplay cannot use',
    why: 'It is something other than expected, or longer than kplay reads.',
    remedy:
      'See what stands below the message; look for files that are far larger than they should be, below `/etc/kubernetes` and `/var/backups/kplay`.',
  },
  'script-failed': {
    title: 'a command that kplay runs on the host has failed',
    why: 'What it printed stands below the message.',
    remedy:
      'Put right what it reports, then run again. `Operation not permitted` for root means an attribute (`lsattr FILE`, then `chattr -i FILE`) or the mount.',
  },
  'not-in-time': {
    title: 'the host did not reach the expected state in time',
    why: 'The step made its changes and then waited for their effect. The state that was seen last stands below the message.',
    remedy:
      'Look on the host for the cause: `crictl ps -a`, `crictl logs`, `journalctl -u kubelet`. Where it is only slow, give the step a longer `timeout`.',
  },
} as const satisfies Readonly<Record<string, Problem>>;
