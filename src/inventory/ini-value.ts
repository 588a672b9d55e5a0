import type { Problems } from '../core/diagnostic.ts';
import type { Json } from '../core/json.ts';
import type { SourceRange } from '../core/source.ts';
import type { Assignment } from './inventory.ts';
import { parsePythonLiteral } from './python-literal.ts';

/** The value that Ansible gives a text of an INI inventory: that of a Python literal, else the text. */
export function readIniValue(text: string): Json {
  const literal = parsePythonLiteral(text);
  return literal === undefined ? text : literal;
}

/** Reads a line of a `:vars` section: the name before the first `=`, and the value up to the line's end. */
export function readIniVariable(text: string, range: SourceRange, problems: Problems): Assignment | undefined {
  const equals = text.indexOf('=');
  if (equals < 0) {
    problems.error(`'${text}' is not key=value`, range, 'write one variable on each line');
    return undefined;
  }
  const name = text.slice(0, equals).trim();
  const written = text.slice(equals + 1).trim();
  const start = written === '' ? range.end : range.start + text.indexOf(written, equals + 1);
  const value = { value: readIniValue(written), range: range.file.range(start, start + written.length) };
  const hash = value.value === written ? written.search(/\s#/) : -1;
  if (hash >= 0) {
    const at = range.file.range(start + hash + 1, range.end);
    const hint = 'in a :vars section a comment needs a line of its own';
    problems.warning('this # does not start a comment: it is part of the value', at, hint);
  }
  return { name: { value: name, range: range.file.range(range.start, range.start + name.length) }, value };
}
