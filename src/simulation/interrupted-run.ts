import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { type BackupFile, formatManifest } from '../kubeadm/backup-manifest.ts';
import { BOOTSTRAP_CONF } from '../kubeadm/host/kubelet-files.ts';
import { asidePath, STAGING_DIRECTORY } from '../kubeadm/host/raw-files.ts';
import { type CredentialName, KUBERNETES_DIRECTORY } from '../kubeadm/table.ts';
import { CURRENT_KUBELET_CLIENT, currentOf, filesOf, KUBELET_KUBECONFIG } from './credential-files.ts';
import type { Credentials } from './credentials.ts';
import type { HostFiles } from './host-files.ts';
import { type InterruptedRun, leafState, type TreeState } from './tree-state.ts';

const BACKUPS = '/var/backups/kplay';
/** The content of a backup besides leaf certificates. */
const ALSO_SAVED = [KUBELET_KUBECONFIG, '/root/.kube/config', '/home/ops/.kube/config'];
const AGE_MS = 15 * 60_000;

/** Leaves the traces of a run of kplay that lost power a quarter of an hour ago. */
export async function leaveInterruptedRun(
  credentials: Credentials,
  state: TreeState,
  names: readonly CredentialName[],
): Promise<void> {
  const { interrupted: run } = state;
  if (!run) return;
  const { files, terms } = credentials;
  const interruptedAt = new Date(terms.now.getTime() - AGE_MS);
  if (run.backup === 'whole') writeBackup(credentials, names, interruptedAt);
  if (run.backup === 'partial') writePartialBackup(credentials, names, interruptedAt);
  moveAside(credentials, run);
  if (run.isBootstrap) beginBootstrap(files, run.isAsking);
  for (const name of run.remade ?? []) {
    const { extraNames = [] } = leafState(state, name);
    credentials.write(name, await credentials.issue(name, { condition: 'valid', extraNames }));
    for (const path of filesOf(credentials.placeOf(name))) files.age(path, interruptedAt);
  }
  if (run.staging) files.write(`${STAGING_DIRECTORY}/new/apiserver.crt`, '-----BEGIN CERTIFICATE-----\n', 0o600);
  if (run.parkedManifest) {
    const manifest = `${KUBERNETES_DIRECTORY}/manifests/${run.parkedManifest}.yaml`;
    files.move(manifest, asidePath(manifest));
  }
}

function moveAside(credentials: Credentials, { aside = [] }: InterruptedRun): void {
  const { files } = credentials;
  for (const path of aside.flatMap((name) => filesOf(credentials.placeOf(name)))) {
    if (files.exists(path)) files.move(path, asidePath(path));
  }
}

function beginBootstrap(files: HostFiles, isAsking = false): void {
  const conf = files.exists(KUBELET_KUBECONFIG) ? files.read(KUBELET_KUBECONFIG) : '';
  const token = conf.replace(
    /(client-certificate(-data)?): .*\n *client-key(-data)?: .*/,
    'token: abcdef.0123456789abcdef',
  );
  files.write(BOOTSTRAP_CONF, token, 0o600);
  for (const path of [KUBELET_KUBECONFIG, CURRENT_KUBELET_CLIENT])
    if (files.exists(path)) files.move(path, asidePath(path));
  const own = conf.replace(/(client-(?:certificate|key))(?:-data)?: .*/g, `$1: ${CURRENT_KUBELET_CLIENT}`);
  if (isAsking) files.write(KUBELET_KUBECONFIG, own.replaceAll(/system:node:[\w-]+/g, 'default-auth'), 0o600);
}

function backupId(time: Date): string {
  return `${time.toISOString().replace(/[-:]|\.\d+/g, '')}-dead`;
}

function writeBackup(credentials: Credentials, names: readonly CredentialName[], time: Date): void {
  const { files, host } = credentials;
  const id = backupId(time);
  const own = names.flatMap((name) => filesOf(credentials.placeOf(name)));
  const saved = [...new Set([...own, ...ALSO_SAVED])].filter((path) => files.exists(path));
  const entries = saved.map((path) => backupFile(files, path));
  for (const path of saved) files.write(`${BACKUPS}/${id}/files${path}`, files.read(path), 0o600);
  const manifest = formatManifest({ id, host: host.name, createdAt: time.toISOString(), files: entries });
  files.write(`${BACKUPS}/${id}/manifest`, manifest, 0o600);
  files.age(BACKUPS, time);
}

function writePartialBackup({ files }: Credentials, names: readonly CredentialName[], time: Date): void {
  if (names.length === 0) return;
  files.write(`${BACKUPS}/${backupId(time)}.partial/files${KUBERNETES_DIRECTORY}/pki/apiserver.crt`, '', 0o600);
  files.age(BACKUPS, time);
}

function backupFile(files: HostFiles, path: string): BackupFile {
  const content = readFileSync(files.at(path));
  const { mode, uid, gid } = statSync(files.at(path));
  return {
    path,
    sha256: createHash('sha256').update(content).digest('hex'),
    mode: (mode & 0o7777).toString(8).padStart(4, '0'),
    uid,
    gid,
    ...(lstatSync(files.at(path)).isSymbolicLink() && { link: currentOf(files, path) }),
  };
}
