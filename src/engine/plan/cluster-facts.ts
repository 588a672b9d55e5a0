import { count } from '../../core/count.ts';
import type { ClusterFacts } from '../../core/events/plan.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import type { HostState } from '../hosts/host-state.ts';
import { certificateEnds } from './certificate-ends.ts';

/** Facts about the cluster of these hosts; undefined if none of them is known to belong to one. */
export function clusterFacts(states: ReadonlyMap<string, HostState>, now: Date): ClusterFacts | undefined {
  const hosts = [...states.values()].flatMap(({ world }) => {
    const files = world.find(kubernetesFiles);
    return files && files.role !== 'none' ? [files] : [];
  });
  if (hosts.length === 0) return undefined;
  const [first] = certificateEnds(states, now).toSorted((a, b) => a.ends - b.ends);
  const [kubernetes] = hosts
    .flatMap(({ staticPods }) => staticPods)
    .flatMap(({ component, version }) => (component === 'kube-apiserver' ? minorOf(version) : []))
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const masters = hosts.filter(({ role }) => role === 'control-plane');
  const topology = `${count(masters.length, 'master')}, etcd ${masters[0]?.etcd}`;
  return {
    ...(first && { expires: { ...first, ends: new Date(first.ends).toISOString() } }),
    ...(kubernetes !== undefined && { kubernetes }),
    ...(masters.length > 0 && { topology }),
  };
}

/** `v1.33.13` → `1.33`. */
function minorOf(version: string | undefined): readonly string[] {
  const [, minor] = /^v?(\d+\.\d+)\b/.exec(version ?? '') ?? [];
  return minor === undefined ? [] : [minor];
}
