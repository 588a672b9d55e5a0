import { type Fact, factRef } from '../../core/fact.ts';
import { isJsonObject, type Json, parseJson } from '../../core/json.ts';
import { sh } from '../../core/shell.ts';
import { administrator, forbidden, kubectlMessage, whyUnusable } from './nodes.ts';

/** The current leaders of components of which only one instance works at a time. */
export type Leases =
  | { readonly state: 'answered'; readonly leases: ReadonlyMap<string, Lease> }
  | { readonly state: 'no answer'; readonly reason: string }
  | { readonly state: 'cannot ask'; readonly reason: string };

export interface Lease {
  /** Name of the holder's host: client-go appends `_` and an id of the process. */
  readonly holder: string;
  /** Milliseconds since the epoch, by the holder's clock. */
  readonly renewedAt: number;
}

const leasesFact: Fact<Record<string, never>, Leases> = {
  name: 'leases',
  summary: 'which host leads, of each component that elects a leader',
  ifTooLong: 'see what `kubectl get leases -n kube-system` says on the host',
  probe: () => ({
    script: administrator(sh`get --raw /apis/coordination.k8s.io/v1/namespaces/kube-system/leases`),
  }),
  parse({ stdout, stderr, exitCode }) {
    const problem = whyUnusable(exitCode) ?? forbidden(stderr);
    if (problem !== undefined) return { state: 'cannot ask', reason: problem };
    if (exitCode !== 0) return { state: 'no answer', reason: kubectlMessage({ stderr, exitCode }) };
    const list = parseJson(stdout);
    const items = isJsonObject(list) && Array.isArray(list['items']) ? list['items'] : undefined;
    if (!items) return { state: 'no answer', reason: 'its answer is not a list of leases' };
    return { state: 'answered', leases: new Map(items.flatMap(leaseOf)) };
  },
};

/** Leases of kube-system, by name, read with the administrator's kubeconfig of the host. */
export const leases = factRef(leasesFact, {});

function leaseOf(item: Json): readonly (readonly [string, Lease])[] {
  if (!isJsonObject(item) || !isJsonObject(item['metadata']) || !isJsonObject(item['spec'])) return [];
  const { name } = item['metadata'];
  const { holderIdentity, renewTime } = item['spec'];
  const renewedAt = typeof renewTime === 'string' ? Date.parse(renewTime) : Number.NaN;
  if (typeof name !== 'string' || typeof holderIdentity !== 'string' || Number.isNaN(renewedAt)) return [];
  return [[name, { holder: holderIdentity.replace(/_[^_]*$/, ''), renewedAt }]];
}
