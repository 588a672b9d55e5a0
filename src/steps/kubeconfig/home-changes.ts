import { count } from '../../core/count.ts';
import type { Change } from '../../core/plan.ts';
import type { HomeEntry, HomeKubeconfig } from '../../kubeadm/certificates/home.ts';

/** The change for a user's copy that follows its original. */
export function homeChange({ home, entry, source }: HomeEntry): Change {
  const others = Math.max(0, (home.read?.shape.contexts.length ?? 1) - 1);
  return {
    kind: 'update',
    target: home.path,
    before: { user: entry.name },
    after: { copy_of: source.name },
    summary: `user ${entry.name}; ${count(others, 'other context')} kept`,
    disruptive: false,
  };
}

/** The user's file after the planned entries were replaced. */
export function homeAfter(home: HomeKubeconfig, replaced: readonly HomeEntry[]): HomeKubeconfig {
  if (!home.read) return home;
  const names = new Set(replaced.filter((entry) => entry.home.path === home.path).map(({ entry }) => entry.name));
  const users = home.read.users.map((user) =>
    names.has(user.name)
      ? { ...user, holding: { state: 'planned' as const, notAfter: Number.POSITIVE_INFINITY, chain: [] } }
      : user,
  );
  return { ...home, read: { ...home.read, users } };
}
