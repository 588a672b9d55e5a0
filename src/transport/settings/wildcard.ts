/** A pattern of OpenSSH, of the whole text: `*` is any text, `?` any character (ssh_config(5), PATTERNS). */
export function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
