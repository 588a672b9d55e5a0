import type { RoleVariables, VariableTrees } from '../model.ts';

/** The variables of a role that is being read, for the roles that it uses. */
export interface RoleInUse extends RoleVariables {
  /** Those given where it is used. */
  readonly given: VariableTrees;
}

/** Variables of files, of which later ones take precedence. */
export function merged(all: readonly RoleVariables[]): RoleVariables {
  return {
    defaults: new Map(all.flatMap(({ defaults }) => [...defaults])),
    vars: new Map(all.flatMap(({ vars }) => [...vars])),
  };
}

/**
 * What the tasks of a role see, as in Ansible: also the variables of the roles that use it, and those of its dependencies.
 * @param users the roles that use it, the outermost first
 * @param dependencies what these show, in their order
 */
export function seenBy(
  { defaults, vars, given }: RoleInUse,
  users: readonly RoleInUse[],
  dependencies: readonly RoleVariables[],
): RoleVariables {
  const below = merged(dependencies);
  return {
    defaults: new Map([below, ...users].flatMap((one) => [...one.defaults]).concat([...defaults])),
    // What is given to a role that uses this one is weaker than the files of that role.
    vars: new Map([...users.flatMap((user) => [...user.given, ...user.vars]), ...below.vars, ...vars, ...given]),
  };
}
