import { expect, test } from 'vitest';
import type { DialOutcome } from '../../../src/core/probe.ts';
import { etcdMember } from '../../../src/facts/processes/etcd-member.ts';

/** What an etcd 3.5 and an etcd 3.6 of a cluster of three serve, with one of the others down. */
const OLDER = `# HELP etcd_network_active_peers The current number of active peer connections.
# TYPE etcd_network_active_peers gauge
etcd_network_active_peers{Local="d44c60c77d1e9201",Remote="20535abff72318a3"} 1
etcd_network_active_peers{Local="d44c60c77d1e9201",Remote="4e9bd0a70c6b26ea"} 0
etcd_server_has_leader 1
etcd_server_is_learner 0
go_goroutines 120
`;
const NEWER = `${OLDER}etcd_network_known_peers{Local="d44c60c77d1e9201",Remote="20535abff72318a3"} 1
etcd_network_known_peers{Local="d44c60c77d1e9201",Remote="4e9bd0a70c6b26ea"} 1
etcd_network_known_peers{Local="d44c60c77d1e9201",Remote="5f00000000000000"} 0
etcd_network_known_peers{Local="d44c60c77d1e9201",Remote="d44c60c77d1e9201"} 1
`;

function told(outcome: DialOutcome) {
  return etcdMember('127.0.0.1', 2381).parse({
    stdout: '',
    stderr: '',
    exitCode: 0,
    truncated: false,
    dials: [outcome],
  });
}

test('a member is asked where it shows its metrics to everybody on the host: no key is needed, and none leaves it', () => {
  expect(etcdMember('127.0.0.1', 2381).probe()).toEqual({
    dials: [{ kind: 'http', address: '127.0.0.1', port: 2381, path: '/metrics' }],
  });
});

test('it tells whom it has met and whom it is connected to', () => {
  expect(told({ kind: 'http', status: 200, body: OLDER })).toEqual({
    state: 'answered',
    id: 'd44c60c77d1e9201',
    isLeader: false,
    isLearner: false,
    others: undefined,
    met: ['20535abff72318a3', '4e9bd0a70c6b26ea'],
    connected: ['20535abff72318a3'],
    tried: ['20535abff72318a3', '4e9bd0a70c6b26ea'],
  });
});

test('one that has reached nobody since it started still tells whom it has tried to reach', () => {
  const body = `etcd_network_peer_sent_failures_total{To="20535abff72318a3"} 12
etcd_network_peer_sent_failures_total{To="4e9bd0a70c6b26ea"} 9
`;
  expect(told({ kind: 'http', status: 200, body })).toMatchObject({
    id: undefined,
    met: [],
    tried: ['20535abff72318a3', '4e9bd0a70c6b26ea'],
  });
});

test('a follower tells of a member that was added and never started: it sends it nothing, and probes it all the same', () => {
  const body = `${OLDER}etcd_network_peer_round_trip_time_seconds_count{To="20535abff72318a3"} 4
etcd_network_peer_round_trip_time_seconds_count{To="19f779cebc00244"} 20
`;
  expect(told({ kind: 'http', status: 200, body })).toMatchObject({
    met: ['20535abff72318a3', '4e9bd0a70c6b26ea'],
    tried: ['20535abff72318a3', '4e9bd0a70c6b26ea', '19f779cebc00244'],
  });
});

test('and from 3.6 on who the other members are, those that were removed not among them', () => {
  expect(told({ kind: 'http', status: 200, body: NEWER })).toMatchObject({
    others: ['20535abff72318a3', '4e9bd0a70c6b26ea'],
    connected: ['20535abff72318a3'],
  });
});

test('a leader says so', () => {
  const body = `${OLDER}\netcd_server_is_leader 1\n`;
  expect(told({ kind: 'http', status: 200, body })).toMatchObject({ isLeader: true });
});

test('a learner says so', () => {
  const body = OLDER.replace('is_learner 0', 'is_learner 1');
  expect(told({ kind: 'http', status: 200, body })).toMatchObject({ isLearner: true });
});

test.each<[what: string, outcome: DialOutcome, reason: string]>([
  ['is down', { kind: 'closed', reason: 'connection refused' }, 'connection refused'],
  ['cannot be asked', { kind: 'unavailable', reason: 'forwarding is forbidden' }, 'forwarding is forbidden'],
  ['has no metrics', { kind: 'http', status: 404, body: '' }, 'it answers 404'],
])('one that %s says nothing', (_what, outcome, reason) => {
  expect(told(outcome)).toEqual({ state: 'no answer', reason });
});
