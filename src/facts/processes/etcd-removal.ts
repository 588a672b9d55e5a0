import { type Fact, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';

/** In all versions (etcd's server/etcdserver and rafthttp): the others tell a member so when it connects to them, and it ends. */
const REMOVED = 'the member has been permanently removed from the cluster';

/** While it ends, it tells of each connection that it closes: 27 lines with two other members, 70 with six. */
const LAST_LINES = 200;

export interface EtcdRemoval {
  /** How many seconds ago etcd wrote last, if it has ended because its cluster has removed the member; undefined if not. */
  readonly secondsAgo: number | undefined;
}

const removalFact: Fact<Record<string, never>, EtcdRemoval> = {
  name: 'etcd_removal',
  summary: 'whether etcd ended because its cluster has removed the member',
  // The log of the last container alone: an earlier one may have been another member.
  probe: () => ({
    script: sh`log=$(ls -t "$R"/var/log/pods/kube-system_etcd-*/etcd/*.log 2>/dev/null | head -n 1)
[ -z "$log" ] || ! tail -n ${LAST_LINES} "$log" 2>/dev/null | grep -qF ${REMOVED} || ! at=$(date -r "$log" +%s 2>/dev/null) ||
  echo "removed $(($(date +%s) - at))"
:
`,
  }),
  parse({ stdout }) {
    const seconds = /^removed (-?\d{1,12})$/m.exec(stdout)?.[1];
    return { secondsAgo: seconds === undefined ? undefined : Number(seconds) };
  },
};

export const etcdRemoval = factRef(removalFact, {});
