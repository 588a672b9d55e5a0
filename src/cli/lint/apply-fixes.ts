import { existsSync, realpathSync, statSync } from 'node:fs';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { SourceFile } from '../../core/source.ts';
import { parseYaml } from '../../core/yaml/yaml.ts';
import { OutputFile, type OutputKind } from '../output/output-file.ts';
import type { LintFinding, LintFix } from './rules.ts';

/** A file's text with fixes applied; everything else, including comments, is unchanged. */
export function fixedText({ text: written }: SourceFile, fixes: readonly LintFix[]): string {
  // A file that is included several times has each finding several times.
  const places = new Map(fixes.map((fix) => [fix.range.start, fix]));
  let text = written;
  // From the end, so that earlier positions stay valid.
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
 * Writes the fixes into their files. Each new file is written completely beside the old one, and none is renamed into place before all are
 * written.
 * @returns the number of findings fixed.
 * @throws {InputError} when one of the files cannot be written, or would not be readable afterwards; then none has been written.
 */
export function applyFixes(findings: readonly LintFinding[]): number {
  // The playbooks in the single executable are not files.
  const fixes = findings.flatMap(({ fix }) => (fix && existsSync(fix.range.file.path) ? [fix] : []));
  const fixedFiles = filesOf(fixes).map(({ file, fixes: ofFile }) => ({
    path: file.path,
    text: checkedText(file, ofFile),
  }));
  const problems = new Problems();
  const places = fixedFiles.flatMap(({ path, text }) => {
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

/** Each file once: several links may lead to it. */
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

/** Owner and mode stay the same. */
function kindOf(path: string): OutputKind {
  const { mode, uid, gid } = statSync(path);
  const remedy = 'its directory has to be writable, because the new file is written there and then renamed';
  return { option: '--fix', mode: mode & 0o777, isShared: false, owner: { uid, gid }, remedy };
}

/** Fixes must not change the meaning of a file; checks at least that it is still valid YAML. */
function checkedText(file: SourceFile, fixes: readonly LintFix[]): string {
  const text = fixedText(file, fixes);
  const problems = new Problems();
  parseYaml(new SourceFile(file.path, text), problems, 'ansible');
  if (!problems.hasErrors) return text;
  const hint = 'nothing was written: fix by hand what kplay lint reports without --fix';
  throw InputError.of(`--fix would make ${file.path} unreadable`, undefined, hint);
}
