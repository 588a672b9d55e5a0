import type { Json } from '../../core/json.ts';
import { Complaint } from '../errors.ts';
import { allMatches, firstMatch, groupOf, parseGroup, replaceMatches } from '../regex/regex.ts';
import { flag, integer, text } from '../shape.ts';
import { type Filter, filter, required, rest, withDefault } from '../signature.ts';

const options = { multiline: withDefault(flag, false), ignorecase: withDefault(flag, false) };

export const REGEX_FILTERS: readonly Filter[] = [
  filter(
    'regex_replace',
    text,
    {
      pattern: required(text),
      replacement: withDefault(text, ''),
      ignorecase: withDefault(flag, false),
      multiline: withDefault(flag, false),
      count: withDefault(integer, 0),
    },
    (value, { pattern, replacement, ignorecase: ignoreCase, multiline, count }, { budget }) => {
      const limit = count > 0 ? { maximum: count } : {};
      return replaceMatches(value, pattern, replacement, { ignoreCase, multiline, ...limit }, budget);
    },
  ),
  filter(
    'regex_search',
    text,
    { regex: required(text), groups: rest(text), ...options },
    (value, { regex, groups, ignorecase: ignoreCase, multiline }, { budget }) => {
      const match = firstMatch(value, regex, { ignoreCase, multiline }, budget);
      if (!match) return null;
      return groups.length === 0 ? match[0] : groups.map((group) => groupOf(match, groupName(group)) ?? null);
    },
  ),
  filter(
    'regex_findall',
    text,
    { regex: required(text), ...options },
    (value, { regex, multiline, ignorecase: ignoreCase }, { budget }) =>
      allMatches(value, regex, { ignoreCase, multiline }, budget).map(found),
  ),
  filter('regex_escape', text, {}, (value) => value.replace(PYTHON_ESCAPES, '\\$&')),
];

/** What `re.escape` escapes. */
const PYTHON_ESCAPES = /[\\^$.*+?()[\]{}|\-&#~ \t\n\r\v\f]/g;

/** As in Python's `re.findall`: the match, its only group, or all of its groups. */
function found(match: RegExpExecArray): Json {
  const [whole, ...groups] = match;
  const [first = '', ...others] = groups.map((group) => group ?? '');
  if (groups.length === 0) return whole;
  return others.length === 0 ? first : [first, ...others];
}

function groupName(reference: string): string {
  const name = parseGroup(reference);
  if (name !== undefined) return name;
  throw new Complaint(`filter 'regex_search': '${reference}' names no group`, String.raw`write '\1' or '\g<name>'`);
}
