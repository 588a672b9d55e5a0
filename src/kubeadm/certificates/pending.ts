import type { BackupFile } from '../backup-manifest.ts';
import { CLIENT_PAIR } from '../host/kubelet-files.ts';
import type { Credential, FileState, KubeadmHost } from '../host/model.ts';
import { asidePath, originalPath } from '../host/raw-files.ts';
import { assessKubelet, type DueRule, dueCredentials } from './due.ts';
import { type HomeEntry, type HomeKubeconfig, homeEntries, homeEntryIsDue } from './home.ts';
import { asideFiles } from './transition.ts';

/** Everything on a host that has to be renewed. */
export interface Pending {
  readonly pairs: readonly Credential[];
  readonly kubeconfigs: readonly Credential[];
  readonly kubelet: Credential | undefined;
  /** Entries of users' kubeconfigs that have to follow their original. */
  readonly homes: readonly HomeEntry[];
}

/** What is due on a host by this rule. A copy in a home follows its original, and is among it although it would not be due itself. */
export function pendingOf(host: KubeadmHost, homes: readonly HomeKubeconfig[], rule: DueRule): Pending {
  const due = dueCredentials(host, rule);
  const kubelet = host.credentials.find(({ name }) => name === 'kubelet-client');
  const renewing = new Set(due.map(({ name }) => name));
  const entries = homes.flatMap((home) => homeEntries(host, home));
  return {
    pairs: due.filter(({ kind }) => kind === 'pair'),
    kubeconfigs: due.filter(({ kind }) => kind === 'kubeconfig'),
    kubelet: kubelet && kubeletIsDue(host, kubelet, rule) ? kubelet : undefined,
    homes: entries.filter(
      (home) => home.entry.lines !== undefined && (renewing.has(home.source.name) || homeEntryIsDue(home, rule)),
    ),
  };
}

/** Its certificate is due, or kubelet.conf still holds one that kubelet can never rotate (kubeadm#1753). */
function kubeletIsDue(host: KubeadmHost, kubelet: Credential, rule: DueRule): boolean {
  const embedded = host.kubelet.kubeconfig?.method === 'embedded' && host.kubelet.rotatesClientCertificate;
  return assessKubelet(kubelet, rule).due || (embedded && kubelet.holding.state !== 'planned');
}

/** The leaves among it. */
export function pendingLeaves(pending: Pending): readonly Credential[] {
  return [...pending.pairs, ...pendingClients(pending)];
}

/** The leaves with which kubeconfigs, and kubelet, log in to the API. */
export function pendingClients({ kubeconfigs, kubelet }: Pending): readonly Credential[] {
  return [...kubeconfigs, ...(kubelet ? [kubelet] : [])];
}

/** Whether there is nothing to renew, or to install. */
export function isNothingPending({ pairs, kubeconfigs, kubelet, homes }: Pending): boolean {
  return pairs.length + kubeconfigs.length + homes.length === 0 && kubelet === undefined;
}

/** Whether files of one of them were moved aside, and nothing is in their place yet. */
export function isAnyAside(credentials: readonly Credential[]): boolean {
  return credentials.some(({ files, aside }) => {
    const present = new Set(files.map(({ path }) => path));
    return (aside?.files ?? []).some(({ path }) => !present.has(originalPath(path)));
  });
}

/** A file to back up, and where its content is now. */
export interface BackupItem {
  /** Its state in its own place. */
  readonly file: FileState;
  /** Its own path, or its path in the aside directory after an interrupted run. */
  readonly source: string;
}

/** Every file that the steps may change: the content of a backup. */
export function backupItems(host: KubeadmHost, homes: readonly HomeKubeconfig[]): readonly BackupItem[] {
  const items = [
    ...host.credentials.flatMap(itemsOf),
    ...itemsInPlace(kubeletFiles(host)),
    ...host.staticPods.map(({ file, parked }) => ({ file, source: parked ? asidePath(file.path) : file.path })),
    ...itemsInPlace(
      homes.flatMap(({ file, isPassedOver }) => (file.link === undefined && !isPassedOver ? [file] : [])),
    ),
  ];
  return [...new Map(items.map((item) => [item.file.path, item])).values()];
}

/** Empty places that a renewal fills, and that have to be empty again beside what comes back. */
export function placesToEmpty(host: KubeadmHost, pending: Pending, items: readonly BackupItem[]): readonly string[] {
  return [...missingHalves(host, items), ...missingStore(host, pending)];
}

/**
 * The missing halves of pairs of which the other half is there. They are made anew: if one stayed when the old half comes back, the two
 * would not belong together.
 */
function missingHalves({ credentials }: KubeadmHost, items: readonly BackupItem[]): readonly string[] {
  const saved = new Set(items.map(({ file }) => file.path));
  return credentials
    .filter(
      ({ kind, certificatePath, keyPath }) => kind === 'pair' && saved.has(certificatePath) !== saved.has(keyPath),
    )
    .map(({ certificatePath, keyPath }) => (saved.has(certificatePath) ? keyPath : certificatePath));
}

/** What a renewal of kubelet's certificate writes besides it. */
function kubeletFiles({ kubelet: { file, store, bootstrap } }: KubeadmHost): readonly FileState[] {
  return [file, store, bootstrap].flatMap((one) => one ?? []);
}

/** Where a renewal puts kubelet's pair that kubelet.conf has embedded so far, if nothing is there yet. */
function missingStore({ kubelet }: KubeadmHost, pending: Pending): readonly string[] {
  const isMade = pending.kubelet && kubelet.kubeconfig?.method === 'embedded' && !kubelet.store;
  return isMade ? [CLIENT_PAIR] : [];
}

/** The files that will change. */
function changingItems({ pairs, kubeconfigs, kubelet, homes }: Pending, host: KubeadmHost): readonly BackupItem[] {
  return [
    ...[...pairs, ...kubeconfigs].flatMap(itemsOf),
    ...(kubelet ? [...itemsOf(kubelet), ...itemsInPlace(kubeletFiles(host))] : []),
    ...itemsInPlace(homes.map(({ home }) => home.file)),
  ];
}

/** Files that will change and are in no backup. `saved` are the files of the newest complete backup. */
export function notBackedUp(pending: Pending, host: KubeadmHost, saved: readonly BackupFile[]): readonly BackupItem[] {
  return changingItems(pending, host).filter((item) => !isSaved(item, saved));
}

/**
 * The files that a run may restore from another run's backup: those that it is about to change (`pending`), and those that
 * were moved aside. Others may have been repaired or added since that backup.
 */
export function restorableFiles(
  saved: readonly BackupFile[],
  pending: Pending,
  host: KubeadmHost,
): readonly BackupFile[] {
  const aside = asideFiles(host).map((file) => ({
    file: { ...file, path: originalPath(file.path) },
    source: file.path,
  }));
  const affected = [...changingItems(pending, host), ...aside];
  return saved.filter((file) => affected.some((item) => item.file.path === file.path && isSaved(item, [file])));
}

function isSaved({ file }: BackupItem, saved: readonly BackupFile[]): boolean {
  return saved.some(({ path, sha256 }) => path === file.path && sha256 === file.sha256);
}

function itemsOf({ files, aside }: Credential): readonly BackupItem[] {
  const present = new Set(files.map(({ path }) => path));
  const waiting = (aside?.files ?? []).filter(({ path }) => !present.has(originalPath(path)));
  return [
    ...itemsInPlace(files),
    ...waiting.map((file) => ({ file: { ...file, path: originalPath(file.path) }, source: file.path })),
  ];
}

function itemsInPlace(files: readonly FileState[]): readonly BackupItem[] {
  return files.map((file) => ({ file, source: file.path }));
}
