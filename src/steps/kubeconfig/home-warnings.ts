import type { PlanWarning } from '../../core/plan.ts';
import { quoteWord } from '../../core/shell.ts';
import type { HomeKubeconfig } from '../../kubeadm/certificates/home.ts';
import { mayHideUsers } from '../../kubeadm/host/kubeconfig.ts';
import { haveCommonAuthority } from '../../kubeadm/host/kubeconfig-trust.ts';
import { clusterAuthority, type KubeadmHost } from '../../kubeadm/host/model.ts';

/**
 * Warns about users' kubeconfigs that are links or were not read: a copy of admin.conf there must not be overlooked silently.
 */
export function homeWarnings(host: KubeadmHost, homes: readonly HomeKubeconfig[]): readonly PlanWarning[] {
  return [...homes.flatMap(linkWarning), ...unreadWarnings(host, homes)];
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

/** Warns about files that were too long to be read, or are not understood, on a host with an admin.conf. */
export function unreadWarnings(host: KubeadmHost, homes: readonly HomeKubeconfig[]): readonly PlanWarning[] {
  return host.role === 'control-plane' ? homes.flatMap((home) => unreadWarning(host, home)) : [];
}

function unreadWarning(host: KubeadmHost, home: HomeKubeconfig): readonly PlanWarning[] {
  const { user, path, file, isPassedOver } = home;
  if (isPassedOver)
    return [
      {
        message: `${path} has ${Math.ceil(file.size / 1000)} kB, which is too large to be read: a copy of admin.conf in it is not renewed`,
        remedy: 'remove entries that are not needed, or copy the new admin.conf there by hand',
      },
    ];
  if (file.size === 0 || !isObscure(host, home)) return [];
  return [
    {
      message: `${path} has a form that kplay does not read, such as JSON or keys in quotes: a copy of admin.conf in it is not renewed`,
      remedy: `copy the new admin.conf there by hand, or have ${user} rewrite it in the form that kubectl uses: ${rewriting(path)}`,
    },
  ];
}

/**
 * A command that shows no key, and leaves none in a file that others can read. As another user it would also change the owner. The file
 * itself is emptied by a redirection before kubectl reads it.
 */
function rewriting(path: string): string {
  const [file, made] = [quoteWord(path), quoteWord(`${path}.new`)];
  return `(umask 077; kubectl config view --raw --kubeconfig ${file} >${made}) && mv ${made} ${file}`;
}

/** Whether a copy of admin.conf may be in a file without having been found there. */
function isObscure(host: KubeadmHost, { read, file }: HomeKubeconfig): boolean {
  // One that the session may not read has no digest either.
  if (!read) return file.link === undefined && file.sha256 !== '';
  const bundle = clusterAuthority(host)?.bundle ?? [];
  return (
    mayHideUsers(read) ||
    read.users.some(
      ({ holding, authorities }) => holding.state === 'unreadable' && haveCommonAuthority(authorities, bundle),
    )
  );
}
