import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { globTest } from '../../core/glob.ts';
import { isJsonObject, type Json } from '../../core/json.ts';
import { TemplateError } from '../../template/errors.ts';
import { asList, type FileForm } from './loop-entries.ts';
import type { TaskPlace } from './place.ts';
import { searchPath } from './search-path.ts';

/**
 * The entries of a loop over files on the machine that runs kplay, as Ansible's lookups of the same names produce them;
 * undefined if the form does not accept the value.
 * @throws {TemplateError} when a required file is missing
 */
export function fileEntries(value: Json, form: FileForm, place: TaskPlace): readonly Json[] | undefined {
  const terms = asList(value);
  if (form === 'first_found') return firstFound(terms, place);
  const names = terms.filter((term) => typeof term === 'string');
  if (names.length < terms.length) return undefined;
  if (form === 'fileglob') return names.flatMap((name) => globbed(name, place));
  return names.map((name) => {
    const path = placesOf(name, 'files', place).find(existsSync);
    if (path === undefined) throw missing(`there is no file ${name}`, placesOf(name, 'files', place), place);
    return place.surroundings.variableFiles.text(path, place.task).trimEnd();
  });
}

/** The paths at which a name is searched, in Ansible's order. */
function placesOf(name: string, folder: string, { task, play }: TaskPlace): readonly string[] {
  if (isAbsolute(name)) return [name];
  return [...new Set(searchPath(folder, task, play.directory).map((directory) => join(directory, name)))];
}

/**
 * The matching files in the first directory that has any; of a pattern with a directory, only the first one that exists is
 * looked at. Subdirectories do not count.
 */
function globbed(pattern: string, place: TaskPlace): readonly string[] {
  const existing = placesOf(dirname(pattern), 'files', place).filter(
    (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
  );
  const directories = basename(pattern) === pattern ? existing : existing.slice(0, 1);
  const fits = fitting(basename(pattern));
  for (const directory of directories) {
    const found = readdirSync(directory)
      .filter(fits)
      .map((name) => join(directory, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);
    if (found.length > 0) return found.sort();
  }
  return [];
}

/** As in a shell, wildcards do not match a leading dot. */
function fitting(pattern: string): (name: string) => boolean {
  const fits = globTest(pattern);
  return (name) => fits(name) && (!name.startsWith('.') || pattern.startsWith('.'));
}

/** The first existing file; terms are names, or mappings of `files`, `paths` and `skip`. */
function firstFound(terms: readonly Json[], place: TaskPlace): readonly Json[] | undefined {
  const folder = place.task.step.includesVariables ? 'vars' : 'files';
  let skips = false;
  const tried: string[] = [];
  for (const term of terms) {
    const { files = [], paths = [], skip = false } = isJsonObject(term) ? term : { files: term };
    const names = textsOf(files);
    const below = textsOf(paths);
    if (!names || !below) return undefined;
    refuseSeveral(names, below, place);
    // As in Ansible, the last mapping decides.
    if (isJsonObject(term)) skips = skip === true;
    for (const name of names) {
      const wanted = below.length > 0 ? below.map((path) => join(path, name)) : [name];
      const places = wanted.flatMap((one) => placesOf(one, folder, place));
      const found = places.find((path) => existsSync(path));
      if (found !== undefined) return [found];
      tried.push(...places);
    }
  }
  if (skips) return [];
  throw missing('with_first_found did not find any of its files', tried, place);
}

function refuseSeveral(names: readonly string[], paths: readonly string[], { task }: TaskPlace): void {
  const several = names.find((one) => /[,;]/.test(one)) ?? paths.find((one) => /[,:;]/.test(one));
  if (several === undefined) return;
  const hint = 'write a list of them: some versions of Ansible split such a string, others do not';
  throw new TemplateError(`with_first_found: '${several}' is several names in one`, task.range, hint);
}

function textsOf(value: Json): readonly string[] | undefined {
  const list = asList(value);
  const texts = list.filter((one) => typeof one === 'string');
  return texts.length === list.length ? texts : undefined;
}

function missing(message: string, places: readonly string[], { task }: TaskPlace): TemplateError {
  return new TemplateError(message, task.range, `it is looked for as ${places.join(', ')}`);
}
