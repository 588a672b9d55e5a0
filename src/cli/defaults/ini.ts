import type { Problems } from '../../core/diagnostic.ts';
import type { Located, SourceFile, SourceRange } from '../../core/source.ts';

/** Sections by name, each with its values by key (in lower case). Lines of one value are joined by newlines. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, Located<string>>>;

/** The section whose values other sections inherit. */
const DEFAULT_SECTION = 'DEFAULT';

interface Line {
  /** The text without comments and surrounding space. */
  readonly text: string;
  readonly start: number;
  readonly indent: number;
  /** The line contains only a comment. */
  readonly isComment: boolean;
}

interface Value {
  readonly lines: string[];
  readonly start: number;
  end: number;
}

/**
 * Reads a file as Ansible reads ansible.cfg: Python's configparser with `inline_comment_prefixes=(';',)`, without interpolation. Syntax
 * errors are added to `problems`.
 */
export function readIni(source: SourceFile, problems: Problems): Ini {
  const sections = new Map<string, Map<string, Value>>();
  let section: Map<string, Value> | undefined;
  let value: Value | undefined;
  let indent = 0;
  for (const line of linesOf(source)) {
    if (line.text === '') {
      if (!line.isComment) value?.lines.push('');
      continue;
    }
    const range = source.range(line.start, line.start + line.text.length);
    if (section && value && line.indent > indent) {
      value.lines.push(line.text);
      value.end = range.end;
      continue;
    }
    ({ indent } = line);
    value = undefined;
    const [, header] = /^\[(.+)\]/.exec(line.text) ?? [];
    if (header !== undefined) {
      section = sectionNamed(header, sections, range, problems);
    } else if (section) {
      value = addSetting(line, section, range, problems);
    } else {
      problems.error('there is no section before this line', range, 'start the file with a section: [defaults]');
      return new Map();
    }
  }
  return located(sections, source);
}

function sectionNamed(
  name: string,
  sections: Map<string, Map<string, Value>>,
  range: SourceRange,
  problems: Problems,
): Map<string, Value> {
  if (sections.has(name) && name !== DEFAULT_SECTION)
    problems.error(`there are two sections [${name}]`, range, 'make one section of them');
  const section = sections.get(name) ?? new Map<string, Value>();
  sections.set(name, section);
  return section;
}

/** @returns its value, which the following lines may continue */
function addSetting(
  { text }: Line,
  section: Map<string, Value>,
  range: SourceRange,
  problems: Problems,
): Value | undefined {
  const [, name = '', written = ''] = /^(.*?)\s*[=:](.*)$/s.exec(text) ?? [];
  if (name === '') {
    problems.error('this is neither a section nor a setting', range, 'write it as: key = value');
    return undefined;
  }
  const key = name.toLowerCase();
  if (section.has(key)) problems.error(`${key} is set twice in this section`, range, 'remove one of them');
  const trimmed = written.trim();
  const value = { lines: [trimmed], start: range.end - trimmed.length, end: range.end };
  section.set(key, value);
  return value;
}

function* linesOf({ text }: SourceFile): Generator<Line> {
  let offset = 0;
  for (const line of text.split('\n')) {
    const isWhole = !/^\s*[#;]/.test(line);
    const inline = isWhole ? line.search(/(?<=\s);/) : 0;
    const kept = inline < 0 ? line : line.slice(0, inline);
    const indent = kept.search(/\S/);
    yield {
      text: kept.trim(),
      start: offset + Math.max(0, indent),
      indent: Math.max(0, indent),
      isComment: inline >= 0,
    };
    offset += line.length + 1;
  }
}

function located(sections: ReadonlyMap<string, ReadonlyMap<string, Value>>, source: SourceFile): Ini {
  const shared = sections.get(DEFAULT_SECTION) ?? new Map<string, Value>();
  const own = [...sections].filter(([name]) => name !== DEFAULT_SECTION);
  return new Map(
    own.map(([name, values]) => [
      name,
      new Map(
        [...shared, ...values].map(([key, { lines, start, end }]) => [
          key,
          { value: lines.join('\n').trimEnd(), range: source.range(start, end) },
        ]),
      ),
    ]),
  );
}
