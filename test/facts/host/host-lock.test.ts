import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hostLock } from '../../../src/facts/host/host-lock.ts';
import { ask, describeInShells } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

/** The start of a process as the kernel counts it: the twentieth field behind its name. */
const startOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];

describeInShells('the lock of a host, in $name', (shell) => {
  const held = (holder: string) =>
    Tree.forTest()
      .write('/run/kplay.lock/shell', `${process.pid} ${startOf(process.pid)}\n`)
      .write('/run/kplay.lock/first', 'm1 10.0.0.11:22\n')
      .write('/run/kplay.lock/holder', holder);

  test('tells who holds it, and the first host that the holder locks', () => {
    expect(ask(hostLock, held('ops@jump, pid 7, since today (run 1)\n').root, shell)).toEqual({
      kind: 'run',
      name: 'ops@jump, pid 7, since today (run 1)',
      shell: process.pid,
      first: 'm1 10.0.0.11:22',
    });
  });

  test('tells nobody if there is none, or its shell is gone', () => {
    expect(ask(hostLock, Tree.forTest().root, shell)).toBeNull();
    const gone = held('ops\n').write('/run/kplay.lock/shell', `${process.pid} 1\n`);
    expect(ask(hostLock, gone.root, shell)).toBeNull();
  });
});
