import { starred } from '../../core/glob.ts';

/** A pattern of OpenSSH, of the whole text: `*` is any text, `?` any character (ssh_config(5), PATTERNS). */
export function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('?', '.'));
  return new RegExp(starred(parts));
}

/** A list of such patterns (`*.example.org`, `!bastion.example.org`): one of them matches, and none of the negated ones does. */
export function patternList(patterns: readonly string[]): (name: string) => boolean {
  const positive = patterns.filter((pattern) => !pattern.startsWith('!')).map(wildcard);
  const negative = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => wildcard(pattern.slice(1)));
  return (name) => positive.some((pattern) => pattern.test(name)) && !negative.some((pattern) => pattern.test(name));
}
