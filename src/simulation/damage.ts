import { truncateSync } from 'node:fs';
import type { CredentialName } from '../kubeadm/table.ts';
import { type CredentialPlace, filesOf } from './credential-files.ts';
import type { Credentials } from './credentials.ts';
import type { HostFiles } from './host-files.ts';
import { conditionOf, leafState, type TreeState } from './tree-state.ts';

/** Damages the files of leaves, beyond what was signed that way. */
export async function damageLeaves(
  credentials: Credentials,
  state: TreeState,
  names: readonly CredentialName[],
): Promise<void> {
  for (const name of names) {
    const condition = conditionOf(state, name);
    const place = credentials.placeOf(name);
    if (condition === 'key-mismatch') await swapKey(credentials, state, name);
    else if (condition === 'missing') for (const path of filesOf(place)) credentials.files.remove(path);
    else if (condition === 'empty') truncateSync(credentials.files.at(mainFile(place)));
    else if (condition === 'garbage') cutOff(credentials.files, mainFile(place));
    else if (condition === 'key-missing') removeKey(credentials.files, place);
  }
}

/** The file with the certificate. */
function mainFile(place: CredentialPlace): string {
  switch (place.kind) {
    case 'pair':
      return place.certificate;
    case 'kubeconfig':
      return place.path;
    case 'store':
      return place.file;
  }
}

/** Truncates in the middle of the certificate, which in a kubeconfig comes after that of the CA. */
function cutOff(files: HostFiles, path: string): void {
  const text = files.read(path);
  const data = Math.max(0, text.indexOf('client-certificate-data:'));
  truncateSync(files.at(path), data + Math.floor((data === 0 ? text.length : 1_000) / 2));
}

function removeKey(files: HostFiles, place: CredentialPlace): void {
  if (place.kind === 'pair') {
    files.remove(place.key);
    return;
  }
  const path = mainFile(place);
  const text = files.read(path);
  const without =
    place.kind === 'kubeconfig'
      ? text.replace(/^.*client-key-data:.*\n/m, '')
      : text.replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*$/, '');
  files.write(path, without, 0o600);
}

/** Replaces the key by that of another certificate, as after restoring half a backup. */
async function swapKey(credentials: Credentials, state: TreeState, name: CredentialName): Promise<void> {
  const { files } = credentials;
  const place = credentials.placeOf(name);
  const other = await credentials.issue(name, { ...leafState(state, name), condition: 'valid' });
  if (place.kind === 'pair') {
    files.write(place.key, other.key, 0o600);
    return;
  }
  const path = mainFile(place);
  const text = files.read(path);
  const data = Buffer.from(other.key).toString('base64');
  const swapped =
    place.kind === 'kubeconfig'
      ? text.replace(/(client-key-data: ).*/, `$1${data}`)
      : text.replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*$/, other.key);
  files.write(path, swapped, 0o600);
}
