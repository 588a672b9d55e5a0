import { normalPath } from '../../core/host-path.ts';
import type { RefusePlan } from '../../core/plan.ts';
import { type Credential, type KubeadmHost, podOf } from '../../kubeadm/host/model.ts';
import { namesHostFile } from '../../kubeadm/host/raw-view.ts';
import { KUBECONFIGS } from '../../kubeadm/table.ts';

/** Refuses leaves that are kept in a way in which they cannot be replaced. */
export function layoutRefusal(host: KubeadmHost, leaves: readonly Credential[]): RefusePlan | undefined {
  for (const leaf of leaves) {
    const refusal =
      placeRefusal(leaf) ??
      oneFileRefusal(leaf) ??
      commonFileRefusal(leaf, host) ??
      embeddedRefusal(leaf, host) ??
      unreadRefusal(leaf, host);
    if (refusal) return refusal;
  }
  return undefined;
}

function placeRefusal({ name, certificatePath, keyPath }: Credential): RefusePlan | undefined {
  const unknown = [certificatePath, keyPath].find((path) => !namesHostFile(path));
  if (unknown === undefined) return undefined;
  return {
    action: 'refuse',
    code: 'leaf-layout',
    reason: `${name} is due, and its manifest names ${unknown}: which file that is on the host is not known`,
    remedy: 'write the whole path into the manifest, beginning with a slash and without variables, and run again',
  };
}

/** Certificate and key of a pair are moved and placed one by one: the second would replace the first. */
function oneFileRefusal({ name, kind, certificatePath, keyPath }: Credential): RefusePlan | undefined {
  if (kind !== 'pair' || normalPath(certificatePath) !== normalPath(keyPath)) return undefined;
  return {
    action: 'refuse',
    code: 'leaf-layout',
    reason: `${name} is due, and its certificate and its private key are in one file: ${certificatePath}`,
    remedy: 'put them into two files (0600 for the key), name these with the two flags in the manifest, and run again',
  };
}

/** Every leaf is made with a key of its own, as by kubeadm: of two in one place only one would stay. */
function commonFileRefusal(leaf: Credential, { credentials }: KubeadmHost): RefusePlan | undefined {
  const own = pathsOf(leaf);
  for (const other of credentials) {
    const common = other.name === leaf.name ? undefined : pathsOf(other).find((path) => own.includes(path));
    if (common === undefined) continue;
    return {
      action: 'refuse',
      code: 'leaf-layout',
      reason: `${leaf.name} is due, and ${other.name} is kept in the same file: ${common}`,
      remedy: `give each its own files: copy certificate and key to the paths that kubeadm uses for ${other.name}, name these with its flags in the manifest, and run again`,
    };
  }
  return undefined;
}

function pathsOf({ certificatePath, keyPath }: Credential): readonly string[] {
  return [normalPath(certificatePath), normalPath(keyPath)];
}

/** The lines are replaced by the path of kubelet's new file; without that kubelet would go on with the old certificate. */
function embeddedRefusal({ name }: Credential, { kubelet }: KubeadmHost): RefusePlan | undefined {
  if (name !== 'kubelet-client' || kubelet.kubeconfig?.method !== 'embedded' || kubelet.kubeconfig.lines)
    return undefined;
  return {
    action: 'refuse',
    code: 'kubelet-conf-form',
    reason:
      'certificate and key are embedded in kubelet.conf and not on lines of their own, so a reference to the new file cannot replace them',
    remedy:
      'rewrite kubelet.conf in the form that kubeadm uses (client-certificate-data and client-key-data on a line each, without a comment), and run again',
  };
}

/** What a component is told to read elsewhere would stay as it is, also behind a link, which a new file replaces. */
function unreadRefusal({ name, certificatePath }: Credential, host: KubeadmHost): RefusePlan | undefined {
  const reader = KUBECONFIGS.find((row) => row.name === name)?.readBy;
  const read = reader && podOf(host, reader)?.kubeconfig;
  if (reader === undefined || read === undefined || normalPath(read) === certificatePath) return undefined;
  return {
    action: 'refuse',
    code: 'leaf-layout',
    reason: `${name} is due, and ${reader} reads another file: ${read}, its --kubeconfig`,
    remedy: `move that file to ${certificatePath}, name this in the manifest (--kubeconfig, and its volume), and run again`,
  };
}
