import type { PlanWarning } from '../../core/plan.ts';
import type { HomeKubeconfig } from '../../kubeadm/certificates/home.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';

/**
 * Warns about users' kubeconfigs that are links or were not read: a copy of admin.conf there must not be overlooked silently.
 */
export function homeWarnings(host: KubeadmHost, homes: readonly HomeKubeconfig[]): readonly PlanWarning[] {
  return [...homes.flatMap(linkWarning), ...oversizedWarnings(host, homes)];
}

/** Whoever can create the link can point it anywhere. */
function linkWarning({ path, file }: HomeKubeconfig): readonly PlanWarning[] {
  if (file.link === undefined) return [];
  return [
    {
      message: `${path} is a link to ${file.link}: it is not followed, and its target is not renewed`,
      remedy: 'if that is a copy of admin.conf, copy the new one there by hand',
    },
  ];
}

/** Warns about files that were too long to be read, on a host with an admin.conf. */
export function oversizedWarnings({ role }: KubeadmHost, homes: readonly HomeKubeconfig[]): readonly PlanWarning[] {
  if (role !== 'control-plane') return [];
  return homes.flatMap(({ path, file, isPassedOver }): readonly PlanWarning[] =>
    isPassedOver
      ? [
          {
            message: `${path} has ${Math.ceil(file.size / 1000)} kB, which is too large to be read: a copy of admin.conf in it is not renewed`,
            remedy: 'remove entries that are not needed, or copy the new admin.conf there by hand',
          },
        ]
      : [],
  );
}
