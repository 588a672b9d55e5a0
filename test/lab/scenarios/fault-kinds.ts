import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { lab, leaderOf } from './lab.ts';
import type { RunningKplay } from './running.ts';

/** A step, and how it is seen on the host's disk that it is at work; without that, by its event alone. */
export interface Moment {
  readonly step: string;
  readonly isSeen?: (root: string) => boolean;
}

const STAGED = 'etc/kubernetes/.kplay-staging/new';

export const MOMENTS: readonly Moment[] = [
  {
    step: 'certs.backup',
    isSeen: (root) => list(`${root}/var/backups/kplay`).some((name) => name.endsWith('.partial')),
  },
  { step: 'certs.delete', isSeen: (root) => existsSync(`${root}/etc/kubernetes/.kplay-aside`) },
  {
    step: 'certs.regenerate',
    isSeen: (root) => list(`${root}/${STAGED}`).some((name) => /^(apiserver|front-proxy-client)/.test(name)),
  },
  { step: 'kubeconfig.regenerate', isSeen: (root) => list(`${root}/${STAGED}`).some((name) => name.includes('.conf')) },
  { step: 'control_plane.restart' },
  { step: 'cluster.verify' },
];

export interface Fault {
  readonly name: string;
  /** Happens in this step alone. */
  readonly step?: string;
  /** What it needs to know is looked up when kplay is connected; what it returns makes it happen at once. */
  prepare(host: string, kplay: RunningKplay): Promise<() => unknown>;
  /** Brings the host back to where one can work with it. */
  readonly mend?: (host: string) => Promise<unknown>;
  /** kplay itself is gone and says nothing. */
  readonly silent?: true;
}

const FILLER = '/var/tmp/filler';
/** Ever smaller blocks, to the last byte. */
const FILL = `for size in 1M 4k 512; do dd if=/dev/zero bs=$size 2>/dev/null >>${FILLER}; done; true`;

export const FAULTS: readonly Fault[] = [
  {
    name: 'the connection is cut',
    async prepare(host) {
      const sessions = sessionsOn(await leaderOf(host));
      return () => sessions.map((pid) => process.kill(pid, 'SIGKILL'));
    },
  },
  {
    name: 'the cable is pulled out',
    prepare: async (host) => () => lab.plug(host, 'out'),
    mend: (host) => lab.plug(host, 'in'),
  },
  {
    name: 'the power goes',
    async prepare(host) {
      const leader = await leaderOf(host);
      return () => process.kill(leader, 'SIGKILL');
    },
    async mend(host) {
      await lab.power(host, 'off');
      await lab.power(host, 'on');
    },
  },
  { name: 'kplay is killed', prepare: async (_host, kplay) => () => kplay.kill(), silent: true },
  {
    name: 'the disk is full',
    prepare: async (host) => () => lab.inside(host, FILL),
    mend: (host) => lab.inside(host, `rm -f ${FILLER}`),
  },
  {
    name: 'kubelet is stopped',
    prepare: async (host) => () => lab.inside(host, 'systemctl stop kubelet'),
    mend: (host) => lab.inside(host, 'systemctl start kubelet'),
  },
  {
    name: 'the API server never comes back',
    step: 'control_plane.restart',
    prepare: async (host) => () =>
      lab.inside(host, 'ctr -n k8s.io images ls -q | grep kube-apiserver | xargs ctr -n k8s.io images rm --sync'),
    mend: (host) => lab.inside(host, 'ctr -n k8s.io images import /opt/kube/images.tar && systemctl restart kubelet'),
  },
];

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** The sshd processes of a host's sessions, by their pids on this machine; the listener is none of them. */
function sessionsOn(leader: number): readonly number[] {
  const own = readlinkSync(`/proc/${leader}/ns/pid`);
  return list('/proc').flatMap((name): readonly number[] => {
    try {
      if (!/^\d+$/.test(name) || readlinkSync(`/proc/${name}/ns/pid`) !== own) return [];
      return /^sshd: (root|ops)/.test(readFileSync(`/proc/${name}/cmdline`, 'utf8')) ? [Number(name)] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}
