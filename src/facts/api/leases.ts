import { type Fact, factRef } from '../../core/fact.ts';
import { isJsonObject, type Json, parseJson } from '../../core/json.ts';
import { sh } from '../../core/shell.ts';
import { administrator, complaint, forbidden, notAsked } from './nodes.ts';

/** Who leads among the components of which only one works at a time. */
export type Leases =
  | { readonly state: 'answered'; readonly leases: ReadonlyMap<string, Lease> }
  | { readonly state: 'no answer'; readonly reason: string }
  | { readonly state: 'cannot ask'; readonly reason: string };

export interface Lease {
  /** Name of the host that its holder runs on: client-go puts a `_` and an id of the process behind it. */
  readonly holder: string;
  /** Milliseconds since the epoch, by the holder's clock. */
  readonly renewedAt: number;
}

const leasesFact: Fact<Record<string, never>, Leases> = {
  name: 'leases',
  summary: 'which host leads, of each component that elects a leader',
  probe: () => ({
    script: administrator(sh`get --raw /apis/coordination.k8s.io/v1/namespaces/kube-system/leases`),
  }),
  parse({ stdout, stderr, exitCode }) {
    const hindrance = notAsked(exitCode) ?? forbidden(stderr);
    if (hindrance !== undefined) return { state: 'cannot ask', reason: hindrance };
    if (exitCode !== 0) return { state: 'no answer', reason: complaint({ stderr, exitCode }) };
    const list = parseJson(stdout);
    const items = isJsonObject(list) && Array.isArray(list['items']) ? list['items'] : undefined;
    if (!items) return { state: 'no answer', reason: 'its answer is not a list of leases' };
    return { state: 'answered', leases: new Map(items.flatMap(leaseOf)) };
  },
};

/** Leases of kube-system, by name, asked with the administrator's kubeconfig of the host. */
export const leases = factRef(leasesFact, {});

function leaseOf(item: Json): readonly (readonly [string, Lease])[] {
  if (!isJsonObject(item) || !isJsonObject(item['metadata']) || !isJsonObject(item['spec'])) return [];
  const { name } = item['metadata'];
  const { holderIdentity, renewTime } = item['spec'];
  const renewedAt = typeof renewTime === 'string' ? Date.parse(renewTime) : Number.NaN;
  if (typeof name !== 'string' || typeof holderIdentity !== 'string' || Number.isNaN(renewedAt)) return [];
  return [[name, { holder: holderIdentity.replace(/_[^_]*$/, ''), renewedAt }]];
}
