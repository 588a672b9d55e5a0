/**
 * The id of the container that control groups put a process in: the innermost. What stands in `outer` is the container
 * that the host itself runs in.
 *
 * Seen as `/kubepods/burstable/podUID/ID` (cgroupfs), `…-podUID.slice/cri-containerd-ID.scope`, `…/crio-ID.scope/container`,
 * `…/docker-ID.scope` (systemd), `…-podUID.slice:cri-containerd:ID` (two drivers), `/docker/ID` (no pod at all).
 */
export function containerIdIn(groups: string, outer = ''): string | undefined {
  return groups.match(CONTAINER_ID)?.findLast((id) => !outer.includes(id));
}

/**
 * The id of kubelet's pod that a container is in, with dashes where kubelet has them; undefined for a container that somebody
 * else has started. The group of a pod is below kubelet's `kubepods` (pkg/kubelet/cm/pod_container_manager_linux.go); systemd
 * knows no dash in a name.
 */
export function podIdIn(groups: string, container: string): string | undefined {
  const group = new RegExp(`kubepods\\S*pod(${POD_ID})(?:[.]slice)?[/:](?:[a-z-]+[-:])?${container}`);
  return group.exec(groups)?.[1]?.replaceAll('_', '-');
}

const CONTAINER_ID = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;
const POD_ID = '[0-9a-f]{32}|[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}';
