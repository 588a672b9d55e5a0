import type { HostPlan, PlannedTask, PlayPlan, ShownTaskPlan } from '../../../src/core/events/plan.ts';
import type { Change } from '../../../src/core/plan.ts';
import { ASIDE_DIRECTORY, STAGING_DIRECTORY } from '../../../src/kubeadm/host/raw-files.ts';
import type { CredentialName } from '../../../src/kubeadm/table.ts';
import type { Snapshot } from '../../../src/simulation/snapshot.ts';
import type { TreeState } from '../../../src/simulation/tree-state.ts';
import { pathsOf } from './credentials.ts';

/** What happens to the files of a host, directories aside. */
export interface FileChanges {
  /** New content, or newly there. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
}

/** What a plan lets us expect. */
export interface Prediction extends FileChanges {
  /** The leaves that are made. */
  readonly renewed: readonly CredentialName[];
}

/** Stands for the new file of kubelet's store, which is named by the second in which it is made. */
const NEW_KUBELET_CLIENT = '/var/lib/kubelet/pki/kubelet-client-<time>.pem';

/** kubelet writes it anew when it has bootstrapped. */
const KUBELET_CONF = '/etc/kubernetes/kubelet.conf';
/** With a token, of a bootstrap that was cut off. */
const BOOTSTRAP_CONF = '/etc/kubernetes/bootstrap-kubelet.conf';

function stepOf({ tasks }: PlayPlan, { path }: PlannedTask): string | undefined {
  return tasks.find((task) => task.path === path)?.step;
}

/** Derives which files a host's plan changes, from its targets and the documented places of certificates alone. */
export function predict(plan: PlayPlan, host: HostPlan, before: Snapshot, state: TreeState): Prediction {
  const changesOf = (step: string): readonly Change[] =>
    host.tasks.flatMap((task) => (stepOf(plan, task) === step ? changesIn(task) : []));
  const backup = changesOf('certs.backup');
  const placed = [...changesOf('certs.regenerate'), ...changesOf('kubeconfig.regenerate')].map(({ target }) => target);
  const bootstrapped = changesOf('kubelet.bootstrap').map(({ target }) => target);
  const isConfBack =
    before.has(`${ASIDE_DIRECTORY}${KUBELET_CONF}`) && [...placed, ...bootstrapped].includes('kubelet-client');
  const cleared = [
    ...(isConfBack ? [ASIDE_DIRECTORY] : []),
    ...[...backup, ...changesOf('cluster.verify')].flatMap(({ kind, target }) => (kind === 'remove' ? [target] : [])),
    ...(placed.length > 0 ? [STAGING_DIRECTORY] : []),
  ];
  return {
    written: sorted([
      ...backup.filter(({ kind }) => kind === 'create').flatMap(backupFiles),
      ...placed.flatMap((target) => (target.startsWith('/') ? [target] : filesOf(target as CredentialName, state))),
      ...bootstrapped.flatMap(() => [...filesOf('kubelet-client', state), KUBELET_CONF]),
      ...(isConfBack ? [KUBELET_CONF] : []),
    ]),
    removed: sorted([
      ...cleared.flatMap((directory) => filesBelow(before, directory)),
      ...(isConfBack ? [BOOTSTRAP_CONF] : []),
    ]),
    renewed: [...placed, ...bootstrapped].filter((target) => !target.startsWith('/')) as CredentialName[],
  };
}

/** What two snapshots tell. */
export function observe(before: Snapshot, after: Snapshot): FileChanges {
  const written: string[] = [];
  for (const [path, entry] of after) {
    const old = before.get(path);
    if (entry.type === 'directory' || (old && old.sha256 === entry.sha256 && old.target === entry.target)) continue;
    written.push(old ? path : path.replace(/kubelet-client-\d{4}-[^/]*$/, 'kubelet-client-<time>.pem'));
  }
  const removed = [...before].filter(([path, { type }]) => type !== 'directory' && !after.has(path));
  return { written: sorted(written), removed: sorted(removed.map(([path]) => path)) };
}

/** Files that have another mode, owner or time than before although nobody wrote them, or another mode or owner although somebody did. */
export function disturbed(before: Snapshot, after: Snapshot, { written }: FileChanges): readonly string[] {
  return [...after].flatMap(([path, entry]) => {
    const old = before.get(path);
    if (!old || entry.type === 'directory' || entry.type === 'link') return [];
    const isSame =
      old.mode === entry.mode &&
      old.owner === entry.owner &&
      (written.includes(path) || old.modifiedAt === entry.modifiedAt);
    return isSame ? [] : [path];
  });
}

function sorted(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].sort();
}

function changesIn(task: ShownTaskPlan): readonly Change[] {
  return task.action === 'change' ? task.changes : [];
}

function filesOf(name: CredentialName, { kubeletConf }: TreeState): readonly string[] {
  if (name !== 'kubelet-client') return pathsOf(name);
  return [...pathsOf(name), NEW_KUBELET_CLIENT, ...(kubeletConf === 'embedded' ? [KUBELET_CONF] : [])];
}

function filesBelow(snapshot: Snapshot, directory: string): readonly string[] {
  const files = [...snapshot].filter(([, { type }]) => type !== 'directory');
  return files.map(([path]) => path).filter((path) => path.startsWith(`${directory}/`));
}

function backupFiles({ target, details = [] }: Change): readonly string[] {
  return [`${target}/manifest`, ...details.map((path) => `${target}/files${path}`)];
}
