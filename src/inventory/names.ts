import { isIpv6 } from './address.ts';

/** What patterns, paths and shells give no meaning to. */
const FOREIGN = /[^\p{L}\p{N}._%+-]/u;
const VARIABLE = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** Why this cannot be the name of a group, as the end of a sentence; undefined when it can. */
export function groupNameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (/^[.-]*$/.test(name)) return 'contains no letter and no digit';
  if (name.startsWith('-')) return 'begins with -';
  const foreign = FOREIGN.exec(name)?.[0];
  if (foreign === undefined) return undefined;
  return /\s|\p{C}/u.test(foreign) ? 'contains white space or a control character' : `holds ${foreign}`;
}

/** Why this cannot be the name of a host; undefined when it can. An IPv6 address can, without brackets. */
export function hostNameProblem(name: string): string | undefined {
  return isIpv6(name) ? undefined : groupNameProblem(name);
}

/** True for a name that a template can use as it is. */
export function isVariableName(name: string): boolean {
  return VARIABLE.test(name);
}
