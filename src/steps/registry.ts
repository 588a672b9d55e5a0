import type { Registry } from '../core/registry.ts';
import type { Step } from '../core/step.ts';
import { certsBackup } from './certs/certs-backup.ts';
import { certsBackups } from './certs/certs-backups.ts';
import { certsCheck } from './certs/certs-check.ts';
import { certsDelete } from './certs/certs-delete.ts';
import { certsInstall } from './certs/certs-install.ts';
import { certsRegenerate } from './certs/certs-regenerate.ts';
import { certsRequest } from './certs/certs-request.ts';
import { certsRestore } from './certs/certs-restore.ts';
import { certsTidy } from './certs/certs-tidy.ts';
import { clusterVerify } from './cluster/cluster-verify.ts';
import { controlPlaneRestart } from './control-plane/control-plane-restart.ts';
import { assert } from './general/assert.ts';
import { command } from './general/command.ts';
import { copy } from './general/copy.ts';
import { debug } from './general/debug.ts';
import { includeVars } from './general/include-vars.ts';
import { service } from './general/service.ts';
import { setFact } from './general/set-fact.ts';
import { shell } from './general/shell.ts';
import { waitFor } from './general/wait-for.ts';
import { kubeconfigRegenerate } from './kubeconfig/kubeconfig-regenerate.ts';
import { kubeletBootstrap } from './kubelet/kubelet-bootstrap.ts';
import { kubeletRegenerate } from './kubelet/kubelet-regenerate.ts';
import { controlPlane } from './strategies/control-plane.ts';

const STEPS: readonly Step[] = [
  certsCheck,
  certsBackup,
  certsDelete,
  certsRegenerate,
  kubeconfigRegenerate,
  kubeletRegenerate,
  controlPlaneRestart,
  kubeletBootstrap,
  clusterVerify,
  certsRequest,
  certsInstall,
  certsTidy,
  certsRestore,
  certsBackups,
  command,
  shell,
  copy,
  service,
  assert,
  debug,
  includeVars,
  setFact,
  waitFor,
];

/** Everything that a playbook can name. A new step needs one file and one line above. */
export const registry: Registry = {
  steps: new Map(STEPS.map((step) => [step.name, step])),
  strategies: new Map([controlPlane].map((strategy) => [strategy.name, strategy])),
};
