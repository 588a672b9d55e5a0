/** Finds secrets in texts from users and hosts, so that these can be shown without them. */

/** The replacement for a secret. */
const HIDDEN = '***';

/** A range `[start, end)` of a line. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface MaskedLine {
  readonly text: string;
  /** The hidden parts. */
  readonly hidden: readonly string[];
  /** The column in `text` of a column (from 0) of the original line. */
  column(original: number): number;
}

/** The parts of a line to hide, and the column of its last secret name, whose value may continue on the next lines. */
export interface LineSecrets {
  readonly spans: readonly Span[];
  readonly column: number | undefined;
}

export const NOTHING: LineSecrets = { spans: [], column: undefined };

/**
 * Names of secrets, including misspelt passwords, but not names of files with secrets (`…_file`, `…KeyFile`). A name is taken as a
 * whole, so that one that a host has made very long is read once. `ssl_certificate_key` is a path; `certificateKey` is what kubeadm
 * encrypts the CAs with.
 */
const SECRET_NAME = String.raw`(?![\w.-]*(?:[-_]|key)file(?![\w.-]))(?=(?<word>[\w.-]*(?:pas+w(?:or?|r)?[dt]|passphrase|secret|token|credential|authorization|cookie|api[_-]?key|private[_-]?key|(?<!ssl_)certificate[_-]?key|key-data|(?:\b|_)pass\b|_pwd\b)[\w-]*))\k<word>`;
/** A name with the sign after it, in YAML, JSON, INI or a condition. */
const SECRET_KEY = keyPattern(`${SECRET_NAME}|SSHPASS`);
/** The value of a variable of a container in a line of its own, under a `name` with a secret name; or behind it in one line. */
const VALUE = keyPattern('value');
const NAME_OF_SECRET = String.raw`name["']?\s*:\s*["']?(?:${SECRET_NAME})["']?\s*`;
const NAME_LINE = new RegExp(String.raw`^\s*(?:-\s+)?["']?${NAME_OF_SECRET}(?:,\s*)?(?:#.*)?$`, 'i');
const NAME_AND_VALUE = keyPattern(String.raw`${NAME_OF_SECRET},\s*["']?value`);
/** `<password>` of XML, before its value, which may be in `<![CDATA[…]]>`. */
const ELEMENT = new RegExp(String.raw`<${SECRET_NAME}(?:\s[^<>]{0,200})?>(?:\s*<!\[CDATA\[)?(?=\s*[^\s<])`, 'gi');
/** `--password VALUE` in a command. */
const SECRET_OPTION = new RegExp(String.raw`(?<=^|[\s"'])--?${SECRET_NAME}\s+(?=[^\s-])`, 'gi');
/** `sshpass -p VALUE`, `mysql -pVALUE`, `curl -u user:VALUE`: programs with a short option for a password. */
const SHORT_OPTION =
  /(?<=\bsshpass\s{1,8}(?:-[ev]\s{1,8}|-P\s{0,8}\S{1,80}\s{1,8}){0,3}-p\s{0,8})(?!\s)(?:"[^"]*"?|'[^']*'?|[^\s"']+)|(?<=\b(?:mysql|mysqldump|mysqladmin|mariadb)\s(?:[^|;&]{0,200}\s)?-p)[^\s"']+|(?<=\bcurl\s(?:[^|;&]{0,200}\s)?(?:-u|--user)[\s=]{0,8}["']?[^\s:"']{1,100}:)[^\s"']+/g;
/** A line that starts with such a name without a sign after it. */
const SECRET_FIRST = new RegExp(String.raw`^[\s[{]*["']?${SECRET_NAME}["']?[\s,]+(?=\S)`, 'i');
/** `ansible_password VALUE` on the line of a host, and anything after an unquoted `ansible_password=` there. */
const ON_HOST_LINE = /(?=\S)(?<=\sansible_\w*pass(?:word)?(?:\s*=\s*\S+)?\s+)(?![^\s=]+=)\S.*?(?=\s+[\w.-]+=|\s*$)/gi;
/**
 * `https://user:password@host`, `https://token@host`, and without a scheme `user:password@host`; but nothing in `ssh://user@host` and
 * `registry:5000/image@sha256:…`.
 */
export const USER_INFO =
  /(?<=\bhttps?:\/\/)[^\s/@"']+(?=@)|(?<=\b[a-z][a-z+.-]*:\/\/[^\s/@"':]*:)[^\s/@"']+(?=@(?!sha\d{3}:[\da-f]{32}))|(?<=(?:^|[\s,"'=])[^\s:/@,"'=]{1,64}:)(?!\/\/)[^\s,"']+(?=@(?!sha\d{3}:[\da-f]{32})[^\s@,"']*)/gi;
/** A pair on the line of a host or in `-e`, with the blanks after it. */
const PAIR = /[\w.-]+\s?=\S*\s+/y;
/** Words that belong to no pair of their own: the rest of a value that should have been quoted. */
const MORE_WORDS = /^(?:\s+(?![\w.-]+(?:\s?=|:\s))\S+)*/;
/** A value that is the name of a variable and nothing else, which is no secret, and which an error has to name: `"{{ vault_password }}"`. */
const NAME_ONLY = String.raw`\{\{\s*[a-z_][\w.]*\s*\}\}`;
const YAML_REFERENCE = new RegExp(String.raw`^(["'])${NAME_ONLY}\1\s*(?:$|[,}\]]|\s#)`, 'i');
const REFERENCE = new RegExp(String.raw`^(["']?)${NAME_ONLY}\1(?:["'](?=$|[\s,}\])])|\s*$|\s+-)`, 'i');
/** A private key in PEM form, or as much of it as the line has; JSON has several in one line. */
const KEY_BLOCK = /-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gs;
const KEY_BLOCK_EDGE = /-----(BEGIN|END) [A-Z ]*PRIVATE KEY-----/g;

/** A pattern for a name, which is a pattern itself, with the sign after it. */
export function keyPattern(name: string): RegExp {
  return new RegExp(String.raw`(?<=^|[\s{,[("'])(["']?)(?:${name})\1\s*(?:(?<colon>:)|[!=]?=+)\s*`, 'gi');
}

/** A text with what looks like a secret hidden. */
export function maskText(text: string): string {
  return maskLines(text.split('\n'))
    .map((line) => line.text)
    .join('\n');
}

/**
 * All lines of a text, with private keys and values of password-like names hidden, including values that continue on other lines.
 * @param more further parts to hide, by line number from 0
 */
export function maskLines(
  lines: readonly string[],
  more: (line: string, index: number) => LineSecrets = () => NOTHING,
): readonly MaskedLine[] {
  let inKeyBlock = false;
  let secretColumn: number | undefined;
  let keyAtStart: number | undefined;
  return lines.map((line, index) => {
    const indent = line.length - line.trimStart().length;
    const whole = { start: indent, end: line.length };
    const beginsInKeyBlock = inKeyBlock;
    inKeyBlock = endsInKeyBlock(line, beginsInKeyBlock);
    if (beginsInKeyBlock) return masked(line, [whole]);
    if (line.trim() === '') return masked(line, []);
    if (secretColumn !== undefined && (indent > secretColumn || isEntryOf(keyAtStart, line)))
      return masked(line, [whole]);
    const found = secretsOf(line);
    const ofName = NAME_LINE.test(lines[index - 1] ?? '') ? valuesOf(line, VALUE) : NOTHING;
    const others = more(line, index);
    secretColumn = found.column ?? ofName.column ?? others.column;
    keyAtStart =
      secretColumn !== undefined && /^\s*(?:-\s+)*$/.test(line.slice(0, secretColumn)) ? secretColumn : undefined;
    return masked(line, [...found.spans, ...ofName.spans, ...others.spans, ...spansOf(line, KEY_BLOCK)]);
  });
}

/** In YAML the entries of a list may be at the same column as its key. */
function isEntryOf(key: number | undefined, line: string): boolean {
  return line.search(/\S/) === key && /^\s*-(?:\s|$)/.test(line);
}

function secretsOf(line: string): LineSecrets {
  const byName = valuesOf(line, SECRET_KEY);
  const behindName = valuesOf(line, NAME_AND_VALUE);
  const spans = [...byName.spans, ...behindName.spans];
  const column = byName.column ?? behindName.column;
  const options = valuesOf(line, SECRET_OPTION).spans;
  const users = [USER_INFO, SHORT_OPTION, ON_HOST_LINE].flatMap((pattern) => spansOf(line, pattern));
  const first = spans.length + options.length === 0 && column === undefined ? SECRET_FIRST.exec(line) : null;
  return {
    spans: [
      ...spans,
      ...options,
      ...users,
      ...elementsOf(line),
      ...(first ? [{ start: first[0].length, end: line.trimEnd().length }] : []),
    ],
    column,
  };
}

/** The texts of elements of XML with the name of a secret. */
function elementsOf(line: string): readonly Span[] {
  return spansOf(line, ELEMENT).map(({ end: start }) => {
    const end = line.indexOf(line.startsWith('[CDATA[', start - 7) ? ']]>' : '<', start);
    return { start, end: end < 0 ? line.length : end };
  });
}

/** The matches of a pattern in a line. */
export function spansOf(line: string, pattern: RegExp): readonly Span[] {
  return [...line.matchAll(pattern)].map(({ 0: text, index }) => ({ start: index, end: index + text.length }));
}

/** The values that follow the matches of a pattern in a line. */
export function valuesOf(line: string, pattern: RegExp): LineSecrets {
  const spans: Span[] = [];
  let column: number | undefined;
  const flow = flowOf(line);
  const isBehindPairs = behindPairs(line);
  for (const match of line.matchAll(pattern)) {
    if (match.index < (spans.at(-1)?.end ?? 0)) continue;
    const isYaml = match.groups?.['colon'] !== undefined;
    // An open flow mapping continues on the next lines, at any indentation.
    if (isYaml) column = flow.isOpenAt(match.index) ? line.search(/[^\s-]/) : match.index;
    const start = match.index + match[0].length;
    const quote = quoteAt(line, match.index - 1);
    const first = valueEnd(line, start, { isYaml, isInFlow: flow.begin >= 0 && flow.begin < start, quote });
    // In capitals it is more likely the environment of a command, which is not hidden.
    const isPair = !isYaml && quote === undefined && /[a-z]/.test(match[0]) && isBehindPairs(match.index);
    const end = isPair ? first + (MORE_WORDS.exec(line.slice(first))?.[0].length ?? 0) : first;
    if (end > start) spans.push({ start, end });
  }
  return { spans, column };
}

/** Where the first flow mapping or list of a line begins, and whether the one around a position is still open at the end of the line. */
function flowOf(line: string): { readonly begin: number; isOpenAt(at: number): boolean } {
  const begin = line.search(/[{[]/);
  let isOpen: boolean | undefined;
  return {
    begin,
    isOpenAt(at) {
      if (begin < 0 || begin >= at) return false;
      isOpen ??= endOfFlow(line, begin) === undefined;
      return isOpen;
    },
  };
}

/**
 * Whether only pairs are before a position, on the line of a host also its name. It has to be asked of positions from left to right, so that
 * each pair is read once.
 */
function behindPairs(line: string): (at: number) => boolean {
  const name = /^\s*[^\s=:]+(?=(\s+))/.exec(line);
  const indent = { start: 0, end: line.length - line.trimStart().length };
  const afterName = name && { start: name[0].length + 1, end: name[0].length + (name[1]?.length ?? 0) };
  const blanks: Span[] = [indent, ...(afterName ? [afterName] : [])];
  return (at) =>
    blanks.some((_, index) => {
      for (let run = blanks[index]; run; run = nextBlanks(line, run)) {
        blanks[index] = run;
        if (at <= run.end) return at >= run.start;
      }
      return false;
    });
}

/** The blanks after the pair that follows blanks; undefined if no pair does. */
function nextBlanks(line: string, { end }: Span): Span | undefined {
  PAIR.lastIndex = end;
  const pair = PAIR.exec(line)?.[0];
  return pair === undefined ? undefined : { start: end + pair.trimEnd().length + 1, end: end + pair.length };
}

/** The quote that encloses both a name and its value. */
function quoteAt(line: string, index: number): string | undefined {
  const character = line[index];
  return character === '"' || character === "'" ? character : undefined;
}

/** What a value is in. */
interface Around {
  readonly isYaml: boolean;
  readonly isInFlow: boolean;
  /** The quote that encloses its name, too. */
  readonly quote: string | undefined;
}

function valueEnd(line: string, start: number, { isYaml, isInFlow, quote }: Around): number {
  const rest = line.slice(start);
  if ((isYaml ? YAML_REFERENCE : REFERENCE).test(rest)) return start;
  // Text directly after a quoted value is a mistake, and may be the rest of the value.
  const quoted = /^(?:[!&]\S*\s+)*(?:"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^']|'')*(?:'|$))[^\s,}\])#"']*/.exec(rest);
  if (quoted) return start + quoted[0].length;
  if (isYaml && isInFlow && /^[{[]/.test(rest)) return endOfFlow(line, start) ?? line.length;
  const unquoted = isYaml ? (isInFlow ? /^[^,}\]]*/ : /^.*?(?=\s+#|$)/) : /^(?:\{\{[^{}]*\}\}|\S)*/;
  const text = unquoted.exec(rest)?.[0].trimEnd() ?? '';
  const end = quote === undefined ? -1 : text.indexOf(quote);
  return start + (end < 0 ? text.length : end);
}

/** The end of the flow mapping or list that starts at a position, after its last bracket; undefined if it is still open at the end of the line. */
function endOfFlow(line: string, start: number): number | undefined {
  for (const { depth, end } of flowCharacters(line, start)) if (depth === 0) return end;
  return undefined;
}

/** The characters of a flow mapping or list from its bracket on, each quoted text as one, with the depth after it. */
export function* flowCharacters(line: string, start: number): Generator<Span & { readonly depth: number }> {
  let depth = 0;
  const characters = /(?<=[\s{[,:])(?:"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^']|'')*(?:'|$))|./gs;
  for (const { 0: text, index } of line.slice(start).matchAll(characters)) {
    if (/^[{[]$/.test(text)) depth += 1;
    if (/^[}\]]$/.test(text)) depth -= 1;
    yield { start: start + index, end: start + index + text.length, depth };
  }
}

/** Whether a private key goes on in the next line. */
function endsInKeyBlock(line: string, beginsInKeyBlock: boolean): boolean {
  const edge = [...line.matchAll(KEY_BLOCK_EDGE)].at(-1)?.[1];
  return edge === undefined ? beginsInKeyBlock : edge === 'BEGIN';
}

function masked(line: string, found: readonly Span[]): MaskedLine {
  const spans = united(found);
  let text = '';
  let from = 0;
  for (const { start, end } of spans) {
    text += line.slice(from, start) + HIDDEN;
    from = end;
  }
  return {
    text: text + line.slice(from),
    hidden: spans.map(({ start, end }) => line.slice(start, end)),
    column(original) {
      let shift = 0;
      for (const { start, end } of spans) {
        if (original < start) break;
        if (original < end) return start + shift;
        shift += HIDDEN.length - (end - start);
      }
      return original + shift;
    },
  };
}

/** Sorted, with overlapping ones merged. */
function united(found: readonly Span[]): readonly Span[] {
  const spans: Span[] = [];
  for (const span of found.toSorted((a, b) => a.start - b.start)) {
    const last = spans.at(-1);
    if (last && span.start < last.end) spans[spans.length - 1] = { ...last, end: Math.max(last.end, span.end) };
    else spans.push(span);
  }
  return spans;
}
