/** What always helps. */
export const VARIABLE = 'provide its result as a variable: vars_files, or -e';

/** A time that was written into a variable would soon be old. */
const DATES =
  'certs.check reports how long certificates are valid; for other times register what date prints: seconds with date +%s, or date -d TEXT +%s';

/** Functions, filters and tests of Ansible and Jinja that kplay does not have, by kind and name, with their replacements. */
const REPLACEMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  function: {
    now: 'certs.check reports how long certificates are valid; for other times register the output of command: date',
    dict: "write {'key': value}, or use items2dict",
  },
  filter: {
    to_datetime: DATES,
    strftime: DATES,
    json_query: 'use selectattr, map and the members of mappings',
    product: 'use with_nested in the task',
    splitext: 'use regex_replace or regex_search',
    urlsplit: 'use regex_replace or regex_search',
    checksum: "write hash('sha1')",
    format: "join the parts: a ~ '-' ~ b",
    batch: VARIABLE,
    groupby: VARIABLE,
    human_to_bytes: VARIABLE,
    random: VARIABLE,
    zip_longest: VARIABLE,
    md5: "write hash('md5')",
    sha1: "write hash('sha1')",
    items: 'write dict2items, and item.key, item.value',
    path_join: "join the parts: a ~ '/' ~ b",
    fileglob: 'use with_fileglob in the task',
    pow: 'write a ** b',
    root: 'write a ** 0.5',
    // Of these, a filter with a similar name would be suggested.
    e: VARIABLE,
    from_yaml_all: VARIABLE,
    urldecode: VARIABLE,
    urlencode: VARIABLE,
    win_basename: VARIABLE,
  },
  test: {
    sameas: 'write == instead, or: is true, is false, is none',
  },
};

/** The replacement for a function, filter or test that kplay does not have; undefined for an unknown name. */
export function replacementFor(kind: string, name: string): string | undefined {
  const ofKind = REPLACEMENTS[kind] ?? {};
  return Object.hasOwn(ofKind, name) ? ofKind[name] : undefined;
}
