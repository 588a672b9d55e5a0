import type { AuthorityName, CredentialName } from '../kubeadm/table.ts';
import { type AuthorityTerms, makeForeignAuthority, type SigningAuthority } from './authorities.ts';
import { type CredentialPlace, placeOf, writeCredential } from './credential-files.ts';
import type { HostFiles } from './host-files.ts';
import { authorityOf, identityByKubeadm, type Leaf, makeLeaf, periodOf } from './leaf.ts';
import type { HostProfile } from './profile.ts';
import { makeSelfSigned } from './self-signed.ts';
import type { LeafState, TreeState } from './tree-state.ts';

/** Makes the leaf certificates of one host and writes them to their places. */
export class Credentials {
  readonly files: HostFiles;
  readonly host: HostProfile;
  /** The host's CAs, including CAs of its own if its state says so. */
  readonly authorities: Readonly<Record<AuthorityName, SigningAuthority>>;
  readonly terms: AuthorityTerms;
  readonly #kubeletConf: 'files' | 'embedded';

  constructor(
    files: HostFiles,
    host: HostProfile,
    authorities: Credentials['authorities'],
    terms: AuthorityTerms,
    { kubeletConf = 'files' }: TreeState,
  ) {
    this.files = files;
    this.host = host;
    this.authorities = authorities;
    this.terms = terms;
    this.#kubeletConf = kubeletConf;
  }

  placeOf(name: CredentialName): CredentialPlace {
    return placeOf(name, this.#kubeletConf);
  }

  /** A new leaf with the dates, names, key and signer of the state. */
  async issue(name: CredentialName, { condition = 'valid', keyAlgorithm, extraNames }: LeafState): Promise<Leaf> {
    const period = periodOf(condition, this.terms.now);
    if (name === 'kubelet-server') return makeSelfSigned(this.host.name, [], period);
    const authorityName = authorityOf(name);
    const authority =
      condition === 'foreign' ? await makeForeignAuthority(authorityName, this.terms) : this.authorities[authorityName];
    const identity = identityByKubeadm(name, this.host, extraNames);
    return makeLeaf(identity, authority, keyAlgorithm ?? this.host.cluster.keyAlgorithm, period);
  }

  write(name: CredentialName, leaf: Leaf): void {
    const credential = { name, place: this.placeOf(name) };
    writeCredential(this.files, this.host, credential, leaf, this.authorities.ca.certificatePem);
  }
}
