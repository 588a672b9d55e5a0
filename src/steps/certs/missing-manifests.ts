import { baseName } from '../../core/host-path.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { COMPONENTS, type Component, type CredentialName } from '../../kubeadm/table.ts';

/** A host that has it is meant to run the component. */
const OWN: Readonly<Record<Component, CredentialName>> = {
  etcd: 'etcd-server',
  'kube-apiserver': 'apiserver',
  'kube-controller-manager': 'controller-manager.conf',
  'kube-scheduler': 'scheduler.conf',
};

/**
 * Warns about a master that has the certificate of a component, but no manifest that kubelet could run it from: what does not run is
 * neither restarted nor proven. What cannot be read is told elsewhere.
 */
export function missingManifestWarnings(host: KubeadmHost): readonly PlanWarning[] {
  const { role, hidden, manifestsDirectory, credentials, staticPods, otherManifests } = host;
  if (role !== 'control-plane' || hidden) return [];
  const running = new Set<string>(staticPods.map(({ component }) => component));
  // Its command may be a form of its own, as in a script that starts it.
  for (const { pod, path } of otherManifests) if (pod !== undefined) running.add(baseName(path).replace(/\.yaml$/, ''));
  const missing = COMPONENTS.filter(
    (component) =>
      !running.has(component) && credentials.some(({ name, files }) => name === OWN[component] && files.length > 0),
  );
  if (missing.length === 0) return [];
  const [manifest, it] = missing.length === 1 ? ['manifest', 'it'] : ['manifests', 'them'];
  return [
    {
      message: `kubelet does not run ${missing.join(', ')}: ${manifestsDirectory} has no ${manifest} of ${it}`,
      remedy: `move the ${manifest} back there, or restore ${it} from a backup; what does not run is neither restarted nor proven`,
    },
  ];
}
