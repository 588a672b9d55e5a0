import { CERTIFICATE_PROBLEMS } from './certificates.ts';
import { CLUSTER_PROBLEMS } from './clusters.ts';
import type { ProblemCode } from './code.ts';
import { CONNECTION_PROBLEMS } from './connections.ts';
import { HOST_PROBLEMS } from './hosts.ts';
import type { Problem } from './problem.ts';
import { TASK_PROBLEMS } from './tasks.ts';

/** Every refusal and failure of a host, a cluster or a task, in the groups of docs/troubleshooting.md. */
export const PROBLEM_GROUPS: readonly {
  readonly title: string;
  readonly problems: Readonly<Record<string, Problem>>;
}[] = [
  { title: 'A host was not reached', problems: CONNECTION_PROBLEMS },
  { title: 'A host', problems: HOST_PROBLEMS },
  { title: 'Certificates and backups', problems: CERTIFICATE_PROBLEMS },
  { title: 'A cluster', problems: CLUSTER_PROBLEMS },
  { title: 'A task of the playbook', problems: TASK_PROBLEMS },
];

/** By code. */
export const PROBLEMS: Readonly<Record<ProblemCode, Problem>> = {
  ...CONNECTION_PROBLEMS,
  ...HOST_PROBLEMS,
  ...CERTIFICATE_PROBLEMS,
  ...CLUSTER_PROBLEMS,
  ...TASK_PROBLEMS,
};
