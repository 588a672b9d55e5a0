import { normalPath } from '../../core/host-path.ts';
import { signedBy } from './credential-state.ts';
import type { Authority, Credential, ServerCertificate, StaticPod } from './model.ts';
import type { RawView } from './raw-view.ts';

/** What the API server serves under other names than its own, as far as it is found. kubeadm makes no such certificates. */
export function sniCertificatesIn(
  view: RawView,
  staticPods: readonly StaticPod[],
  authorities: readonly Authority[],
  credentials: readonly Credential[],
): readonly ServerCertificate[] {
  const known = new Set(credentials.map(({ certificatePath }) => normalPath(certificatePath)));
  const paths = new Set(staticPods.flatMap(({ sniFiles = [] }) => sniFiles));
  return [...paths]
    .filter((path) => !known.has(normalPath(path)))
    .flatMap((path) => {
      const holding = view.holding(path);
      if (holding.state === 'absent') return [];
      const signer = authorities.find(({ name }) => signedBy(authorities, name, holding).signedByAuthority);
      return [{ path, holding, ...(signer && { authority: signer.name }) }];
    });
}
