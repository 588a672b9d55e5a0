import { isIpv6 } from './address.ts';

/** Characters that may have a meaning in patterns, paths or shells. */
const FOREIGN = /[^\p{L}\p{N}._%+-]/u;
const VARIABLE = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** Why this is not a valid name of a group, as the end of a sentence; undefined if it is valid. */
export function groupNameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (/^[.-]*$/.test(name)) return 'contains no letter and no digit';
  if (name.startsWith('-')) return 'begins with -';
  const foreign = FOREIGN.exec(name)?.[0];
  if (foreign === undefined) return undefined;
  return /\s|\p{C}/u.test(foreign) ? 'contains white space or a control character' : `holds ${foreign}`;
}

/** Why this is not a valid name of a host; undefined if it is valid, as an IPv6 address without brackets is. */
export function hostNameProblem(name: string): string | undefined {
  return isIpv6(name) ? undefined : groupNameProblem(name);
}

/** Whether a template can use the name unchanged. */
export function isVariableName(name: string): boolean {
  return VARIABLE.test(name);
}
