import { equal, matches } from './expect.ts';
import { diskOf, eventually, isDead, lab } from './lab.ts';
import { isRevived, PLAYBOOK } from './revival.ts';
import type { Scenario } from './scenario.ts';

const CLUSTER = 'kind';
const MASTER = `${CLUSTER}-m1`;

interface Kind {
  readonly name: string;
  /** Of `lab up`. */
  readonly options: readonly string[];
  readonly version?: string;
  readonly since?: number;
  /** That the cluster is of this kind, and still is when it is revived: a script, and what it prints. */
  readonly mark: readonly [script: string, prints: RegExp];
}

const keysOf = (algorithm: string, prints: RegExp): Kind => ({
  name: `${algorithm} keys`,
  options: ['--algorithm', algorithm],
  since: 31,
  mark: ['openssl x509 -in /etc/kubernetes/pki/etcd/peer.crt -noout -text', prints],
});

const KINDS: readonly Kind[] = [
  keysOf('ECDSA-P256', /Public-Key: \(256 bit\)/),
  { ...keysOf('ECDSA-P384', /Public-Key: \(384 bit\)/), version: '1.37.2' },
  keysOf('RSA-3072', /Public-Key: \(3072 bit\)/),
  keysOf('RSA-4096', /Public-Key: \(4096 bit\)/),
  {
    name: 'a node of another name than its host',
    options: ['--node-name', 'edge-'],
    mark: [
      'cat /var/lib/kubelet/kubeadm-flags.env; openssl x509 -in /etc/kubernetes/pki/etcd/peer.crt -noout -subject',
      /--hostname-override=edge-kind-m1.*CN = edge-kind-m1/s,
    ],
  },
  {
    name: 'a host name in upper case',
    options: ['--hostname', 'DC1-'],
    mark: [
      'hostname; openssl x509 -in /etc/kubernetes/pki/etcd/peer.crt -noout -subject',
      /^DC1-kind-m1\n.*CN = dc1-kind-m1/s,
    ],
  },
  {
    name: 'IPv6, both families of subnets',
    options: ['--ipv6'],
    mark: [
      'ss -ltnH; openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -ext subjectAltName',
      /\[fd77::[^\]]*\]:2380.*IP Address:FD77:/s,
    ],
  },
  {
    name: 'nodes with addresses of both families',
    options: ['--dual-stack'],
    mark: [
      'cat /var/lib/kubelet/kubeadm-flags.env; openssl x509 -in /etc/kubernetes/pki/etcd/peer.crt -noout -ext subjectAltName',
      /--node-ip=10\.77\.[0-9.]+,fd77::.*IP Address:10\.77\.(?=.*IP Address:FD77:)/s,
    ],
  },
  {
    name: 'names of both families',
    options: ['--sans', 'api6.lab.example,fd77:77::1,10.9.9.9'],
    mark: [
      'openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -ext subjectAltName',
      /DNS:api6\.lab\.example(?=.*IP Address:10\.9\.9\.9).*IP Address:FD77:77:0:0:0:0:0:1/,
    ],
  },
  {
    name: 'a certificatesDir that is not the usual one',
    options: ['--pki', '/etc/kubernetes/own-pki'],
    mark: ['ls -d /etc/kubernetes/*pki', /^\/etc\/kubernetes\/own-pki\n$/],
  },
];

/** One master of each kind, everything expired: planned without a trace, and brought back by each method. */
export const kinds: readonly Scenario[] = KINDS.map(
  ({ name, options, version, since, mark: [script, prints] }): Scenario => ({
    name: `${name}: one master, everything expired`,
    cluster: CLUSTER,
    ci: false,
    ...(version !== undefined && { version }),
    ...(since !== undefined && { since }),
    async run(context) {
      await lab.up(CLUSTER, ['--kube', version ?? context.version, ...options]);
      const isOfItsKind = async (when: string) => matches(await lab.inside(MASTER, script), prints, when);
      await isOfItsKind('at first');
      await lab.expire(CLUSTER, '-end', '-24h');
      await eventually('the API to die', 60, () => isDead(MASTER));
      await lab.save(CLUSTER, 'expired');
      const disk = diskOf(CLUSTER, MASTER);
      const plan = await lab.kplay(['plan', PLAYBOOK, '-i', lab.inventory(CLUSTER), '--detailed-exitcode']);
      equal(plan.code, 2, `kplay plan\n${plan.output.slice(-2000)}`);
      equal(diskOf(CLUSTER, MASTER), disk, 'the disk after a plan');
      for (const method of ['renew', 'phase', 'native']) {
        await lab.restore(CLUSTER, 'expired');
        await isRevived(MASTER, method);
        await isOfItsKind(`after ${method}`);
      }
    },
  }),
);
