import type { Registry } from '../core/registry.ts';
import type { Step } from '../core/step.ts';
import { assert } from './assert.ts';
import { certsBackup } from './certs-backup.ts';
import { certsBackups } from './certs-backups.ts';
import { certsCheck } from './certs-check.ts';
import { certsDelete } from './certs-delete.ts';
import { certsInstall } from './certs-install.ts';
import { certsRegenerate } from './certs-regenerate.ts';
import { certsRequest } from './certs-request.ts';
import { certsRestore } from './certs-restore.ts';
import { certsTidy } from './certs-tidy.ts';
import { clusterVerify } from './cluster-verify.ts';
import { command } from './command.ts';
import { controlPlaneRestart } from './control-plane-restart.ts';
import { copy } from './copy.ts';
import { debug } from './debug.ts';
import { kubeconfigRegenerate } from './kubeconfig-regenerate.ts';
import { kubeletBootstrap } from './kubelet-bootstrap.ts';
import { kubeletRegenerate } from './kubelet-regenerate.ts';
import { service } from './service.ts';
import { setFact } from './set-fact.ts';
import { shell } from './shell.ts';
import { controlPlane } from './strategies/control-plane.ts';
import { waitFor } from './wait-for.ts';

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
  setFact,
  waitFor,
];

/** Everything that a playbook can name. A new step is one file here and one line above. */
export const registry: Registry = {
  steps: new Map(STEPS.map((step) => [step.name, step])),
  strategies: new Map([controlPlane].map((strategy) => [strategy.name, strategy])),
};
