import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { assessKubelet, type DueRule, dueCredentials } from '../../kubeadm/certificates/due.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import type { HostState } from '../hosts/host-state.ts';

interface End {
  readonly host: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly ends: number;
}

/** When the certificates that a renewal could replace end, on hosts whose files are known. */
export function certificateEnds(states: ReadonlyMap<string, HostState>, now: Date): readonly End[] {
  const sometime: DueRule = {
    renewBefore: { all: false, milliseconds: Number.POSITIVE_INFINITY },
    now,
    extraNames: [],
    renewed: new Set(),
  };
  return [...states].flatMap(([host, { world }]) => {
    const files = world.find(kubernetesFiles);
    if (!files) return [];
    const own = files.credentials.filter((each) => each.kind === 'kubelet' && assessKubelet(each, sometime).due);
    return [...dueCredentials(files, sometime), ...own].flatMap(({ name, holding }): readonly End[] => {
      const leaf = leafOf(holding);
      return leaf ? [{ host, name, ends: leaf.notAfter }] : [];
    });
  });
}
