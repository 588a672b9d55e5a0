import type { AuthorityName } from '../table.ts';
import { signedBy } from './credential-state.ts';
import type { Authority, Credential } from './model.ts';
import { asidePath } from './raw-files.ts';
import type { RawView } from './raw-view.ts';

/** The copies in the aside directory, named by their full original paths. The certificate is in the first one. */
export function asideOf(
  view: RawView,
  authorities: readonly Authority[],
  paths: readonly string[],
  authority: AuthorityName,
): Pick<Credential, 'aside'> {
  const asidePaths = paths.map(asidePath);
  const files = view.states(...asidePaths);
  const [certificate] = asidePaths;
  if (files.length === 0 || certificate === undefined) return {};
  const read = view.readKubeconfig(certificate);
  const holding = read && 'holding' in read ? read.holding : view.holding(certificate);
  const { signedByAuthority } = signedBy(authorities, authority, holding);
  return { aside: { holding, files, ...(signedByAuthority !== undefined && { signedByAuthority }) } };
}
