import type { Problems } from '../core/diagnostic.ts';
import type { Json } from '../core/json.ts';
import type { Located, SourceFile, SourceRange } from '../core/source.ts';
import { nearest, suggestion } from '../core/suggest.ts';
import type { GroupDraft, InventoryDraft } from './draft.ts';
import { readHostEntry } from './host-entry.ts';
import { readIniValue, readIniVariable } from './ini-value.ts';
import { type Assignment, UNGROUPED } from './inventory.ts';
import { type ShellWord, splitShellWords } from './shell-words.ts';

const KINDS = ['hosts', 'children', 'vars'] as const;
type Kind = (typeof KINDS)[number];

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;
const CHILD = /^([^:\]\s]+)\s*(?:#.*)?$/;

/** Reads an inventory in INI format: sections of hosts, of child groups and of variables. */
export function readIniInventory(source: SourceFile, draft: InventoryDraft, problems: Problems): void {
  const reader = new IniReader(source, draft, problems);
  for (const match of source.text.matchAll(/[^\r\n]+/g)) {
    const text = match[0].trim();
    const start = match.index + match[0].indexOf(text);
    if (text !== '' && !text.startsWith('#') && !text.startsWith(';')) reader.readLine({ text, start });
  }
  reader.finish();
}

/** A line without surrounding white space, and its offset in the file. */
interface Line {
  readonly text: string;
  readonly start: number;
}

/** A group that is used before its own section. */
type Pending =
  | { readonly kind: 'vars'; readonly range: SourceRange }
  | { readonly kind: 'child'; readonly uses: { readonly parent: GroupDraft; readonly range: SourceRange }[] };

class IniReader {
  readonly #source: SourceFile;
  readonly #draft: InventoryDraft;
  readonly #problems: Problems;
  readonly #pending = new Map<string, Pending>();
  /** The current section; undefined after one that was rejected. */
  #section: { readonly group: GroupDraft; readonly kind: Kind } | undefined;

  constructor(source: SourceFile, draft: InventoryDraft, problems: Problems) {
    this.#source = source;
    this.#draft = draft;
    this.#problems = problems;
    const group = draft.addGroup({ value: UNGROUPED, range: source.range(0, 0) });
    this.#section = group && { group, kind: 'hosts' };
  }

  readLine(line: Line): void {
    const section = SECTION.exec(line.text);
    if (section) this.#openSection(line, section[1] ?? '', section[2]);
    else if (line.text.startsWith('[') && line.text.endsWith(']')) {
      const hint = 'write [group], [group:vars] or [group:children], without white space';
      this.#problems.error(`${line.text} is not a section`, this.#range(line), hint);
      this.#section = undefined;
    } else if (this.#section) this.#readEntry(line, this.#section);
  }

  /** Reports the groups without a section. */
  finish(): void {
    const declared = [...this.#draft.groups.keys()].filter((name) => !this.#pending.has(name));
    for (const [name, pending] of this.#pending) {
      const closest = nearest(name, declared);
      const hint = closest === undefined ? `declare it: [${name}]` : `did you mean ${closest}?`;
      const message = `there is no group ${name}`;
      if (pending.kind === 'vars') this.#problems.error(`${message} to set variables of`, pending.range, hint);
      else for (const { range } of pending.uses) this.#problems.error(message, range, hint);
    }
  }

  #openSection(line: Line, name: string, kind = 'hosts'): void {
    this.#section = undefined;
    if (!isKind(kind)) {
      const range = this.#part(line, line.text.indexOf(':') + 1, kind.length);
      this.#problems.error(`unknown kind of section '${kind}'`, range, suggestion(kind, KINDS, 'the kinds are'));
      return;
    }
    const range = this.#part(line, 1, name.length);
    const known = this.#draft.groups.has(name);
    const group = this.#draft.addGroup({ value: name, range });
    if (!group) return;
    this.#section = { group, kind };
    if (kind !== 'vars') this.#declare(group);
    else if (!known && !this.#pending.has(name)) this.#pending.set(name, { kind: 'vars', range });
  }

  /** Applies the lines that named the group before its own section: children are in the order of the sections. */
  #declare(group: GroupDraft): void {
    const pending = this.#pending.get(group.name);
    if (pending?.kind === 'child') {
      for (const { parent, range } of pending.uses) this.#draft.addChild(parent, group, range);
    }
    this.#pending.delete(group.name);
  }

  #readEntry(line: Line, { group, kind }: { readonly group: GroupDraft; readonly kind: Kind }): void {
    switch (kind) {
      case 'hosts':
        this.#readHosts(line, group);
        return;
      case 'children':
        this.#readChild(line, group);
        return;
      case 'vars': {
        const assignment = readIniVariable(line.text, this.#range(line), this.#problems);
        if (assignment) this.#draft.setGroupVariable(group, assignment);
      }
    }
  }

  #readChild(line: Line, parent: GroupDraft): void {
    const name = CHILD.exec(line.text)?.[1];
    if (name === undefined) {
      this.#problems.error(`'${line.text}' is not the name of a group`, this.#range(line), 'one group on each line');
      return;
    }
    const range = this.#part(line, 0, name.length);
    const child = this.#draft.groups.get(name);
    const pending = this.#pending.get(name);
    if (child) this.#draft.addChild(parent, child, range);
    else if (pending?.kind === 'child') pending.uses.push({ parent, range });
    else this.#pending.set(name, { kind: 'child', uses: [{ parent, range }] });
  }

  #readHosts(line: Line, group: GroupDraft): void {
    const split = splitShellWords(line.text);
    if ('problem' in split) {
      const what = split.problem === 'quote' ? 'this quote is not closed' : 'a backslash is at the end of the line';
      this.#problems.error(what, this.#part(line, split.at, 1), "put a value with spaces in quotes: key='a b'");
      return;
    }
    if (split.truncatedAt !== undefined) {
      const range = this.#part(line, split.truncatedAt, line.text.length - split.truncatedAt);
      this.#problems.warning('this # starts a comment', range, 'quote the value, or put a space before the #');
    }
    const [first, ...rest] = split.words;
    if (!first) return;
    const name = this.#locate(line, first, first.text, 0);
    const named = readHostEntry(name, this.#problems, 'ini');
    const vars = rest.map((word) => this.#hostVariable(line, word)).filter((assignment) => assignment !== undefined);
    if (named) this.#draft.addHosts(group, named, vars, name.range);
  }

  #hostVariable(line: Line, word: ShellWord): Assignment | undefined {
    const equals = word.text.indexOf('=');
    if (equals < 0) {
      const range = this.#part(line, word.start, word.end - word.start);
      this.#problems.error(
        // The word may be a password that was written after a space.
        'this is not key=value',
        range,
        'write no spaces around the =; quote a value that has some',
      );
      return undefined;
    }
    const text = this.#locate(line, word, word.text.slice(equals + 1), equals + 1);
    const value: Located<Json> = { value: readIniValue(text.value), range: text.range };
    return { name: this.#locate(line, word, word.text.slice(0, equals), 0), value };
  }

  /** The part of a word that begins at its character `from`. */
  #locate(line: Line, word: ShellWord, value: string, from: number): Located<string> {
    const start = word.offsets[from] ?? word.end;
    const last = word.offsets[from + value.length - 1];
    return { value, range: this.#part(line, start, value === '' || last === undefined ? 0 : last + 1 - start) };
  }

  #part(line: Line, from: number, length: number): SourceRange {
    return this.#source.range(line.start + from, line.start + from + length);
  }

  #range(line: Line): SourceRange {
    return this.#part(line, 0, line.text.length);
  }
}

function isKind(word: string): word is Kind {
  return KINDS.some((kind) => kind === word);
}
