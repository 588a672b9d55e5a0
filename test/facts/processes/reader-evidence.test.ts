import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readerEvidence } from '../../../src/facts/processes/reader-evidence.ts';
import { ask, describeInShells } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

const INSPECTED = (state: string, code: number, attempt: number) => `{
  "info": { "config": { "metadata": { "attempt": ${attempt}, "name": "etcd" } } },
  "status": {
    "exitCode": ${code},
    "finishedAt": "2026-11-26T04:55:01Z",
    "metadata": { "attempt": ${attempt}, "name": "etcd" },
    "reason": "Error",
    "state": "${state}"
  }
}`;

const PODS = '/var/log/pods/kube-system_etcd-m1_0123';

describeInShells('in $name', (shell) => {
  const asked = (reader: 'etcd' | 'kubelet', tree: Tree) => ask(readerEvidence(reader), tree.root, shell);

  test('a pod: its last containers and the end of its log', () => {
    const tree = Tree.forTest()
      .program(
        'crictl',
        `case $1 in
ps) [ "$5 $7" = 'io.kubernetes.pod.namespace=kube-system ^etcd$' ] || exit 9; echo new; echo old; echo older ;;
inspect) case $2 in
  new) printf '%s' '${INSPECTED('CONTAINER_RUNNING', 0, 4)}' ;;
  old) printf '%s' '${INSPECTED('CONTAINER_EXITED', 137, 3)}' ;;
  esac ;;
esac`,
      )
      .write(`${PODS}/etcd/2.log`, '2026-11-26T04:55:01.1Z stderr F one long ago\n')
      .write(`${PODS}/etcd/3.log`, '2026-11-26T04:55:01.1Z stderr F the one before\n')
      .write(
        `${PODS}/etcd/4.log`,
        '2026-11-26T04:55:01.1Z stderr F {"level":"fatal"}\n2026-11-26T04:55:02Z stdout P half\n',
      );
    for (const [number, age] of [
      [2, 60],
      [3, 30],
    ] as const)
      utimesSync(join(tree.root, PODS, `etcd/${number}.log`), Date.now() / 1000 - age, Date.now() / 1000 - age);
    expect(asked('etcd', tree)).toEqual({
      states: ['running, restarted 4 times', 'exited with 137 (Error) at 2026-11-26T04:55:01Z, restarted 3 times'],
      log: ['the one before', '{"level":"fatal"}', 'half'],
      runtime: undefined,
    });
  });

  test('a pod of docker, and one of a host without any program of its runtime', () => {
    const docker = Tree.forTest()
      .program(
        'docker',
        `case $1 in ps) echo a ;; inspect) echo '"state": "exited" "exitCode": 2 "finishedAt": "now"' ;; esac`,
      )
      .write(`${PODS}/etcd/7.log`, '{"log":"panic: \\"x\\"\\n","stream":"stderr","time":"t"}\n');
    expect(asked('etcd', docker)).toEqual({
      states: ['exited with 2 at now'],
      log: ['panic: "x"'],
      runtime: undefined,
    });
    const bare = Tree.forTest().write(`${PODS}/etcd/7.log`, '{"log":broken\n');
    expect(asked('etcd', bare)).toEqual({ states: ['restarted 7 times'], log: ['{"log":broken'], runtime: undefined });
    expect(asked('etcd', Tree.forTest())).toEqual({ states: [], log: [], runtime: undefined });
  });

  test('a runtime that does not answer', () => {
    const tree = Tree.forTest().program(
      'crictl',
      'echo "level=fatal msg=\\"connect: connection refused\\"" >&2; exit 1',
    );
    for (const reader of ['etcd', 'kubelet'] as const)
      expect(asked(reader, tree)).toMatchObject({ runtime: 'level=fatal msg="connect: connection refused"' });
  });

  test('kubelet, from systemd and its journal', () => {
    const tree = Tree.forTest()
      .program(
        'systemctl',
        'printf "ActiveState=activating\\nSubState=auto-restart\\nResult=exit-code\\nExecMainCode=1\\nExecMainStatus=1\\nNRestarts=14\\n"',
      )
      .program('journalctl', 'echo "failed to run Kubelet: validate CRI v1 runtime API: DeadlineExceeded"');
    expect(asked('kubelet', tree)).toEqual({
      states: ['activating (auto-restart), exited with 1, restarted 14 times'],
      log: ['failed to run Kubelet: validate CRI v1 runtime API: DeadlineExceeded'],
      runtime: undefined,
    });
    const without = Tree.forTest().write('/var/log/kubelet.log', 'a\n=log\nb\n');
    expect(asked('kubelet', without)).toEqual({ states: [], log: ['a', '=log', 'b'], runtime: undefined });
  });

  test('no more of a log than is of use, whatever is in it', () => {
    const long = `${'x'.repeat(5_000)}\u001b[31m\n`.repeat(400);
    const { log } = asked('etcd', Tree.forTest().write(`${PODS}/etcd/0.log`, `${long}\n\n\0\xff\n`));
    expect(log.length).toBeLessThanOrEqual(10);
    expect(Math.max(...log.map((line) => line.length))).toBeLessThanOrEqual(301);
  });

  test.each([
    ['token abcdef.0123456789abcdef of a node', '0123456789abcdef'],
    ['Authorization: Bearer hunter2hunter2', 'hunter2'],
    ['password=hunter2', 'hunter2'],
    ['client-key-data: aHVudGVyMg==', 'aHVudGVyMg'],
    ['-----BEGIN RSA PRIVATE KEY-----MIIEpAIBAAKCAQEA', 'MIIEpAIBAAKCAQEA'],
    ['MIIEpAIBAAKCAQEA0123456789abcdefghijklmnopqrstuvwxyz/+', 'MIIEpAIBAAKCAQEA'],
    ['saw eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.abc', 'eyJpc3MiOiJrdWJlcm5ldGVz'],
  ])('no secret: %s', (line, secret) => {
    const { log } = asked(
      'etcd',
      Tree.forTest().write(`${PODS}/etcd/0.log`, `2026-11-26T04:55:01Z stderr F ${line}\n`),
    );
    expect(log).toHaveLength(1);
    expect(log[0]).not.toContain(secret);
    expect(log[0]).toContain('***');
  });
});
