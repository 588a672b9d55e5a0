import { expect, test } from 'vitest';
import { keepsQuorum, type MemberEvidence, membersOf, quorumOf } from '../../../src/kubeadm/cluster/quorum.ts';

test('a quorum is more than half', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map(quorumOf)).toEqual([1, 2, 2, 3, 3, 4, 4]);
  expect([1, 2, 3].map((remaining) => keepsQuorum(4, remaining))).toEqual([false, false, true]);
});

test.each<[what: string, evidence: MemberEvidence, members: number]>([
  ['as many as were seen', { listed: [], seen: [1, 3, 2] }, 3],
  ['as many as are listed, whoever was seen before', { listed: [3], seen: [5] }, 3],
  ['as many as the longest list has, for the others are older', { listed: [1, 3, 2], seen: [] }, 3],
  ['not more than a healthy member can be in touch with', { listed: [], seen: [5], most: 3 }, 3],
  ['none where nothing is known', { listed: [], seen: [] }, 0],
])('etcd has %s', (_what, evidence, members) => {
  expect(membersOf(evidence)).toBe(members);
});
