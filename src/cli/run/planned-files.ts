import { basename, dirname, extname, resolve } from 'node:path';
import { Problems } from '../../core/diagnostic.ts';
import { readTextFile } from '../../core/text-file.ts';
import { keyPattern, type LineSecrets, maskLines, NOTHING, valuesOf } from '../../report/secrets/mask.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { SavedPlan } from '../inputs/saved-plan.ts';
import { isSecretName } from '../inputs/secret-variables.ts';
import { privatePrompts } from '../inputs/var-prompts.ts';
import { digestsOf, sourceFilesIn } from '../journal/source-digests.ts';

/** A name with the sign after it. A long word is read once. */
const NAMES = /(?<![\w-])(?=([A-Za-z_][\w-]*))\1(?=["']?\s*[:=])/g;

/**
 * The digests of the files that a saved plan does not contain, by absolute path: included files, roles, files of variables. The
 * variables of the inventory are bound by host. Secrets may change, and are not to be guessed by the digest of a file.
 */
export function plannedFiles(
  { playbook, surroundings: { extraPlaces, variableFiles } }: Pick<Inputs, 'playbook' | 'surroundings'>,
  playbookPath: string,
): SavedPlan['files'] {
  const texts = [...variableFiles.texts].filter(([path]) => !variableFiles.hidden.has(path) && !isSecretFile(path));
  const files = [...sourceFilesIn([playbook, extraPlaces, variableFiles.read]), ...texts.map(([, source]) => source)];
  return digestsOf(
    files.filter(({ path }) => resolve(path) !== resolve(playbookPath)),
    withoutSecrets(playbook),
  );
}

/** The files that are not as they were when the plan was made, or are read now for the first time. */
export function changedFiles(
  saved: SavedPlan['files'],
  now: SavedPlan['files'],
  { playbook }: Pick<Inputs, 'playbook'>,
): readonly string[] {
  const partOf = withoutSecrets(playbook);
  return [...new Set([...Object.keys(saved), ...Object.keys(now)])].filter(
    (path) => saved[path] !== (now[path] ?? digestOfFile(path, partOf)),
  );
}

/** Of a file that only the plan of a task reads. */
function digestOfFile(path: string, partOf: (text: string) => string): string | undefined {
  const file = readTextFile(path, 'file', new Problems());
  return file && digestsOf([file], partOf)[path];
}

/** Whether all of a file is a secret, by its name or that of its directory: `secrets/db.txt`. */
function isSecretFile(path: string): boolean {
  return isSecretName(basename(path, extname(path))) || isSecretName(basename(dirname(path)));
}

/** Hides the values of secret variables in a file, also of those that plays ask for in private, whatever their names. */
function withoutSecrets({ plays }: Pick<Inputs['playbook'], 'plays'>): (text: string) => string {
  const hidden = new Set(privatePrompts(plays).map(({ name }) => name.value));
  const more = (line: string): LineSecrets => {
    const names = [...line.matchAll(NAMES)].map(([name]) => name).filter((one) => hidden.has(one) || isSecretName(one));
    return names.length === 0 ? NOTHING : valuesOf(line, keyPattern([...new Set(names)].join('|')));
  };
  return (text) =>
    maskLines(text.split('\n'), more)
      .map((line) => line.text)
      .join('\n');
}
