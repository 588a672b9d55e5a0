import { type HostDescription, hostFiles } from './host-files.ts';
import { DAY, NOW, newAuthority } from './keys.ts';

/**
 * A host in the middle of a replacement of its CA: ca.crt begins with a new one, and behind that is the one that has signed everything.
 * @param end of the old one: `-1d`
 * @param key of the new one; that of the old one, if it was only prolonged
 */
export function ofOlderAuthority(end: string, key: 'stranger' | 'ca' = 'stranger'): HostDescription {
  const authorities = { ca: end };
  const old = hostFiles({ authorities }).authorities.ca.pem;
  const fresh = newAuthority(key, NOW.getTime() + 3650 * DAY, 'kubernetes').pem;
  return { authorities, files: { '/etc/kubernetes/pki/ca.crt': key === 'ca' ? `${old}${fresh}` : `${fresh}${old}` } };
}

/** The same for etcd's CA, of which the old one has ended. */
export function ofOlderEtcdAuthority(): HostDescription {
  const authorities = { 'etcd-ca': '-1d' };
  const old = hostFiles({ authorities }).authorities['etcd-ca'].pem;
  const fresh = newAuthority('stranger', NOW.getTime() + 3650 * DAY, 'etcd-ca').pem;
  return { authorities, files: { '/etc/kubernetes/pki/etcd/ca.crt': `${fresh}${old}` } };
}
