import type { FactRef } from '../../../src/core/fact.ts';
import { answer } from '../../../src/facts/answer.ts';
import { apiCertificates } from '../../../src/facts/api/api-certificates.ts';
import { clientAnswer } from '../../../src/facts/api/client-answer.ts';
import { kubeletLease } from '../../../src/facts/api/kubelet-lease.ts';
import { leases } from '../../../src/facts/api/leases.ts';
import { nodes, ownNode } from '../../../src/facts/api/nodes.ts';
import { workloads } from '../../../src/facts/api/workloads.ts';
import { backupAccess } from '../../../src/facts/backups/backup-access.ts';
import { backupLeaves } from '../../../src/facts/backups/backup-leaves.ts';
import { backupPlace } from '../../../src/facts/backups/backup-place.ts';
import { backups } from '../../../src/facts/backups/backups.ts';
import { unfinishedBackups } from '../../../src/facts/backups/unfinished-backups.ts';
import { consumers } from '../../../src/facts/certificates/consumers.ts';
import { givenKubeconfigs } from '../../../src/facts/certificates/given-kubeconfigs.ts';
import { homeKubeconfigs } from '../../../src/facts/certificates/home-kubeconfigs.ts';
import { keyProof } from '../../../src/facts/certificates/key-proof.ts';
import { kubernetesFiles } from '../../../src/facts/certificates/kubernetes-files.ts';
import { pendingRequests } from '../../../src/facts/certificates/pending-requests.ts';
import { provenPairs } from '../../../src/facts/certificates/proven-pairs.ts';
import { served } from '../../../src/facts/certificates/served.ts';
import { copyPlace } from '../../../src/facts/files/copy-place.ts';
import { existingPaths } from '../../../src/facts/files/existing-paths.ts';
import { filePart } from '../../../src/facts/files/file-part.ts';
import { fileStates } from '../../../src/facts/files/file-states.ts';
import { remoteFile } from '../../../src/facts/files/remote-file.ts';
import { hostLock } from '../../../src/facts/host/host-lock.ts';
import { hostPrograms } from '../../../src/facts/host/host-programs.ts';
import { kubeadmBinary } from '../../../src/facts/host/kubeadm-binary.ts';
import { lostRunScript } from '../../../src/facts/host/lost-run-script.ts';
import { permission } from '../../../src/facts/host/permission.ts';
import { system } from '../../../src/facts/host/system.ts';
import { etcdMember } from '../../../src/facts/processes/etcd-member.ts';
import { etcdRemoval } from '../../../src/facts/processes/etcd-removal.ts';
import { kubeletUnit } from '../../../src/facts/processes/kubelet-unit.ts';
import { openPort } from '../../../src/facts/processes/open-port.ts';
import { processes } from '../../../src/facts/processes/processes.ts';
import { readerEvidence } from '../../../src/facts/processes/reader-evidence.ts';
import { runtimeSocket } from '../../../src/facts/processes/runtime-socket.ts';
import { serviceState } from '../../../src/facts/processes/service-state.ts';
import { staticPodProcesses } from '../../../src/facts/processes/static-pod-processes.ts';

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
  'unfinished-backups.ts': [unfinishedBackups('/var/backups/kplay')],
  'api-certificates.ts': [apiCertificates],
  'client-answer.ts': [clientAnswer('/etc/kubernetes/admin.conf')],
  'consumers.ts': [consumers],
  'etcd-member.ts': [etcdMember('127.0.0.1', 2381)],
  'etcd-removal.ts': [etcdRemoval],
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
  'kubelet-unit.ts': [kubeletUnit],
  'leases.ts': [leases],
  'lost-run-script.ts': [lostRunScript],
  'nodes.ts': [nodes, ownNode('worker-1')],
  'open-port.ts': [openPort('127.0.0.1', 6443)],
  'permission.ts': [permission({ user: 'x', groups: ['y'], verb: 'get', resource: 'nodes', subresource: 'proxy' })],
  'pending-requests.ts': [pendingRequests],
  'processes.ts': [processes],
  'proven-pairs.ts': [
    provenPairs([['/etc/kubernetes/pki/apiserver.crt', '/etc/kubernetes/pki/apiserver.key']], 'a question'),
  ],
  'reader-evidence.ts': [readerEvidence('kubelet'), readerEvidence('etcd')],
  'remote-file.ts': [remoteFile('/etc/passwd')],
  'runtime-socket.ts': [runtimeSocket('/run/containerd/containerd.sock')],
  'served.ts': [served('127.0.0.1', 6443)],
  'service-state.ts': [serviceState('kubelet')],
  'static-pod-processes.ts': [staticPodProcesses],
  'system.ts': [system],
  'workloads.ts': [workloads],
};

/** Files of src/facts that hold no fact, but what facts share. */
export const SHARED_FILES: readonly string[] = [
  'control-group.ts',
  'file-dump.ts',
  'guarded-path.ts',
  'kubelet-pods.ts',
  'one-line.ts',
  'process-clocks.ts',
  'public-data.ts',
  'static-pod-path.ts',
];
