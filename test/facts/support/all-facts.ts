import type { FactRef } from '../../../src/core/fact.ts';
import { answer } from '../../../src/facts/answer.ts';
import { apiCertificates } from '../../../src/facts/api-certificates.ts';
import { backupAccess } from '../../../src/facts/backup-access.ts';
import { backupLeaves } from '../../../src/facts/backup-leaves.ts';
import { backupPlace } from '../../../src/facts/backup-place.ts';
import { backups } from '../../../src/facts/backups.ts';
import { clientAnswer } from '../../../src/facts/client-answer.ts';
import { consumers } from '../../../src/facts/consumers.ts';
import { copyPlace } from '../../../src/facts/copy-place.ts';
import { etcdMember } from '../../../src/facts/etcd-member.ts';
import { existingPaths } from '../../../src/facts/existing-paths.ts';
import { filePart } from '../../../src/facts/file-part.ts';
import { fileStates } from '../../../src/facts/file-states.ts';
import { givenKubeconfigs } from '../../../src/facts/given-kubeconfigs.ts';
import { homeKubeconfigs } from '../../../src/facts/home-kubeconfigs.ts';
import { hostLock } from '../../../src/facts/host-lock.ts';
import { hostPrograms } from '../../../src/facts/host-programs.ts';
import { keyProof } from '../../../src/facts/key-proof.ts';
import { kubeadmBinary } from '../../../src/facts/kubeadm-binary.ts';
import { kubeletLease } from '../../../src/facts/kubelet-lease.ts';
import { kubernetesFiles } from '../../../src/facts/kubernetes-files.ts';
import { leases } from '../../../src/facts/leases.ts';
import { lostRunScript } from '../../../src/facts/lost-run-script.ts';
import { nodes, ownNode } from '../../../src/facts/nodes.ts';
import { openPort } from '../../../src/facts/open-port.ts';
import { pendingRequests } from '../../../src/facts/pending-requests.ts';
import { permission } from '../../../src/facts/permission.ts';
import { processes } from '../../../src/facts/processes.ts';
import { readerEvidence } from '../../../src/facts/reader-evidence.ts';
import { remoteFile } from '../../../src/facts/remote-file.ts';
import { runtimeSocket } from '../../../src/facts/runtime-socket.ts';
import { served } from '../../../src/facts/served.ts';
import { serviceState } from '../../../src/facts/service-state.ts';
import { system } from '../../../src/facts/system.ts';
import { workloads } from '../../../src/facts/workloads.ts';

/** Every fact there is, by its file, with some question. */
export const ALL_FACTS: Readonly<Record<string, readonly FactRef[]>> = {
  'answer.ts': [answer({ kind: 'https', address: '127.0.0.1', port: 6443, path: '/readyz' })],
  'backup-access.ts': [backupAccess('/var/backups/kplay')],
  'backup-leaves.ts': [
    backupLeaves({
      id: 'a',
      host: 'm1',
      createdAt: '2026-11-24T12:00:00.000Z',
      directory: '/var/backups/kplay/a',
      files: [
        '/etc/kubernetes/pki/apiserver.crt',
        '/etc/kubernetes/pki/apiserver.key',
        '/etc/kubernetes/admin.conf',
      ].map((path) => ({ path, sha256: '', mode: '0600', uid: 0, gid: 0 })),
      damaged: [],
    }),
  ],
  'backup-place.ts': [backupPlace('/var/backups/kplay')],
  'backups.ts': [backups('/var/backups/kplay')],
  'api-certificates.ts': [apiCertificates],
  'client-answer.ts': [clientAnswer('/etc/kubernetes/admin.conf')],
  'consumers.ts': [consumers],
  'etcd-member.ts': [etcdMember('127.0.0.1', 2381)],
  'copy-place.ts': [copyPlace('/etc/motd', 'root', 'root')],
  'existing-paths.ts': [existingPaths(['/etc/pass*', '/dev/null'])],
  'file-part.ts': [filePart({ path: '/var/lib/etcd/member/snap/db', blockSize: 4096, block: 0, count: 2 })],
  'file-states.ts': [fileStates(['/etc/passwd', '/etc/shadow'])],
  'given-kubeconfigs.ts': [givenKubeconfigs(['/home/ops/.kube/config', '/nowhere/config'])],
  'home-kubeconfigs.ts': [homeKubeconfigs(['root', 'ops'])],
  'host-lock.ts': [hostLock],
  'host-programs.ts': [hostPrograms],
  'key-proof.ts': [keyProof('/etc/kubernetes/pki/apiserver.key', 'a question')],
  'kubeadm-binary.ts': [kubeadmBinary],
  'kubelet-lease.ts': [kubeletLease('worker-1')],
  'kubernetes-files.ts': [kubernetesFiles],
  'leases.ts': [leases],
  'lost-run-script.ts': [lostRunScript],
  'nodes.ts': [nodes, ownNode('worker-1')],
  'open-port.ts': [openPort('127.0.0.1', 6443)],
  'permission.ts': [permission({ user: 'x', groups: ['y'], verb: 'get', resource: 'nodes', subresource: 'proxy' })],
  'pending-requests.ts': [pendingRequests],
  'processes.ts': [processes],
  'reader-evidence.ts': [readerEvidence('kubelet'), readerEvidence('etcd')],
  'remote-file.ts': [remoteFile('/etc/passwd')],
  'runtime-socket.ts': [runtimeSocket('/run/containerd/containerd.sock')],
  'served.ts': [served('127.0.0.1', 6443)],
  'service-state.ts': [serviceState('kubelet')],
  'system.ts': [system],
  'workloads.ts': [workloads],
};

/** Files of src/facts that hold no fact, but what facts share. */
export const SHARED_FILES: readonly string[] = ['control-group.ts', 'file-dump.ts', 'guarded-path.ts', 'one-line.ts'];
