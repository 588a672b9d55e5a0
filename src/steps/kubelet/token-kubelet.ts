import { directoryOf } from '../../core/host-path.ts';
import type { Secret } from '../../core/secret.ts';
import { hereDocument, type ShellScript, sh } from '../../core/shell.ts';
import { StepFailure, type WriteContext } from '../../core/step.ts';
import type { Backup } from '../../facts/backups/backups.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { system } from '../../facts/host/system.ts';
import { processes } from '../../facts/processes/processes.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import { BOOTSTRAP_CONF, KUBELET_KUBECONFIG } from '../../kubeadm/host/kubelet-files.ts';
import type { Credential, KubeadmHost } from '../../kubeadm/host/model.ts';
import { asidePath } from '../../kubeadm/host/raw-files.ts';
import { validityAt } from '../../pki/verify.ts';
import { missingNode, nodesFact, unreadyWatch } from '../cluster/node-proof.ts';
import { awaitProvable } from '../control-plane/await-provable.ts';
import { processOf } from '../control-plane/control-plane-facts.ts';
import { restartKubelet } from '../control-plane/restart-kubelet.ts';
import { UNPROVEN_REMEDY, unproven } from '../control-plane/restart-state.ts';
import { withEvidence } from '../control-plane/with-evidence.ts';
import { putKubeletConfBack } from '../placing/kubelet-back.ts';
import { placeFunctions } from '../placing/place-functions.ts';
import { restoreFromBackup } from '../placing/restore-from-backup.ts';
import { enterStage } from '../placing/staging.ts';
import { armToUndo, backupFor, unlessRepaired } from '../placing/when-lost.ts';

export interface Bootstrap {
  readonly host: KubeadmHost;
  readonly old: Credential;
  /** Newest first. */
  readonly backups: readonly Backup[];
  readonly token: Secret;
}

/**
 * Starts kubelet with a token instead of its certificate. kubelet reads bootstrap-kubelet.conf if kubelet.conf is missing or
 * unusable, and requests a certificate if its store has no valid one: so both are moved aside
 * (pkg/kubelet/certificate/bootstrap, client-go util/certificate).
 */
export async function beginBootstrap(context: WriteContext, { host, old, backups, token }: Bootstrap): Promise<void> {
  const lines = host.kubelet.kubeconfig?.lines;
  if (!lines) throw new Error('kubelet.conf has no place for a token');
  await context.whenLost(backWhenLost(host, backupIn(context, { host, old, backups })));
  await context.run(sh`set -eu
${enterStage()}
rm -rf "$S"
mkdir "$S"
${putKubeletConfBack(host)}
${placeFunctions(host.untouchable)}
${hereDocument(sh`cat >"$S"/token`, token)}
awk -v certificate_line=${lines.certificate} -v key_line=${lines.key} -v token_file="$S"/token '
  BEGIN { getline token <token_file }
  NR == certificate_line { if (!sub(/client-certificate(-data)?:.*/, "token: ")) exit 3; print $0 token; next }
  NR == key_line { next }
  { print }
' "$R"${KUBELET_KUBECONFIG} >"$S"/bootstrap
move_aside() { [ ! -e "$R$1" ] && [ ! -L "$R$1" ] || { mkdir -p "$R\${2%/*}"; mv -f "$R$1" "$R$2"; }; }
${keepEarlier()}
place "$S"/bootstrap ${BOOTSTRAP_CONF} 0600 0 0 -
rm -rf "$S"
move_aside ${KUBELET_KUBECONFIG} ${asidePath(KUBELET_KUBECONFIG)}
move_aside ${old.certificatePath} ${asidePath(old.certificatePath)}
`);
  await restartKubelet(context);
}

/** What the host does if the run is lost: it restores kubelet's old files and restarts it. */
function backWhenLost(host: KubeadmHost, backup: Backup): ShellScript {
  return unlessRepaired(
    backup,
    sh`${restoreKubeletFiles(host, backup)}
if s=$(tool systemctl); then
  "$s" reset-failed kubelet >/dev/null 2>&1 || :
  "$s" --no-block restart kubelet
fi
`,
  );
}

/** What an interrupted run has moved aside is older than what it has put in its place. */
function keepEarlier(): ShellScript {
  const earlier = asidePath(BOOTSTRAP_CONF);
  return sh`[ -e "$R"${earlier} ] || [ -L "$R"${earlier} ] || move_aside ${BOOTSTRAP_CONF} ${earlier}`;
}

const NOT_BOOTSTRAPPED =
  'the old files are restored; on a master, check whether its request is pending (kubectl get csr): kubeadm init phase bootstrap-token --skip-token-print creates ' +
  'the bindings by which requests are approved; on this host, see journalctl -u kubelet -n 50, and check that it is started with ' +
  '--bootstrap-kubeconfig; or run with worker_kubelets: signed';

/** Waits until kubelet has another certificate, with its key, signed by the cluster's CA. */
export async function proveBootstrapped(context: WriteContext, old: Credential, timeoutMs: number): Promise<void> {
  await withEvidence(context, ['kubelet'], () =>
    context.waitFor(
      'kubelet’s certificate',
      timeoutMs,
      async () => {
        const world = await context.observe([kubernetesFiles, processes]);
        const { credentials, kubelet } = world.get(kubernetesFiles);
        if (!processOf(world, 'kubelet')) return { done: false, state: 'kubelet is not running' };
        if ((kubelet.aside && !kubelet.isAsking) || !kubelet.kubeconfig)
          return { done: false, state: 'kubelet has written no kubelet.conf yet' };
        const made = credentials.find(({ name }) => name === 'kubelet-client');
        const leaf = leafOf(made?.holding);
        // Beside a kubelet.conf that embedded its own there may be an expired one in kubelet's store, which it does not take.
        const isOld =
          leaf?.fingerprint === leafOf(old.holding)?.fingerprint ||
          (leaf !== undefined && validityAt(leaf, context.now().getTime()) === 'expired');
        if (!made || !leaf || isOld)
          return { done: false, state: 'kubelet has sent a request, but has no certificate yet' };
        const isWhole = made.key === 'match' && made.signedByAuthority !== false;
        return isWhole
          ? { done: true, value: undefined }
          : {
              done: false,
              state: 'the new certificate of kubelet is not signed by the CA of this host, or not for its key',
            };
      },
      NOT_BOOTSTRAPPED,
    ),
  );
}

/** Removes the bootstrap credentials, like `kubeadm join`, puts back what was in their place, and proves that kubelet works with its new certificate. */
export async function endBootstrap(context: WriteContext, old: Credential, timeoutMs: number): Promise<void> {
  const earlier = asidePath(BOOTSTRAP_CONF);
  await context.run(sh`# kubelet has made files that the host needs after a power loss: from here on it does not restore the old ones.
sync -f "$R"${directoryOf(KUBELET_KUBECONFIG)} "$R"${directoryOf(old.certificatePath)} 2>/dev/null || sync
${removeBootstrapConf()}
[ ! -e "$R"${earlier} ] && [ ! -L "$R"${earlier} ] || mv -f "$R"${earlier} "$R"${BOOTSTRAP_CONF} || exit
for f in ${asidePath(KUBELET_KUBECONFIG)} ${asidePath(old.certificatePath)}; do
  rm -f "$R$f"
  rmdir -p "$R\${f%/*}" 2>/dev/null || :
done
`);
  await context.whenLost(undefined);
  const files = await context.observe([kubernetesFiles, system]);
  await awaitProvable(context, files, 'kubelet');
  await restartKubelet(context);
  const watchNode = unreadyWatch(context);
  await withEvidence(context, ['kubelet'], () =>
    context.waitFor(
      'the node',
      timeoutMs,
      async () => {
        const world = await context.observe([kubernetesFiles, processes, nodesFact(files)]);
        const stale = unproven(world, 'kubelet', context.now());
        const state = stale ?? missingNode(world);
        const isOver = state === undefined || (stale === undefined && (await watchNode(world)) !== undefined);
        return isOver ? { done: true, value: undefined } : { done: false, state };
      },
      UNPROVEN_REMEDY,
    ),
  );
}

/**
 * Restores kubelet's old files and restarts it.
 * @param cause why: if that fails as well, it is told with it
 */
export async function putKubeletBack(
  context: WriteContext,
  { host, old, backups }: Omit<Bootstrap, 'token'>,
  cause: unknown,
): Promise<void> {
  try {
    const backup = backupIn(context, { host, old, backups });
    // It is armed no more if kubelet had its certificate, and did not work with it.
    await armToUndo(context, backWhenLost(host, backup));
    await context.run(restoreKubeletFiles(host, backup));
    await restartKubelet(context);
    await context.whenLost(undefined);
  } catch (error) {
    if (!(cause instanceof StepFailure && error instanceof StepFailure)) throw error;
    throw new StepFailure(cause.code, `${cause.message}; then the old files could not be restored: ${error.message}`, {
      details: [...cause.details, ...error.details],
      remedy: error.remedy,
    });
  }
}

function backupIn(context: WriteContext, { host, old, backups }: Omit<Bootstrap, 'token'>): Backup {
  const backup = backupFor(context, host, backups, { pairs: [], kubeconfigs: [], kubelet: old, homes: [] });
  if (!backup) throw new StepFailure('backup-absent', 'there is no backup to restore kubelet’s files from');
  return backup;
}

/**
 * An earlier bootstrap-kubelet.conf replaces the one with the token: to copy it into an empty place there may be no room. A link that
 * leads to no file is in no backup: it comes back from aside, and stays if it was not moved yet, or is back already.
 */
function restoreKubeletFiles(host: KubeadmHost, backup: Backup): ShellScript {
  const hasEarlier = backup.files.some(({ path }) => path === BOOTSTRAP_CONF);
  const earlier = asidePath(BOOTSTRAP_CONF);
  return sh`${hasEarlier ? sh`:` : sh`[ -L "$R"${BOOTSTRAP_CONF} ] || ${removeBootstrapConf()}`}
[ ! -L "$R"${earlier} ] || mv -f "$R"${earlier} "$R"${BOOTSTRAP_CONF}
${restoreFromBackup(host, backup, backup.files)}`;
}

function removeBootstrapConf(): ShellScript {
  return sh`rm -f "$R"${BOOTSTRAP_CONF}`;
}
