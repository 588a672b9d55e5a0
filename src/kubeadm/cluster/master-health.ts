import { isOver, isUnusable } from '../certificates/condition.ts';
import { assess, onlyExpired } from '../certificates/due.ts';
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
  /** The alarm that its etcd reports: it is alive, and accepts no writes. */
  readonly etcdAlarm?: string | undefined;
  /** Its API server answers anything; if it cannot be asked, it runs and serves. */
  readonly apiAnswers: boolean;
  /** It reports ready, or does not tell clients without a certificate. */
  readonly apiIsReady: boolean;
}

const ETCD_CREDENTIALS = new Set(['etcd-peer', 'etcd-server', 'apiserver-etcd-client']);

/**
 * Why etcd on this master can no longer open connections: a certificate has expired, or is unusable for another reason; undefined
 * if it can. Open connections continue, and so hide the problem.
 */
export function etcdCutOff({ host }: Master, now: Date): 'expired' | 'unusable' | undefined {
  if (host.etcd !== 'stacked') return undefined;
  const conditions = host.credentials
    .filter(({ name }) => ETCD_CREDENTIALS.has(name))
    .map((credential) => assess(credential, onlyExpired(now)).condition);
  if (conditions.some(isOver)) return 'expired';
  // What is planned is not on the disk yet. One that the session may not read is not known to be bad.
  return conditions.some((condition) => condition === 'planned' || isUnusable(condition)) ? 'unusable' : undefined;
}

/** Whether etcd on this master can no longer open connections. */
export function etcdIsCutOff(master: Master, now: Date): boolean {
  return etcdCutOff(master, now) !== undefined;
}

/** Nothing is known to be wrong. */
export function isHealthy({ etcdAnswers, apiIsReady }: Master): boolean {
  return apiIsReady && etcdAnswers !== false;
}
