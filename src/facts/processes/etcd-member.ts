import { type Fact, type FactRef, factRef } from '../../core/fact.ts';

/**
 * What an etcd member reports about itself and its peers without a certificate: the metrics that it serves on loopback. Its
 * member list would need a client's key, which has to stay where it is.
 */
export type EtcdMember =
  | {
      readonly state: 'answered';
      /** Its own id; undefined if it has named no other member. */
      readonly id: string | undefined;
      /** It is the leader. */
      readonly isLeader: boolean;
      /** It is a learner: it does not vote yet. */
      readonly isLearner: boolean;
      /** Ids of the other members; undefined if its version does not report them (before 3.6). */
      readonly others: readonly string[] | undefined;
      /** Ids of members that it has been connected to since it started, and of those that it is connected to now. */
      readonly met: readonly string[];
      readonly connected: readonly string[];
      /** Ids of members that it is connected to, or has tried to reach: members removed since it started may be among them. */
      readonly tried: readonly string[];
    }
  | { readonly state: 'no answer'; readonly reason: string };

interface MemberParams {
  readonly [key: string]: string | number;
  readonly address: string;
  readonly port: number;
}

const memberFact: Fact<MemberParams, EtcdMember> = {
  name: 'etcd_member',
  summary: 'whether an etcd member leads or votes, and which others it is connected to',
  probe: ({ address, port }) => ({ dials: [{ kind: 'http', address, port, path: '/metrics' }] }),
  parse({ dials: [outcome] }) {
    if (outcome?.kind !== 'http')
      return { state: 'no answer', reason: outcome && 'reason' in outcome ? outcome.reason : 'it was not queried' };
    if (outcome.status !== 200) return { state: 'no answer', reason: `it answers ${outcome.status}` };
    const lines = outcome.body.split('\n');
    const known = peersIn(lines, 'etcd_network_known_peers');
    const active = peersIn(lines, 'etcd_network_active_peers');
    return {
      state: 'answered',
      id: [...known, ...active][0]?.local,
      isLeader: lines.includes('etcd_server_is_leader 1'),
      isLearner: lines.includes('etcd_server_is_learner 1'),
      others:
        known.length > 0 ? known.flatMap(({ remote, isUp, isSelf }) => (isUp && !isSelf ? [remote] : [])) : undefined,
      met: active.map(({ remote }) => remote),
      connected: active.flatMap(({ remote, isUp }) => (isUp ? [remote] : [])),
      tried: [...new Set([...active.map(({ remote }) => remote), ...probedPeers(lines)])],
    };
  },
};

/** Asked at the address where the member serves its metrics (`--listen-metrics-urls`). */
export function etcdMember(address: string, port: number): FactRef<EtcdMember> {
  return factRef(memberFact, { address, port });
}

/**
 * Members to which messages failed: `etcd_network_peer_sent_failures_total{To="2053"} 12` (rafthttp/metrics.go), and those that it
 * probes, every few seconds, reached or not (rafthttp/probing_status.go). Of a member that never started only the leader sees
 * messages fail: the others have none for it.
 */
function probedPeers(lines: readonly string[]): readonly string[] {
  const each = /^etcd_network_peer_(?:sent_failures_total|round_trip_time_seconds_count)\{To="([^"]+)"\} /;
  return lines.flatMap((line) => each.exec(line)?.[1] ?? []);
}

interface Peer {
  readonly local: string;
  readonly remote: string;
  readonly isUp: boolean;
  readonly isSelf: boolean;
}

/** The lines of a gauge of rafthttp or membership: `etcd_network_active_peers{Local="d44c",Remote="2053"} 1`. */
function peersIn(lines: readonly string[], gauge: string): readonly Peer[] {
  return lines.flatMap((line): readonly Peer[] => {
    if (!line.startsWith(`${gauge}{`)) return [];
    const [, local, remote, value] = /\{Local="([^"]*)",Remote="([^"]*)"\} (\S+)$/.exec(line) ?? [];
    if (local === undefined || remote === undefined) return [];
    return [{ local, remote, isUp: Number(value) > 0, isSelf: remote === local }];
  });
}
