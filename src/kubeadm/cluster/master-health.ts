import { leafOf } from '../host/interpret.ts';
import type { KubeadmHost } from '../host/model.ts';

/** The properties of a master that determine the order in a cluster. */
export interface Master {
  readonly name: string;
  readonly host: KubeadmHost;
  /**
   * Its etcd member reports health, which needs a quorum; undefined if it runs none, or one that runs and serves but reports
   * no health without a certificate.
   */
  readonly etcdAnswers: boolean | undefined;
  /** Its API server answers anything; if it cannot be asked, it runs and serves. */
  readonly apiAnswers: boolean;
  /** It reports ready, or does not tell clients without a certificate. */
  readonly apiIsReady: boolean;
}

const ETCD_CREDENTIALS = new Set(['etcd-peer', 'etcd-server', 'apiserver-etcd-client']);

/** Whether an etcd certificate of this master can no longer open connections. Open ones continue, and so hide the problem. */
export function etcdIsCutOff({ host }: Master, now: Date): boolean {
  if (host.etcd !== 'stacked') return false;
  return host.credentials.some(({ name, holding }) => {
    if (!ETCD_CREDENTIALS.has(name)) return false;
    const certificate = leafOf(holding);
    // An unreadable certificate is not known to be bad.
    if (holding.state === 'hidden') return false;
    return certificate === undefined || certificate.notAfter < now.getTime();
  });
}

/** How many of this many members form a quorum. */
export function quorumOf(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** Nothing is known to be wrong. */
export function isHealthy({ etcdAnswers, apiIsReady }: Master): boolean {
  return apiIsReady && etcdAnswers !== false;
}
