import { resolve } from 'node:path';
import { Problems } from '../core/diagnostic.ts';
import type { SourceFile } from '../core/source.ts';
import { entry, parseYaml, type Tree } from '../core/yaml/yaml.ts';
import { withHints } from '../core/yaml/yaml-hints.ts';
import type { StepCatalogue } from './catalogue.ts';
import { isTemplate } from './files/task-file.ts';
import { pathFrom, readYamlFile } from './files/yaml-file.ts';
import type { Play, Playbook, VariableTrees } from './model.ts';
import { readPlay } from './play.ts';
import { IMPORT_PLAYBOOK_KEYWORDS } from './play-keywords.ts';
import { readKeywords } from './readers/keywords.ts';
import { isNothing } from './readers/reader.ts';
import { reportPartKey } from './readers/unknown-key.ts';

/**
 * Reads a playbook from the text of its file. All problems are reported; as much as possible is returned even then, so that
 * problems elsewhere can be reported along with them: check `problems` before running it. Parameters are not checked: that is
 * the job of a ParameterChecker.
 */
export function readPlaybook(source: SourceFile, catalogue: StepCatalogue, problems: Problems): Playbook | undefined {
  const trees = playTrees(source, problems);
  const plays = trees?.flatMap((tree) =>
    readEntry(tree, catalogue, problems, { chain: [resolve(source.path)], vars: new Map() }),
  );
  return plays && { file: source, plays };
}

/** The imports that lead to a play. */
interface Importing {
  /** The paths of their files. */
  readonly chain: readonly string[];
  /** What they set: stronger than the variables of the play, weaker than its files of variables. */
  readonly vars: VariableTrees;
}

/** A play, or the plays of an imported playbook. */
function readEntry(tree: Tree, catalogue: StepCatalogue, problems: Problems, importing: Importing): readonly Play[] {
  const key = IMPORT_NAMES.find((name) => tree.kind === 'mapping' && entry(tree, name));
  if (key === undefined || tree.kind !== 'mapping') {
    const play = readPlay(tree, catalogue, problems, importing.vars);
    return play ? [play] : [];
  }
  const entries = tree.entries.map((one) => (one.key === key ? { ...one, key: 'import_playbook' } : one));
  const { values, others } = readKeywords({ ...tree, entries }, IMPORT_PLAYBOOK_KEYWORDS, problems);
  for (const other of others) {
    if (other.key === 'when')
      problems.error(
        'import_playbook has no when',
        other.keyRange,
        'put it on a block around the tasks of that playbook',
      );
    else reportPartKey(other, IMPORT_PLAYBOOK_KEYWORDS, 'import_playbook', problems);
  }
  const { file, vars = new Map(), tags = [] } = values;
  if (!file) return [];
  if (isTemplate(file.value)) {
    problems.error(
      'the name of an imported playbook cannot be a template',
      file.range,
      'write one playbook that imports each by its name, and tags to choose among them (-t)',
    );
    return [];
  }
  const path = resolve(pathFrom(file));
  if (importing.chain.includes(path)) {
    problems.error(`${file.value} imports itself`, file.range, 'remove the cycle');
    return [];
  }
  const read = readYamlFile(pathFrom(file), 'playbook', file.range, problems);
  if (!read) return [];
  if (read.tree?.kind !== 'sequence') {
    problems.error(`${file.value} is not a list of plays`, file.range, 'begin each play with - hosts: …');
    return [];
  }
  // The outermost import wins.
  const inner = { chain: [...importing.chain, path], vars: new Map([...vars, ...importing.vars]) };
  const plays = read.tree.items.flatMap((other) => readEntry(other, catalogue, problems, inner));
  return plays.map((play) => ({ ...play, tags: [...play.tags, ...tags] }));
}

const IMPORT_NAMES = ['import_playbook', 'ansible.builtin.import_playbook'];

function playTrees(source: SourceFile, problems: Problems): readonly Tree[] | undefined {
  const syntax = new Problems();
  const tree = parseYaml(source, syntax, 'ansible');
  problems.addAll(withHints(syntax.all));
  if (syntax.hasErrors) return undefined;
  if (!tree || isNothing(tree)) {
    problems.error(`${source.path} is empty`, source.range(0, 0), 'a playbook is a list of plays: - hosts: …');
    return undefined;
  }
  if (tree.kind === 'sequence' && tree.items.length > 0) return tree.items;
  const what = tree.kind === 'sequence' ? 'holds no plays' : 'is not a list of plays';
  const start = source.range(tree.range.start, tree.range.start);
  problems.error(`${source.path} ${what}`, start, 'begin each play with - hosts: …');
  return undefined;
}
