import type { Problem } from './problem.ts';

/** What a play, a cluster, or a host for the sake of its cluster, is refused for. */
export const CLUSTER_PROBLEMS = {
  'master-unhealthy': {
    title: 'another master is not healthy',
    why: 'Restarting one more could cost etcd its quorum, and the cluster its API.',
    remedy: 'Repair that master first (`kplay check` shows its certificates), then run again.',
  },
  'etcd-alarm': {
    title: 'etcd has raised an alarm',
    why: 'Mostly NOSPACE: etcd takes no writes until it is disarmed, and no controller gets its lease.',
    remedy:
      'For NOSPACE make room (`etcdctl compact`, `etcdctl defrag` on each member), then `etcdctl alarm disarm`. For CORRUPT replace the member whose data is damaged first.',
  },
  'etcd-learner': {
    title: 'the etcd member of the host does not vote yet',
    why: 'It is a learner, and may still be joining.',
    remedy:
      'Wait until it has caught up and is promoted (`etcdctl member list`, `etcdctl member promote ID`), or remove it (`etcdctl member remove ID`).',
  },
  'etcd-quorum': {
    title: 'etcd would be left without a quorum',
    why: 'More than half of the members have to agree. Without this one they would be too few.',
    remedy:
      'Bring the other members back first. One that is gone for good has to be removed: `etcdctl member list`, `etcdctl member remove ID`.',
  },
  'etcd-quorum-lost': {
    title: 'this run alone cannot bring etcd back',
    why: 'Too many members are down, or cannot start with the certificates they have, and the run does not repair them: what it restarts would wait for a quorum that cannot form.',
    remedy: 'Run on all those masters together (the message names them for `--limit`), or repair the others first.',
  },
  'masters-differ': {
    title: 'masters of one cluster hold different keys',
    why: 'Their CA, or their key of service accounts, is not the same. The others would not accept what one of them signs.',
    remedy:
      'Find out which is the right one, and put it back on the others from their backups or from there. Masters of different clusters: `-l` one of them, or give each cluster a group with `kplay_cluster`.',
  },
  'same-node': {
    title: 'one node is in the inventory under two names',
    why: 'Two parts of the run would work on it at the same time.',
    remedy: 'Keep one of the names in the inventory, or leave the others out with `--limit`.',
  },
  'clusters-apart': {
    title: 'hosts of one cluster in the inventory have nothing in common',
    why: 'They share no CA, etcd member, key of service accounts or endpoint, so they belong to several clusters.',
    remedy:
      'Put the hosts of the other cluster into a group of their own, with its own `kplay_cluster`. Copy no CA between them.',
  },
  'clusters-one': {
    title: 'clusters in the inventory are one, by what their hosts hold',
    why: 'They share a CA, an etcd member or a key of service accounts. Worked on side by side they could lose the quorum.',
    remedy: 'Correct `kplay_cluster`. Clusters that do share a CA are worked on one at a time, with `--limit`.',
  },
  'clusters-endpoint': {
    title: 'masters use one API endpoint and have nothing else in common',
    why: 'They are two clusters, or one of which a master holds the wrong files.',
    remedy:
      'Two clusters: give each a group with `kplay_cluster`. One: find out which hosts hold the wrong files, and copy nothing before that.',
  },
  'unknown-order': {
    title: 'the strategy has no such order',
    why: '`order` of a play with `strategy: control_plane` is that of its cluster.',
    remedy: 'Write `order: planned` or `order: recovery`, or leave it out.',
  },
  'order-changed': {
    title: 'another order would be right for the cluster by now',
    why: 'Time passed between the plan and the first change, and the cluster has recovered or broken down meanwhile. The order that the plan shows would be wrong now. Nothing was changed.',
    remedy: 'Run again, and look at the new plan.',
  },
  'peer-lost': {
    title: 'the state of another host of the cluster is not known',
    why: 'Its connection was lost, and whether the next host may be restarted depends on it.',
    remedy: 'Make that host reachable, then run again.',
  },
  'peer-gone': {
    title: 'a host that was to do something for this one is no longer there',
    why: 'It failed, was refused or was lost meanwhile.',
    remedy: 'See what the run says of that host, put it right, and run again.',
  },
  'too-few-hosts': {
    title: 'too many hosts take no part in the play',
    why: '`any_errors_fatal` or `max_fail_percentage` of the play forbids going on without them.',
    remedy: 'Fix these hosts first, or leave them out with `--limit`.',
  },
  'hook-failed': {
    title: 'a hook of on_start has failed',
    why: 'What stands in `on_start` has to succeed before anything is changed: a silence in the Alertmanager, an announcement.',
    remedy: 'Make it succeed, or remove it. Its own message says what was wrong.',
  },
  'check-failed': {
    title: 'a check of the rollout has not passed',
    why: 'Before the first change of a cluster the checks of its rollout have to pass: that no alert fires, or a program of your own. One that hangs or cannot be reached has not passed.',
    remedy:
      'The reason names the check and what it said. Put that right, allow the alert, or raise `retries`; then run again.',
  },
  'outside-window': {
    title: 'the cluster may not be changed now',
    why: 'It is outside its windows, in a freeze, or the rest of its window is shorter than a run is expected to take.',
    remedy:
      'Run it again when the window opens (`kplay run` can wait: `--window wait`), leave the cluster as it is with `--window skip`, or override it with `--window override --reason TEXT`.',
  },
  'window-late': {
    title: 'a certificate ends before its cluster may be changed',
    why: 'The next window opens after that.',
    remedy: 'Have a window opened earlier, or override it: `--window override --reason TEXT`.',
  },
  'no-wave': {
    title: 'the cluster is in no wave of the rollout',
    why: 'Every cluster has to be in a wave, or it would never be begun.',
    remedy: 'Add a last wave that chooses nothing: it takes all that are left.',
  },
  'no-worker': {
    title: 'no worker has taken the cluster',
    why: 'With `--engine` the workers of its `site` work on a cluster, and none of them was there in time.',
    remedy:
      'Start one that reaches the cluster, `kplay worker PLAYBOOK -i INVENTORY --site SITE --engine ADDRESS`, then run again.',
  },
  'worker-failed': {
    title: 'no worker has finished the cluster',
    why: 'Its workers were lost again and again, or met a bug. The state of the hosts is not known here.',
    remedy: 'Look at the logs of the workers, then run again: what is to be done is read from the hosts.',
  },
  'worker-refused': {
    title: 'the worker does not have what was asked for',
    why: 'Its playbook, or its inventory of the cluster, differs from that of the run; or it is another version of kplay.',
    remedy: 'Give both the same playbook, the same hosts of the cluster, and the same kplay.',
  },
} as const satisfies Readonly<Record<string, Problem>>;
