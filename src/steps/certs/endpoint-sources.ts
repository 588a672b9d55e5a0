import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import type { HomeKubeconfig } from '../../kubeadm/certificates/home.ts';
import type { EndpointSources } from '../../kubeadm/cluster/shared-endpoint.ts';
import { haveCommonAuthority, trustedAuthorities } from '../../kubeadm/host/kubeconfig-trust.ts';
import { clusterAuthority, type KubeadmHost } from '../../kubeadm/host/model.ts';

/** The other hosts that are known to be of the host's cluster, and its users' kubeconfigs: from them it may learn where the load balancer is. */
export function endpointSources(
  host: KubeadmHost,
  worlds: Iterable<World>,
  homes: readonly HomeKubeconfig[] = [],
): EndpointSources {
  const authorities = clusterAuthority(host)?.bundle ?? [];
  const trusted = trustedAuthorities(host);
  return {
    hosts: [...worlds].flatMap((world) => {
      const other = world.find(kubernetesFiles);
      return other && other !== host && haveCommonAuthority(trustedAuthorities(other), trusted) ? [other] : [];
    }),
    servers: homes.flatMap(({ read }) => {
      const user = read?.users.find(({ name }) => name === read.shape.user);
      return user && haveCommonAuthority(user.authorities, authorities) ? (read?.shape.server ?? []) : [];
    }),
  };
}
