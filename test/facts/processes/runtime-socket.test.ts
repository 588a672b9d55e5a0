import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runtimeSocket } from '../../../src/facts/processes/runtime-socket.ts';
import { ask, describeInShells, ORDINARY } from '../support/shells.ts';
import { Tree } from '../support/trees.ts';

const PATH = '/run/containerd/containerd.sock';

/** As the kernel prints it: flags 00010000 are those of a socket that listens (net/unix/af_unix.c). */
function listOf(sockets: readonly (readonly [path: string, flags: string])[]): string {
  const lines = sockets.map(
    ([path, flags], index) => `0000000000000000: 00000002 00000000 ${flags} 0001 01 ${20_000 + index} ${path}`,
  );
  return `${['Num       RefCount Protocol Flags    Type St Inode Path', ...lines].join('\n')}\n`;
}

describeInShells('in $name', (shell) => {
  const stateOn = (tree: Tree) => ask(runtimeSocket(PATH), tree.root, shell);
  const listing = (...sockets: Parameters<typeof listOf>[0]) =>
    Tree.forTest().write('/proc/1/net/unix', listOf(sockets), '0444');

  test('a runtime listens on its socket, by either of its names', () => {
    expect(stateOn(listing(['/run/dbus/system_bus_socket', '00010000'], [PATH, '00010000']))).toBe('listening');
    expect(stateOn(listing([`/var${PATH}`, '00010000']))).toBe('listening');
  });

  test('nothing listens there: others do, and a client is no listener', () => {
    expect(stateOn(listing([`${PATH}.ttrpc`, '00010000'], [PATH, '00000000']))).toBe('silent');
  });

  test('a runtime that runs may listen where this cannot be seen', () => {
    expect(stateOn(listing().write('/proc/812/comm', 'containerd\n'))).toBe('unknown');
    expect(stateOn(listing().write('/proc/812/comm', 'containerd-shim\n'))).toBe('silent');
  });

  test('a runtime that listens and does not answer hangs: crictl says so, by its name for what has taken too long', () => {
    const listens = () => listing([PATH, '00010000']);
    const failing = (text: string) => stateOn(listens().program('crictl', `echo '${text}' >&2; exit 1`));
    expect(failing('rpc error: code = DeadlineExceeded desc = context deadline exceeded')).toBe('hung');
    expect(failing("connect endpoint 'unix:///x', make sure you are running as root: context deadline exceeded")).toBe(
      'hung',
    );
    expect(
      failing('code = Unavailable desc = "error reading server preface: read unix: use of closed connection"'),
    ).toBe('hung');
    expect(failing('dial unix /x: connect: resource temporarily unavailable')).toBe('hung');
    // What it says otherwise, of a version that it does not know for example, is an answer.
    expect(failing('unknown service runtime.v1.RuntimeService')).toBe('listening');
  });

  test('one that has answered at the second time is only slow', () => {
    const slow = '[ -e "${0%/*}/asked" ] || { : >"${0%/*}/asked"; echo "context deadline exceeded" >&2; exit 1; }';
    expect(stateOn(listing([PATH, '00010000']).program('crictl', slow))).toBe('listening');
  });

  test('crictl is asked about the socket of kubelet, for a limited time, and only if somebody listens', () => {
    const tree = listing([PATH, '00010000']).program('crictl', 'echo "$*" >"${0%/*}/asked"');
    expect(stateOn(tree)).toBe('listening');
    expect(readFileSync(join(tree.root, 'usr/bin/asked'), 'utf8')).toBe(
      `--runtime-endpoint unix://${PATH} --timeout 10s version\n`,
    );
    const silent = listing().program('crictl', 'echo DeadlineExceeded');
    expect(stateOn(silent)).toBe('silent');
  });

  test('a host that does not tell its sockets may have it', () => {
    expect(stateOn(Tree.forTest())).toBe('unknown');
  });
});

test('this machine’s own kernel tells of a socket that listens, and no more when it has ended', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kplay-socket-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'runtime.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const listening = ask(runtimeSocket(path), '', ORDINARY);
  await new Promise((resolve) => server.close(resolve));
  // Where another network's list, or a runtime of this machine's own, is in the way it cannot be told.
  expect(['listening', 'unknown']).toContain(listening);
  expect(['silent', 'unknown']).toContain(ask(runtimeSocket(path), '', ORDINARY));
});
