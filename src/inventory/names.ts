import { isAscii } from '../core/letters.ts';
import { isIpv6 } from './address.ts';

/** Why this is not a valid name of a group, as the end of a sentence; undefined if it is valid. */
export function groupNameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (/^[.-]*$/.test(name)) return 'contains no letter and no digit';
  if (name.startsWith('-')) return 'begins with -';
  // Others may have a meaning in patterns, paths or shells.
  const foreign = (isAscii(name) ? /[^\w.%+-]/ : /[^\p{L}\p{N}._%+-]/u).exec(name)?.[0];
  if (foreign === undefined) return undefined;
  return /\s|\p{C}/u.test(foreign) ? 'contains white space or a control character' : `holds ${foreign}`;
}

/** Why this is not a valid name of a host; undefined if it is valid, as an IPv6 address without brackets is. */
export function hostNameProblem(name: string): string | undefined {
  return isIpv6(name) ? undefined : groupNameProblem(name);
}
