import type { Credential } from '../host/model.ts';
import type { CredentialName } from '../table.ts';

/** A certificate that others sign, so that no renewal replaces it. What has expired of these stays so. */
export function isSignedByOthers({ isOthers, signedElsewhere }: Credential): boolean {
  return isOthers === true || signedElsewhere === true;
}

const OF_ETCD: ReadonlySet<CredentialName> = new Set(['apiserver-etcd-client', 'etcd-server', 'etcd-peer']);

/**
 * Whether there is no etcd for the API server when this has expired. With its other certificates an API server starts and serves,
 * whenever they end: nobody but those to whom it shows them looks at that.
 */
export function isNeededForEtcd({ name }: Pick<Credential, 'name'>): boolean {
  return OF_ETCD.has(name);
}
