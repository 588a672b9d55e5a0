import type { Problems } from '../core/diagnostic.ts';
import type { SourceFile, SourceRange } from '../core/source.ts';

/** A content line of an iCalendar file (RFC 5545, 3.1), unfolded. */
export interface IcalLine {
  /** In upper case. */
  readonly name: string;
  /** By their names in upper case, without quotes. */
  readonly params: ReadonlyMap<string, string>;
  readonly value: string;
  /** Its first line in the file. */
  readonly range: SourceRange;
}

/** A component: the lines between its BEGIN and its END. */
export interface IcalComponent {
  /** In upper case. */
  readonly name: string;
  readonly lines: readonly IcalLine[];
  readonly components: readonly IcalComponent[];
  readonly range: SourceRange;
}

const LINE = /^([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)$/s;
const PARAM = /;([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:])*)/g;

/** The components of a file. Other lines are reported to `problems`. */
export function readIcal(file: SourceFile, problems: Problems): readonly IcalComponent[] {
  interface Open {
    readonly begin: IcalLine;
    readonly name: string;
    readonly lines: IcalLine[];
    readonly components: IcalComponent[];
  }
  const whole: IcalComponent[] = [];
  const open: Open[] = [];
  for (const line of contentLines(file, problems)) {
    const name = line.value.trim().toUpperCase();
    const current = open.at(-1);
    if (line.name === 'BEGIN') open.push({ begin: line, name, lines: [], components: [] });
    else if (line.name === 'END') {
      if (current?.name !== name) {
        problems.error(`END:${line.value} has no matching BEGIN`, line.range, 'export the calendar again');
        return [];
      }
      open.pop();
      const { lines, components, begin } = current;
      (open.at(-1)?.components ?? whole).push({ name, lines, components, range: begin.range });
    } else if (current) current.lines.push(line);
    else problems.error(`${line.name} is outside of BEGIN:VCALENDAR`, line.range, 'export the calendar again');
  }
  for (const { begin, name } of open)
    problems.error(`BEGIN:${name} has no end: the file is truncated`, begin.range, 'export the calendar again');
  return whole;
}

/** A line that begins with a space or a tab continues the previous one. */
function contentLines(file: SourceFile, problems: Problems): readonly IcalLine[] {
  const found: { text: string; readonly range: SourceRange }[] = [];
  let at = 0;
  for (const physical of file.text.split('\n')) {
    const text = physical.replace(/\r$/, '');
    const last = found.at(-1);
    if (/^[ \t]/.test(text) && last) last.text += text.slice(1);
    else if (text !== '') found.push({ text, range: file.range(at, at + text.length) });
    at += physical.length + 1;
  }
  return found.flatMap(({ text, range }) => {
    const [, name, params = '', value] = LINE.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      problems.error(
        'this is not a line of an iCalendar file',
        range,
        'it is NAME:VALUE, or NAME;PARAMETER=VALUE:VALUE',
      );
      return [];
    }
    const pairs = [...params.matchAll(PARAM)].map(
      ([, key = '', paramValue = '']) => [key.toUpperCase(), paramValue.replaceAll('"', '')] as const,
    );
    return [{ name: name.toUpperCase(), params: new Map(pairs), value, range }];
  });
}
