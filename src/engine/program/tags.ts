/** `--tags` and `--skip-tags`. */
export interface TagSelection {
  /** Empty: all. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** No selection: all tasks but those tagged `never`. */
export const ALL_TAGS: TagSelection = { only: [], skip: [] };

/** Whether a task with these tags is to run; `always` and `never` as in Ansible. */
export function isSelected(tags: readonly string[], { only, skip }: TagSelection): boolean {
  const has = (names: readonly string[], tag: string): boolean => names.includes(tag);
  if (has(skip, 'all')) {
    if (!has(tags, 'always') || has(skip, 'always')) return false;
  } else if (tags.some((tag) => has(skip, tag)) || (has(skip, 'tagged') && tags.length > 0)) return false;
  if (has(skip, 'untagged') && tags.length === 0) return false;
  if (has(tags, 'always')) return true;
  const named = tags.some((tag) => has(only, tag));
  if (has(tags, 'never')) return named;
  if (only.length === 0 || has(only, 'all') || named) return true;
  return (has(only, 'tagged') && tags.length > 0) || (has(only, 'untagged') && tags.length === 0);
}
