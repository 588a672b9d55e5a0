import { describe, expect, test } from 'vitest';
import { apiCertificates } from '../../src/facts/api/api-certificates.ts';
import { leases } from '../../src/facts/api/leases.ts';
import { nodes } from '../../src/facts/api/nodes.ts';
import { workloads } from '../../src/facts/api/workloads.ts';
import { permission } from '../../src/facts/host/permission.ts';
import { ask, describeInShells, probe } from './support/shells.ts';
import { Tree } from './support/trees.ts';

const FORBIDDEN = 'Error from server (Forbidden): User "kubernetes-admin" cannot list resource';

/** A master whose kubectl is this script. */
function master(script: string): Tree {
  return Tree.forTest().program('kubectl', script).write('/etc/kubernetes/admin.conf', 'x');
}

const LEASES = JSON.stringify({
  items: [
    {
      metadata: { name: 'kube-scheduler' },
      spec: { holderIdentity: 'm_2_8a4b', renewTime: '2026-11-24T20:21:38.881986Z' },
    },
    { metadata: { name: 'nobody-holds-it' }, spec: { renewTime: '2026-11-24T20:21:38.881986Z' } },
  ],
});

describeInShells('in $name', (shell) => {
  describe('the leases', () => {
    test('are told with the host of their holder and their last renewal', () => {
      expect(ask(leases, master(`printf '%s' '${LEASES}'`).root, shell)).toEqual({
        state: 'answered',
        leases: new Map([['kube-scheduler', { holder: 'm_2', renewedAt: Date.parse('2026-11-24T20:21:38.881Z') }]]),
      });
    });

    test.each<[what: string, script: string, expected: object]>([
      ['nothing while the API is down', 'echo EOF >&2; exit 1', { state: 'no answer', reason: 'EOF' }],
      ['nothing that is no list', 'echo nonsense', { state: 'no answer' }],
      [
        'nothing yet while an API server that has just started rejects everything',
        `echo 'Error from server (Forbidden): unknown' >&2; exit 1`,
        { state: 'no answer', reason: 'Error from server (Forbidden): unknown' },
      ],
      [
        'nothing to whom they are forbidden',
        `echo '${FORBIDDEN}' >&2; exit 1`,
        { state: 'cannot ask', reason: FORBIDDEN },
      ],
    ])('are %s', (_what, script, expected) => {
      expect(ask(leases, master(script).root, shell)).toMatchObject(expected);
    });
  });

  describe('what the API holds of certificates', () => {
    /** A kubectl that answers a list by this much of a shell's case, and every other one with nothing. */
    const answers = (cases: string): Tree => master(`case "$*" in ${cases} *) : ;; esac`);

    test('is told list by list: one that fails takes none of the others with it', () => {
      const tree = answers(
        `*validatingwebhook*) echo 'Error from server (InternalError): etcd' >&2; exit 1 ;; *certificatesigning*) echo csr-1; echo answered csr-2 ;;`,
      );
      expect(ask(apiCertificates, tree.root, shell)).toEqual({
        state: 'answered',
        bundles: [],
        pendingServing: ['csr-1'],
        incomplete: [{ kind: 'ValidatingWebhookConfiguration', reason: 'Error from server (InternalError): etcd' }],
      });
    });

    test('is empty where the version has no such list', () => {
      const unknown = `echo 'error: the server doesn'"'"'t have a resource type "x"' >&2; exit 1`;
      expect(ask(apiCertificates, answers(`*certificatesigning*) ${unknown} ;;`).root, shell)).toMatchObject({
        pendingServing: [],
        incomplete: [],
      });
      expect(ask(apiCertificates, answers(`*--raw*) : ;; *) ${unknown} ;; esac; case x in`).root, shell)).toEqual({
        state: 'no answer',
        reason: 'error: the server doesn\'t have a resource type "x"',
      });
    });

    test('is not asked further once the API has stopped answering', () => {
      const tree = answers(
        `*mutatingwebhook*) echo 'Unable to connect to the server: EOF' >&2; exit 1 ;; *signing*) echo csr-1 ;;`,
      );
      const reason = 'not asked, because the API had stopped answering';
      expect(ask(apiCertificates, tree.root, shell)).toMatchObject({
        pendingServing: [],
        incomplete: [
          { kind: 'MutatingWebhookConfiguration', reason: 'Unable to connect to the server: EOF' },
          { kind: 'APIService', reason },
          { kind: 'CustomResourceDefinition', reason },
          { kind: 'CertificateSigningRequest', reason },
        ],
      });
    });

    test('may come with warnings', () => {
      const tree = answers(`*mutatingwebhook*) echo 'E1124 memcache.go: metrics' >&2 ;; *signing*) echo csr-1 ;;`);
      expect(ask(apiCertificates, tree.root, shell)).toMatchObject({ pendingServing: ['csr-1'], incomplete: [] });
    });

    test('is cut where it is too long', () => {
      const lines = `i=0; while [ $i -lt 30000 ]; do echo csr-$i; i=$((i+1)); done`;
      const answer = ask(apiCertificates, answers(`*signing*) ${lines} ;;`).root, shell);
      expect(answer).toMatchObject({
        incomplete: [{ kind: 'CertificateSigningRequest', reason: 'the answer is longer than 192 KiB' }],
      });
      const { pendingServing = [] } = answer.state === 'answered' ? answer : {};
      expect(pendingServing.length).toBeGreaterThan(15_000);
      expect(pendingServing).toEqual(pendingServing.map((_, index) => `csr-${index}`));
    });

    test('is nothing while the API is down', () => {
      expect(ask(apiCertificates, master('echo EOF >&2; exit 1').root, shell)).toEqual({
        state: 'no answer',
        reason: 'EOF',
      });
    });
  });

  test('an administrator whom the API lets do nothing cannot ask for nodes', () => {
    expect(ask(nodes, master(`echo '${FORBIDDEN}' >&2; exit 1`).root, shell)).toEqual({
      state: 'cannot ask',
      reason: FORBIDDEN,
    });
  });

  describe('what a user may', () => {
    const question = permission({
      user: 'a client',
      groups: ['one', 'two'],
      verb: 'get',
      resource: 'nodes',
      subresource: 'proxy',
    });

    test.each<[what: string, script: string, expected: object]>([
      [
        'is asked in the name of user and groups',
        'case "$*" in *"auth can-i get nodes --subresource proxy --as a client --as-group one --as-group two") echo yes ;; esac',
        { state: 'permitted' },
      ],
      ['is denied by an exit status and a word', 'echo "no - no RBAC policy matched"; exit 1', { state: 'forbidden' }],
      ['is not told by an API that is down', 'echo EOF >&2; exit 1', { state: 'cannot ask', reason: 'EOF' }],
    ])('%s', (_what, script, expected) => {
      expect(ask(question, master(script).root, shell)).toEqual(expected);
    });
  });

  test('workloads are the containers of pods that are none of the control plane’s', () => {
    const id = (letter: string): string => letter.repeat(64);
    const tree = Tree.forTest();
    const process = (pid: number, comm: string, cgroup: string): void => {
      tree.write(`/proc/${pid}/comm`, `${comm}\n`).write(`/proc/${pid}/cgroup`, cgroup);
    };
    process(1, 'systemd', '0::/init.scope\n');
    process(10, 'coredns', `0::/kubepods.slice/cri-containerd-${id('a')}.scope\n`);
    process(11, 'my server', `12:cpu:/docker/${id('b')}\n11:memory:/docker/${id('b')}\n`);
    process(12, 'child', `12:cpu:/docker/${id('b')}\n`);
    process(13, 'kube-controller', `0::/kubepods.slice/kubepods-pod${'1'.repeat(32)}.slice/crio-${id('c')}.scope\n`);
    process(15, 'etcd', `0::/kubepods/pod${'2'.repeat(32)}/${id('e')}\n`);
    // Others may be called so as well.
    process(16, 'etcd', `0::/system.slice/docker-${id('f')}.scope\n`);
    process(17, 'etcd', `0::/kubepods/pod01234567-89ab-cdef-0123-456789abcdef/${id('9')}\n`);
    process(14, 'pause', `0::/kubepods/${id('d')}\n`);
    expect(ask(workloads, tree.root, shell)).toEqual(
      new Map([
        [id('a'), 'coredns'],
        [id('b'), 'my server'],
        [id('f'), 'etcd'],
        [id('9'), 'etcd'],
      ]),
    );
    expect(ask(workloads, Tree.forTest().root, shell)).toEqual(new Map());
  });

  describe('workloads of a busy host', () => {
    const scope = (container: string): string =>
      `/kubepods.slice/kubepods-pod01234567_89ab_cdef_0123_456789abcdef.slice/cri-containerd-${container}.scope`;

    test('are a line for each container, however many processes and controllers it has', () => {
      const tree = Tree.forTest();
      for (let pid = 10_000; pid < 10_020; pid += 1) {
        const group = scope((pid < 10_010 ? 'a' : 'b').repeat(64));
        const cgroup = Array.from({ length: 12 }, (_, line) => `${12 - line}:c${line}:${group}\n`).join('');
        tree.write(`/proc/${pid}/comm`, 'php-fpm\n').write(`/proc/${pid}/cgroup`, cgroup);
      }
      expect(probe(workloads, tree.root, shell).stdout.length).toBeLessThan(512);
      expect(ask(workloads, tree.root, shell)).toEqual(
        new Map([
          ['a'.repeat(64), 'php-fpm'],
          ['b'.repeat(64), 'php-fpm'],
        ]),
      );
    });

    test('are too many to be told of where they would make the answer too long', () => {
      const containers = Array.from({ length: 4_500 }, (_, index) => scope(String(index).padStart(64, '0')));
      const tree = Tree.forTest().write('/proc/10/comm', 'php-fpm\n').write('/proc/10/cgroup', containers.join('\n'));
      expect(ask(workloads, tree.root, shell)).toBe('too many');
    });
  });
});
