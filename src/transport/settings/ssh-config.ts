import type { Problems } from '../../core/diagnostic.ts';
import type { Located, SourceFile, SourceRange } from '../../core/source.ts';
import { splitConfigWords } from './ssh-words.ts';
import { patternList } from './wildcard.ts';

/** The contents of a configuration file for OpenSSH's client: ssh_config(5). `Match` and `Include` are not followed. */
export interface SshConfig {
  /** The names without wildcards after `Host`, in order: each is a host. */
  readonly names: readonly Located<string>[];
  /** The settings of a host, in the order of the file: for most keywords the first value counts. */
  settingsOf(name: string): readonly SshSetting[];
}

export interface SshSetting {
  /** As written: `HostName`. */
  readonly keyword: string;
  /** Its arguments, without quotes. Only lists have more than one, and commands, which have to be read as a whole. */
  readonly words: readonly string[];
  /** The same as one text. */
  readonly value: string;
  /** The range of its line. */
  readonly range: SourceRange;
}

interface Block {
  /** Made once: a file may have a thousand blocks, each of which is asked for each host. */
  readonly matches: (name: string) => boolean;
  readonly settings: SshSetting[];
}

/** Reads the whole file. Directives that are not followed are warnings in `problems`, invalid lines are errors. */
export function readSshConfig(source: SourceFile, problems: Problems): SshConfig {
  const names = new Map<string, Located<string>>();
  const blocks: Block[] = [{ matches: patternList(['*']), settings: [] }];
  let isFollowed = true;
  for (const { keyword, words, range } of linesOf(source, problems)) {
    switch (keyword.toLowerCase()) {
      case 'host':
        isFollowed = true;
        blocks.push({ matches: patternList(words), settings: [] });
        for (const value of words.filter((word) => !/[*?!]/.test(word) && !names.has(word)))
          names.set(value, { value, range });
        break;
      case 'match':
        isFollowed = words.length === 1 && words[0]?.toLowerCase() === 'all';
        if (isFollowed) blocks.push({ matches: patternList(['*']), settings: [] });
        else
          problems.warning(
            `'Match ${words.join(' ')}' is not supported: the lines below it are ignored`,
            range,
            'if they matter, move them below a Host line, or to the inventory',
          );
        break;
      case 'include':
        problems.warning(
          `'Include ${words.join(' ')}' is not supported: hosts in other files are not read`,
          range,
          'name that file with --ssh-config',
        );
        break;
      default:
        if (isFollowed) blocks.at(-1)?.settings.push({ keyword, words, value: words.join(' '), range });
    }
  }
  return {
    names: [...names.values()],
    settingsOf: (name) => blocks.flatMap(({ matches, settings }) => (matches(name) ? settings : [])),
  };
}

interface Line {
  readonly keyword: string;
  /** At least one. */
  readonly words: readonly string[];
  readonly range: SourceRange;
}

/** The lines that are neither empty nor comments. */
function* linesOf(source: SourceFile, problems: Problems): Generator<Line> {
  let start = 0;
  for (const line of source.text.split('\n')) {
    // Lines may end with CR LF.
    const written = line.trimEnd();
    const range = source.range(start + (/\S/.exec(line)?.index ?? 0), start + written.length);
    start += line.length + 1;
    if (!/^\s*[^\s#]/.test(written)) continue;
    const [, keyword, rest = ''] = /^\s*([^\s="#]+)(?:\s*=\s*|\s+|(?="))(.*)$/.exec(written) ?? [];
    const words = splitConfigWords(rest);
    if (keyword === undefined) problems.error('this is not a line of an ssh_config', range, 'write: Keyword value');
    else if (!words) problems.error('a quote is not closed', range);
    else if (words.length === 0) problems.error(`${keyword} has no value`, range);
    else yield { keyword, words, range };
  }
}
