import { canonicalIp } from './ip-address.ts';

/** An alternative name as names are compared, and as kubeadm takes them: addresses in one spelling, DNS names in lower case. */
export function canonicalName(name: string): string {
  return canonicalIp(name) ?? name.toLowerCase();
}
