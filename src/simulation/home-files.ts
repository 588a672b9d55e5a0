import { makeForeignAuthority } from './authorities.ts';
import { entryFor } from './credential-files.ts';
import type { Credentials } from './credentials.ts';
import { type KubeconfigEntry, kubeconfigFlow, kubeconfigJson, kubeconfigText } from './kubeconfig-text.ts';
import { makeLeaf, periodOf } from './leaf.ts';
import type { HomeVariant } from './tree-state.ts';

/** The text of a user's ~/.kube/config; undefined if the user has none. `admin` is the entry of admin.conf. */
export async function homeKubeconfig(
  variant: Exclude<HomeVariant, 'link'>,
  admin: KubeconfigEntry,
  credentials: Credentials,
): Promise<string | undefined> {
  switch (variant) {
    case 'none':
      return undefined;
    case 'copy':
      return kubeconfigText(admin);
    case 'stale-copy': {
      const expired = await credentials.issue('admin.conf', { condition: 'expired' });
      return kubeconfigText({ ...admin, credential: expired });
    }
    case 'multi-context':
      return kubeconfigText(admin, await otherCluster(credentials));
    case 'json':
      return kubeconfigJson(admin);
    case 'flow':
      return kubeconfigFlow(admin);
    case 'token':
      return kubeconfigText({ ...admin, user: 'robot', credential: { token: 'c2ltdWxhdGlvbg.robot' } });
    case 'other-user':
      return kubeconfigText({ ...admin, user: 'jane', credential: await jane(credentials) });
  }
}

/** A context of an unrelated cluster. */
async function otherCluster({ host, terms }: Credentials): Promise<KubeconfigEntry> {
  const authority = await makeForeignAuthority('ca', { ...terms, daysLeft: 3_000 });
  const credential = await makeLeaf(
    {
      subject: { commonName: 'kubernetes-admin', organizations: ['system:masters'] },
      extendedKeyUsages: ['clientAuth'],
    },
    authority,
    'ECDSA-P256',
    periodOf('due', terms.now),
  );
  const entry = entryFor('admin.conf', host, authority.certificatePem, credential);
  return { ...entry, cluster: 'staging', user: 'staging-admin', server: 'https://staging.example.com:6443' };
}

async function jane({ authorities, terms }: Credentials) {
  return makeLeaf(
    { subject: { commonName: 'jane', organizations: ['developers'] }, extendedKeyUsages: ['clientAuth'] },
    authorities.ca,
    'ECDSA-P256',
    periodOf('due', terms.now),
  );
}
