import type { CERTIFICATE_PROBLEMS } from './certificates.ts';
import type { CLUSTER_PROBLEMS } from './clusters.ts';
import type { CONNECTION_PROBLEMS } from './connections.ts';
import type { HOST_PROBLEMS } from './hosts.ts';
import type { TASK_PROBLEMS } from './tasks.ts';

/**
 * The code of a refusal or failure: none exists without an explanation in docs/troubleshooting.md. A published code keeps its
 * meaning.
 */
export type ProblemCode = keyof (typeof CONNECTION_PROBLEMS &
  typeof HOST_PROBLEMS &
  typeof CERTIFICATE_PROBLEMS &
  typeof CLUSTER_PROBLEMS &
  typeof TASK_PROBLEMS);
