import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { sh } from '../../core/shell.ts';
import { administrator, complaint, notAsked } from '../api/nodes.ts';

/** Whether the API would let somebody do something. */
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
  // It says yes or no in its first word, and ends with 1 for a no.
  parse({ stdout, stderr, exitCode }) {
    const hindrance = notAsked(exitCode);
    if (hindrance !== undefined) return { state: 'cannot ask', reason: hindrance };
    const [, word] = /^(yes|no)\b/.exec(stdout.trim()) ?? [];
    if (word === 'yes') return { state: 'permitted' };
    return word === 'no' ? { state: 'forbidden' } : { state: 'cannot ask', reason: complaint({ stderr, exitCode }) };
  },
};

/** May this user, in these groups, do that to the resource? Asked in the administrator's name; nothing is done. */
export function permission(question: {
  readonly user: string;
  readonly groups: readonly string[];
  readonly verb: string;
  readonly resource: string;
  readonly subresource: string;
}): FactRef<Permission> {
  return factRef(permissionFact, { ...question });
}
