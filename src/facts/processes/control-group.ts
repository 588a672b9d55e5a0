/**
 * The id of the innermost container of these control groups. `outer` are the groups of the host itself, if it runs in a
 * container.
 *
 * Seen as `/kubepods/burstable/podUID/ID` (cgroupfs), `…-podUID.slice/cri-containerd-ID.scope`, `…/crio-ID.scope/container`,
 * `…/docker-ID.scope` (systemd), `…-podUID.slice:cri-containerd:ID` (two drivers), `/docker/ID` (no pod at all).
 */
export function containerIdIn(groups: string, outer = ''): string | undefined {
  return groups.match(CONTAINER_ID)?.findLast((id) => !outer.includes(id));
}

/**
 * The id of the kubelet pod of a container, with dashes where kubelet has them; undefined for a container that was started
 * otherwise. The group of a pod is below kubelet's `kubepods` (pkg/kubelet/cm/pod_container_manager_linux.go); systemd allows
 * no dash in a name.
 */
export function podIdIn(groups: string, container: string): string | undefined {
  for (let at = groups.indexOf(container); at >= 0; at = groups.indexOf(container, at + container.length)) {
    const before = groups.slice(Math.max(0, at - MAX_PATH), at);
    const group = before.slice(before.lastIndexOf(' ') + 1);
    const pod = POD.exec(group);
    if (pod && group.slice(0, pod.index).includes('kubepods')) return pod[1]?.replaceAll('_', '-');
  }
  return undefined;
}

const CONTAINER_ID = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;
/** At the end of the path before a container. */
const POD =
  /pod([0-9a-f]{32}|[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})(?:[.]slice)?[/:](?:[a-z-]{1,40}[-:])?$/;
/** PATH_MAX. */
const MAX_PATH = 4_096;
