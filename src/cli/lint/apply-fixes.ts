import { existsSync, realpathSync, statSync } from 'node:fs';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { SourceFile } from '../../core/source.ts';
import { parseYaml } from '../../core/yaml/yaml.ts';
import { OutputFile, type OutputKind } from '../output/output-file.ts';
import type { LintFinding, LintFix } from './rules.ts';

/** The text of a file with fixes of it made; all else, comments too, stays as it is. */
export function fixedText({ text: written }: SourceFile, fixes: readonly LintFix[]): string {
  // A file that is reached in several ways is found wanting several times.
  const places = new Map(fixes.map((fix) => [fix.range.start, fix]));
  let text = written;
  // From the end, so that places before stay where they are.
  for (const { range, text: inserted } of [...places.values()].toSorted(
    (one, other) => other.range.start - one.range.start,
  ))
    text = text.slice(0, range.start) + inserted + text.slice(range.end);
  return text;
}

interface FixedFile {
  readonly file: SourceFile;
  readonly fixes: LintFix[];
}

/**
 * Writes what can be mended into the files that it stands in. Each is written whole beside its place, and none is put there before all are.
 * @returns how many of the findings that mends.
 * @throws {InputError} when one of the files cannot be written, or could not be read afterwards; none has been written then.
 */
export function applyFixes(findings: readonly LintFinding[]): number {
  // The playbooks that ship inside the executable are no files.
  const fixes = findings.flatMap(({ fix }) => (fix && existsSync(fix.range.file.path) ? [fix] : []));
  const mended = filesOf(fixes).map(({ file, fixes: ofFile }) => ({
    path: file.path,
    text: checkedText(file, ofFile),
  }));
  const problems = new Problems();
  const places = mended.flatMap(({ path, text }) => {
    const place = OutputFile.reserve(path, problems, kindOf(path));
    return place ? [[place, text] as const] : [];
  });
  if (problems.hasErrors) {
    for (const [place] of places) place.discard();
    throw new InputError(problems.all);
  }
  OutputFile.writeTogether(places);
  return fixes.length;
}

/** Each once: links may lead to one of them under several names. */
function filesOf(fixes: readonly LintFix[]): readonly FixedFile[] {
  const files = new Map<string, FixedFile>();
  for (const fix of fixes) {
    const target = realpathSync(fix.range.file.path);
    const known = files.get(target) ?? { file: fix.range.file, fixes: [] };
    known.fixes.push(fix);
    files.set(target, known);
  }
  return [...files.values()];
}

/** It stays whose it was, with its rights. */
function kindOf(path: string): OutputKind {
  const { mode, uid, gid } = statSync(path);
  const remedy = 'its directory has to be writable, because the new file is written there and then renamed';
  return { option: '--fix', mode: mode & 0o777, isShared: false, owner: { uid, gid }, remedy };
}

/** A fix is to change no meaning; that a file is still YAML is the least of it, and is not left to trust. */
function checkedText(file: SourceFile, fixes: readonly LintFix[]): string {
  const text = fixedText(file, fixes);
  const problems = new Problems();
  parseYaml(new SourceFile(file.path, text), problems, 'ansible');
  if (!problems.hasErrors) return text;
  const hint = 'nothing was written: fix by hand what kplay lint reports without --fix';
  throw InputError.of(`--fix would make ${file.path} unreadable`, undefined, hint);
}
