import type { Credential } from '../host/model.ts';
import type { CredentialName } from '../table.ts';

/** A certificate of somebody else's CA, which no renewal replaces, even if it has expired. */
export function isSignedByOthers({ isOthers, signedElsewhere }: Credential): boolean {
  return isOthers === true || signedElsewhere === true;
}

const ETCD_CREDENTIALS: ReadonlySet<CredentialName> = new Set(['apiserver-etcd-client', 'etcd-server', 'etcd-peer']);

/**
 * Whether the API server loses its etcd when this certificate expires. With its other certificates it starts and serves even
 * after they expire: only its clients check them.
 */
export function isNeededForEtcd({ name }: Pick<Credential, 'name'>): boolean {
  return ETCD_CREDENTIALS.has(name);
}
