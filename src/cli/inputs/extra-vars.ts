import { Problems } from '../../core/diagnostic.ts';
import { unescaped, unquoted } from '../../core/python-escapes.ts';
import { SourceFile, type SourceRange } from '../../core/source.ts';
import { readTextFile } from '../../core/text-file.ts';
import { parseYaml } from '../../core/yaml/yaml.ts';
import { withHints } from '../../core/yaml/yaml-hints.ts';
import type { CompiledVars } from '../../engine/program/scope.ts';
import { compileJson, compileTree } from '../../template/compile.ts';
import type { CompiledValue } from '../../template/template.ts';

/** Variables of the command line, with their places. */
export interface ExtraVars {
  readonly vars: CompiledVars;
  readonly places: ReadonlyMap<string, SourceRange>;
}

class Collected implements ExtraVars {
  readonly vars = new Map<string, CompiledValue>();
  readonly places = new Map<string, SourceRange>();

  set(name: string, value: CompiledValue, place: SourceRange): void {
    this.vars.set(name, value);
    this.places.set(name, place);
  }
}

/** Parses `-e`: `k=v k2='v 2'` (values are texts), a YAML or JSON mapping in braces, or `@file`. Later ones win. */
export function readExtraVars(texts: readonly string[], problems: Problems): ExtraVars {
  const vars = new Collected();
  for (const text of texts) {
    if (text.startsWith('@')) {
      const file = readTextFile(text.slice(1), 'variables file', problems, { named: ['--extra-vars'] });
      if (file) readMapping(file, 'write each as name: value', vars, problems);
    } else if (/^\s*[{[]/.test(text))
      readMapping(new SourceFile('-e', text), 'write them as {name: value}, or as name=value', vars, problems);
    else readPairs(text, vars, problems);
  }
  return vars;
}

/** The names of the variables whose values are written in a text of `-e`: none in that of a file. */
export function writtenNames(text: string): readonly string[] {
  return text.startsWith('@') ? [] : [...readExtraVars([text], new Problems()).vars.keys()];
}

/** @param hint what to write if it is none, or nothing at all, which Ansible refuses, too */
function readMapping(source: SourceFile, hint: string, vars: Collected, problems: Problems): void {
  const syntax = new Problems();
  const tree = parseYaml(source, syntax, 'ansible');
  problems.addAll(withHints(syntax.all));
  if (syntax.hasErrors) return;
  if (tree?.kind !== 'mapping') {
    problems.error('extra variables must be a mapping', tree?.range ?? source.range(0, 0), hint);
    return;
  }
  for (const { key, value } of tree.entries) {
    const compiled = compileTree(value, problems);
    if (compiled) vars.set(key, compiled, value.range);
  }
}

/** A quoted value ends with its quote; an unclosed quote is not a value. As in Ansible, neither a tab nor a space between braces ends one. */
const PAIR =
  /(?:^\s*|[ \n]+)([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?!["'])(?:\{\{[\s\S]*?\}\}|[^ \n])*|(?=["']))/y;

/** The beginning of a mapping without braces, of which Ansible takes nothing, without a word. */
const MAPPING = /^\s*[A-Za-z_]\w*\s*:(?=\s|$)/;

function readPairs(text: string, vars: Collected, problems: Problems): void {
  const source = new SourceFile('-e', text);
  const [mapping] = MAPPING.exec(text) ?? [];
  if (mapping !== undefined) {
    const hint = 'put it into braces, {name: value}, or write name=value';
    problems.error('a mapping needs braces on the command line', source.range(0, mapping.length), hint);
    return;
  }
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.trimEnd().length) {
    const start = PAIR.lastIndex;
    const match = PAIR.exec(text);
    if (!match) {
      const [message, hint] =
        text === '…'
          ? ['this stands for variables that look like a secret, which kplay does not repeat', 'give them here']
          : ['this is not a variable', 'write name=value; quote values with spaces: -e "name=\'a b\'"'];
      problems.error(message, source.range(start, text.length), hint);
      return;
    }
    const [, name = '', written = ''] = match;
    const end = PAIR.lastIndex;
    if (written === '' && /["']/.test(text.charAt(end))) {
      // Points only at the quote: the value may be secret.
      problems.error(
        'this quote is not closed',
        source.range(end, end + 1),
        'close it; quote values with spaces: -e "name=\'a b\'"',
      );
      return;
    }
    const value = /^["']/.test(written) ? unescaped(written.slice(1, -1)) : unquoted(unescaped(written.trim()));
    const place = source.range(end - written.length, end);
    const compiled = compileJson(value, place, problems);
    if (compiled) vars.set(name, compiled, place);
  }
}
