import { starred } from '../../core/glob.ts';

/** A pattern of OpenSSH, of the whole text: `*` is any text, `?` any character (ssh_config(5), PATTERNS). */
export function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('?', '.'));
  return new RegExp(starred(parts));
}
