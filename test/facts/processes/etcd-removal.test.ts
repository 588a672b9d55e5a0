import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { etcdRemoval } from '../../../src/facts/processes/etcd-removal.ts';
import { ask, describeInShells } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

const PODS = '/var/log/pods/kube-system_etcd-m 1_0123/etcd';
const PREFIX = '2026-12-01T10:35:44.694485Z stderr F ';
const REMOVED = `${PREFIX}{"level":"warn","ts":"2026-12-01T10:35:44.694485Z","caller":"etcdserver/server.go:1156","msg":"server error","error":"the member has been permanently removed from the cluster"}\n`;
/** As etcd 3.5 ends in a cluster of three: 27 more lines. */
const ENDING =
  `${PREFIX}{"level":"info","ts":"2026-12-01T10:35:44.697453Z","caller":"rafthttp/stream.go:294","msg":"stopped TCP streaming connection with remote peer"}\n`.repeat(
    27,
  );

describeInShells('whether etcd was removed, in $name', (shell) => {
  const asked = (logs: readonly (readonly [number: number, text: string, age: number])[]) => {
    const tree = Tree.forTest();
    for (const [number, text, age] of logs) {
      tree.write(`${PODS}/${number}.log`, text);
      const at = Date.now() / 1_000 - age;
      utimesSync(join(tree.root, PODS, `${number}.log`), at, at);
    }
    return ask(etcdRemoval, tree.root, shell).secondsAgo;
  };

  test('its log says so, far from its end', () => {
    const secondsAgo = asked([
      [3, ENDING, 90],
      [4, REMOVED + ENDING, 30],
    ]);
    expect(secondsAgo).toBeGreaterThanOrEqual(29);
    expect(secondsAgo).toBeLessThan(60);
  });

  test('the log of an earlier container does not count', () => {
    expect(
      asked([
        [4, REMOVED + ENDING, 30],
        [5, `${PREFIX}{"level":"info","msg":"starting"}\n`, 1],
      ]),
    ).toBeUndefined();
  });

  test('without a log nothing is known', () => {
    expect(asked([])).toBeUndefined();
  });
});
