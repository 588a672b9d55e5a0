import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { administrator, kubectlMessage, whyUnusable } from '../api/nodes.ts';

/** Whether the API would allow a user an action. */
export type Permission =
  | { readonly state: 'permitted' }
  | { readonly state: 'forbidden' }
  | { readonly state: 'cannot ask'; readonly reason: string };

interface PermissionParams {
  readonly [key: string]: string | readonly string[];
  readonly user: string;
  readonly groups: readonly string[];
  readonly verb: string;
  readonly resource: string;
  readonly subresource: string;
}

const permissionFact: Fact<PermissionParams, Permission> = {
  name: 'permission',
  summary: 'whether a user may do something',
  probe({ user, groups, verb, resource, subresource }) {
    // `nodes/proxy` would be a node of that name.
    const as = ['--as', user, ...groups.flatMap((group) => ['--as-group', group])];
    return { script: administrator(sh`auth can-i ${verb} ${resource} --subresource ${subresource} ${as}`) };
  },
  // The first word is yes or no; a no ends with exit code 1.
  parse({ stdout, stderr, exitCode }) {
    const problem = whyUnusable(exitCode);
    if (problem !== undefined) return { state: 'cannot ask', reason: problem };
    const [, word] = /^(yes|no)\b/.exec(stdout.trim()) ?? [];
    if (word === 'yes') return { state: 'permitted' };
    return word === 'no'
      ? { state: 'forbidden' }
      : { state: 'cannot ask', reason: kubectlMessage({ stderr, exitCode }) };
  },
};

/** Asks in the administrator's name whether this user, in these groups, may do that to the resource; nothing is done. */
export function permission(question: PermissionParams): FactRef<Permission> {
  return factRef(permissionFact, question);
}
