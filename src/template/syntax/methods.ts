/** Replacements for methods of Python's values that users of Ansible know; `…` stands for the value. */
const REPLACEMENTS: ReadonlyMap<string, string> = new Map([
  ['append', '… + [item]'],
  ['capitalize', '… | capitalize'],
  ['count', "… | split('text') | length - 1, and of a list: select('eq', item) | length"],
  ['encode', '… | b64encode'],
  ['endswith', '… is endswith(suffix)'],
  ['extend', '… + other'],
  ['find', 'text in …, without the comparison; for == -1: text not in it'],
  ['format', "a ~ '-' ~ b: nothing fills the braces of a text"],
  ['get', "…['key'] | default(value)"],
  ['index', 'item == …[0], as only the first and the last place can be told'],
  ['isdigit', "… is match('[0-9]+$')"],
  ['items', '… | dict2items'],
  ['join', 'list | join(…)'],
  ['keys', '… | list'],
  ['lower', '… | lower'],
  ['lstrip', "… | regex_replace('^[characters]+', ''), with \\s for white space"],
  ['replace', '… | replace(old, new)'],
  ['rstrip', "… | regex_replace('[characters]+$', ''), with \\s for white space"],
  ['split', '… | split(separator)'],
  ['splitlines', "… | regex_findall('[^\\n]+'), which leaves out empty lines"],
  ['startswith', '… is startswith(prefix)'],
  ['strip', '… | trim, or trim(characters)'],
  ['title', '… | title'],
  ['update', '… | combine(other)'],
  ['upper', '… | upper'],
  ['values', "… | dict2items | map(attribute='value')"],
]);

/** The hint for `subject.method()`. */
export function methodReplacement(method: string, subject = 'value'): string {
  const replacement = REPLACEMENTS.get(method);
  return replacement ? `write: ${replacement.replace('…', () => subject)}` : 'use a filter: value | filter';
}
