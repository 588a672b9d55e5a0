/** `prod-m1, prod-m2`; a long list is cut: `w1, w2, w3, w4 and 96 more`. */
export function nameList(names: readonly string[], limit = 8): string {
  if (names.length <= limit) return names.join(', ');
  const shown = limit - 1;
  return `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;
}
