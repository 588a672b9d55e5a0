import { leafOf } from '../host/interpret.ts';
import type { KubeadmHost } from '../host/model.ts';

/** A master as far as it decides the order of a cluster. */
export interface Master {
  readonly name: string;
  readonly host: KubeadmHost;
  /**
   * Its etcd member answers that it is well, which needs a quorum; undefined where it runs none, and where one that runs and
   * serves says nowhere how it is.
   */
  readonly etcdAnswers: boolean | undefined;
  /** Its API server answers, whatever that is; where nobody can ask it, it runs and serves. */
  readonly apiAnswers: boolean;
  /** It says that it is ready, or does not say it to those who have no certificate. */
  readonly apiIsReady: boolean;
}

const ETCD_CREDENTIALS = new Set(['etcd-peer', 'etcd-server', 'apiserver-etcd-client']);

/** An etcd certificate of this master can no longer open a connection. Open ones go on, and fool whoever looks at them. */
export function etcdIsCutOff({ host }: Master, now: Date): boolean {
  if (host.etcd !== 'stacked') return false;
  return host.credentials.some(({ name, holding }) => {
    if (!ETCD_CREDENTIALS.has(name)) return false;
    const certificate = leafOf(holding);
    // What may not be read is not known to be bad.
    if (holding.state === 'hidden') return false;
    return certificate === undefined || certificate.notAfter < now.getTime();
  });
}

/** How many of so many members must agree. */
export function quorumOf(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** Nothing speaks against it: what is not known does not. */
export function isWell({ etcdAnswers, apiIsReady }: Master): boolean {
  return apiIsReady && etcdAnswers !== false;
}
