import type { Problem } from './problem.ts';

/** Why a play, a cluster, or a host for the sake of its cluster, is refused. */
export const CLUSTER_PROBLEMS = {
  'master-unhealthy': {
    title: 'another master is not healthy',
    why: 'Restarting one more could cost etcd its quorum, and the cluster its API.',
    remedy: 'Repair that master first (`kplay check` shows its certificates), then run again.',
  },
  'etcd-alarm': {
    title: 'etcd has raised an alarm',
    why: 'Usually NOSPACE: until the alarm is disarmed, etcd accepts no writes, and no controller can renew its lease.',
    remedy:
      'For NOSPACE, free space (`etcdctl compact REVISION`, with the one that `etcdctl endpoint status -w fields` shows, then `etcdctl defrag` on one member after another, because it blocks a member while it runs), then run `etcdctl alarm disarm`. For CORRUPT, first replace the member whose data is damaged. `kplay explain etcd-quorum` says what etcdctl needs to reach etcd.',
  },
  'etcd-learner': {
    title: 'the etcd member of the host has no vote yet',
    why: 'It is a learner, and may still be catching up.',
    remedy:
      'Wait until it has caught up and is promoted (`etcdctl member list`, `etcdctl member promote ID`), or remove it (`etcdctl member remove ID`) and join this master again (`kubeadm reset`, which deletes its certificates and keys, also those of CAs, then `kubeadm join`): without a member its API server has no etcd. `kplay explain etcd-quorum` says what etcdctl needs to reach etcd.',
  },
  'etcd-removed': {
    title: 'the etcd member of the host was removed from its cluster',
    why: 'The log of etcd says so: the other members reject it for good, and it ends whenever it is started.',
    remedy:
      'If the host is to be no master any more, take it out of the inventory or the play (`kubeadm reset` clears it). Otherwise it has to become a new member: `kubeadm reset` on it, which deletes its certificates and keys, also those of CAs, and the data of its etcd, then `kubeadm join … --control-plane` (`kubeadm token create --print-join-command` and `kubeadm init phase upload-certs --upload-certs` on another master print what that needs).',
  },
  'etcd-quorum': {
    title: 'etcd would be left without a quorum',
    why: 'More than half of the members have to agree. Without this one there would be too few.',
    remedy:
      'Bring the other members back first. Remove a member that is gone for good: `etcdctl member list`, `etcdctl member remove ID`. Its node object may stay: kplay counts what etcd lists, or its database names. On a master, as root, etcdctl works after `cd /etc/kubernetes/pki/etcd; export ETCDCTL_API=3 ETCDCTL_ENDPOINTS=https://127.0.0.1:2379 ETCDCTL_CACERT=ca.crt ETCDCTL_CERT=healthcheck-client.crt ETCDCTL_KEY=healthcheck-client.key`. Where etcdctl is not installed, run the one in the container of etcd: `crictl exec $(crictl ps -q --name "^etcd$") etcdctl …`, and give it the same address and files as `--endpoints`, `--cacert`, `--cert` and `--key`, with whole paths (etcd before 3.4: `… sh -c "ETCDCTL_API=3 etcdctl …"`).',
  },
  'etcd-quorum-lost': {
    title: 'this run alone cannot bring etcd back',
    why: 'Too many members are down, or cannot start with their certificates, and this run does not repair them. The members that it restarts would wait for a quorum that cannot form. If etcd is external, or its manifest is missing, none of its servers answers with a valid certificate, and no API server starts without one.',
    remedy:
      'Run on all those masters together (the message names them for `--limit`), or repair the others first. Hosts that could not be reached have to come back first. `etcdctl member remove` needs a quorum: if too many members are gone for good, stop etcd on all that are left, copy `/var/lib/etcd`, and start one of them once with `--force-new-cluster` (remove the flag as soon as it serves: each start with it drops all other members), or restore a snapshot of etcd, before you set `order: recovery` in the play. An external etcd has to run before the masters are renewed: look for the cause on its own hosts. A missing manifest has to be put back.',
  },
  'masters-differ': {
    title: 'masters of one cluster hold different keys',
    why: 'They have different CAs or service account keys, so what one of them signs is not accepted by the others.',
    remedy:
      'Find out which one is right, and restore it on the others from their backups, or copy it there. If the masters belong to different clusters, select one with `-l`, or give each cluster a group with `kplay_cluster`.',
  },
  'same-node': {
    title: 'one node has two names in the inventory',
    why: 'The run would work on it twice at the same time.',
    remedy: 'Remove all but one of the names from the inventory, or exclude them with `--limit`.',
  },
  'clusters-apart': {
    title: 'hosts that are one cluster in the inventory have nothing in common',
    why: 'They share no CA, etcd member, service account key or endpoint, so they belong to different clusters.',
    remedy:
      'Put the hosts of the other cluster into a group of their own, with its own `kplay_cluster`. Do not copy a CA between them.',
  },
  'clusters-one': {
    title: 'separate clusters in the inventory are really one',
    why: 'Their hosts share a CA, an etcd member or the service account key. If kplay worked on them side by side, etcd could lose its quorum.',
    remedy: 'Correct `kplay_cluster`. If several clusters really share a CA, work on one at a time, with `--limit`.',
  },
  'clusters-endpoint': {
    title: 'masters share an API endpoint but nothing else',
    why: 'They are two clusters, or they are one cluster and a master has the wrong files.',
    remedy:
      'If they are two clusters, give each a group with `kplay_cluster`. If they are one, find out which hosts have the wrong files, and copy nothing before you know.',
  },
  'unknown-order': {
    title: 'the strategy does not have this order',
    why: 'With `strategy: control_plane`, `order` is the order in which the cluster is worked on.',
    remedy: 'Use `order: planned` or `order: recovery`, or remove `order`.',
  },
  'order-changed': {
    title: 'the cluster now needs another order',
    why: 'Between the plan and the first change, the cluster has recovered or failed. The order in the plan would now be wrong. Nothing was changed.',
    remedy: 'Run again, and review the new plan.',
  },
  'peer-lost': {
    title: 'the state of another host of the cluster is unknown',
    why: 'Its connection was lost, and the decision to restart the next host depends on its state.',
    remedy: 'Make that host reachable, then run again.',
  },
  'peer-gone': {
    title: 'a host that this one depends on is no longer available',
    why: 'It has failed, was refused or was lost during the run.',
    remedy: 'See what the run reports about that host, fix it, and run again.',
  },
  'too-few-hosts': {
    title: 'too many hosts cannot take part in the play',
    why: '`any_errors_fatal` or `max_fail_percentage` of the play forbids going on without them.',
    remedy: 'Fix these hosts first, or exclude them with `--limit`.',
  },
  'hook-failed': {
    title: 'an on_start hook has failed',
    why: 'Everything in `on_start` has to succeed before kplay changes anything: for example a silence in Alertmanager, or an announcement.',
    remedy: 'Fix the hook, or remove it. Its own message says what went wrong.',
  },
  'check-failed': {
    title: 'a check of the rollout has not passed',
    why: 'Before a cluster is changed, the checks of its rollout have to pass: for example that no alert is firing, or a program of your own. A check that hangs or cannot be reached has not passed.',
    remedy:
      'The message names the check and its result. Fix the cause, allow the alert, or raise `retries`; then run again.',
  },
  'outside-window': {
    title: 'the cluster may not be changed now',
    why: 'It is outside its windows or in a freeze, or the time left in its window is shorter than a run is expected to take.',
    remedy:
      'Run again when the window opens (`kplay run` can wait: `--window wait`), skip the cluster with `--window skip`, or override the window with `--window override --reason TEXT`.',
  },
  'window-late': {
    title: 'a certificate expires before its cluster may be changed',
    why: 'Its next window opens later, or that of a cluster in an earlier wave of the rollout.',
    remedy:
      'Get an earlier window, or renew now: `-l cluster:NAME -e renew_before=all --window override --reason TEXT`. Without `renew_before=all`, what is not due yet is not renewed.',
  },
  'no-wave': {
    title: 'the cluster is in no wave of the rollout',
    why: 'Every cluster has to be in a wave, or it would never be started.',
    remedy: 'Add a last wave without a selection: it takes all remaining clusters.',
  },
  'no-worker': {
    title: 'no worker has taken the cluster',
    why: 'With `--engine`, the workers of its `site` work on a cluster. None of them took it in time.',
    remedy:
      'Start a worker that reaches the cluster, `kplay worker PLAYBOOK -i INVENTORY --site SITE --engine ADDRESS`, then run again.',
  },
  'worker-failed': {
    title: 'no worker has finished the cluster',
    why: 'Its workers were lost repeatedly, or met a bug. The state of the hosts is unknown here.',
    remedy: 'Look at the logs of the workers, then run again: kplay reads from the hosts what is left to do.',
  },
  'worker-refused': {
    title: 'the worker has a different playbook, inventory or version',
    why: 'Its playbook, its inventory of the cluster, or its version of kplay differs from that of the run.',
    remedy: 'Use the same playbook, the same hosts of the cluster and the same kplay version on both.',
  },
} as const satisfies Readonly<Record<string, Problem>>;
