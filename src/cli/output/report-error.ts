import { type Diagnostic, InputError, inReadingOrder } from '../../core/diagnostic.ts';
import type { JsonObject } from '../../core/json.ts';
import { isWithoutDirectory } from '../../core/system-error.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { PromptEnded } from '../inputs/prompts.ts';
import { VERSION } from '../version.ts';
import { sourceStack } from './source-stack.ts';

/**
 * Reports an error in words; the stack only of bugs, and only on request.
 * @param argv the command line with options from all sources.
 */
export async function reportError(thrown: unknown, argv: readonly string[], environment: Environment): Promise<number> {
  const { stderr, variables } = environment;
  const error = isWithoutDirectory(thrown)
    ? InputError.of(
        'the current directory does not exist any more',
        undefined,
        'change to one that exists: cd DIRECTORY',
      )
    : thrown;
  if (error instanceof InputError) {
    const { showDiagnostics } = await import('./output.ts');
    showDiagnostics(error.diagnostics, { color: !argv.includes('--no-color') }, environment);
    await reportToPrograms(error.diagnostics, argv, environment);
    await annotate(error.diagnostics, argv, environment);
    stderr.write('Exit 1.\n');
    return EXIT.input;
  }
  if (error instanceof PromptEnded) {
    stderr.write('Interrupted. No host was contacted.\n');
    return EXIT.interrupted;
  }
  if (error instanceof Error && error.message === 'interrupted') {
    stderr.write('Interrupted. Run the same command again: it continues from what it finds on the hosts.\n');
    return EXIT.interrupted;
  }
  const { escapeControls } = await import('../../report/text/escape.ts');
  // It may quote output of a host.
  const shown = (text: string): string => text.split('\n').map(escapeControls).join('\n');
  const text = error instanceof Error ? error.message : String(error);
  stderr.write(`error: a bug in kplay ${VERSION}: ${shown(text)}\n`);
  if ((verbosityOf(argv) >= 2 || variables['KPLAY_DEBUG']) && error instanceof Error)
    stderr.write(`${shown(sourceStack(error))}\n`);
  else stderr.write('Run the command again with -vvv, and report the bug with its output.\n');
  return EXIT.bug;
}

/** The letters of options that never take a value, so that others may follow them in a word: `-vo json`. */
export const FLAGS = 'CDKVbhkvy';

/** How often `-v` is said, in one word or in several, by a variable or a file as well. */
function verbosityOf(argv: readonly string[]): number {
  const isLetters = new RegExp(`^-[${FLAGS}]+$`);
  const said = argv.map((word) => (word === '--verbose' ? 'v' : isLetters.test(word) ? word : ''));
  return said.join('').replace(/[^v]/g, '').length;
}

/** In a job with `--report github`, problems with the input are also annotated. */
async function annotate(
  diagnostics: readonly Diagnostic[],
  argv: readonly string[],
  environment: Environment,
): Promise<void> {
  if (!/(?:^|\0)--report[\0=]github(?:\0|$)/.test(argv.join('\0'))) return;
  const { inputAnnotations } = await import('../../report/formats/input-annotations.ts');
  const { repositoryOf } = await import('./repository.ts');
  environment.stderr.write(inputAnnotations(diagnostics, repositoryOf(environment)));
}

/**
 * Reports problems with the input on standard output, too, for programs that read it.
 * @param offered the outputs of the command, if known: requests for others are ignored
 */
export async function reportToPrograms(
  diagnostics: readonly Diagnostic[],
  argv: readonly string[],
  environment: Environment,
  offered?: readonly string[],
): Promise<void> {
  const wanted = documentWanted(argv);
  if (wanted === undefined || offered?.includes(wanted) === false) return;
  const { jsonText } = await import('../../report/text/json-text.ts');
  const { withoutSecrets } = await import('../../report/secrets/source-mask.ts');
  const problems = diagnosticsJson(withoutSecrets(inReadingOrder(diagnostics)));
  const error = { version: 1, type: 'input-error', exitCode: EXIT.input, problems };
  environment.stdout.write(`${jsonText(error)}\n`);
}

/** JSON on one line is YAML as well. */
function documentWanted(argv: readonly string[]): 'json' | 'yaml' | undefined {
  const words = argv.join('\0');
  const value = new RegExp(`(?:^|\\0)(?:-[${FLAGS}]*o\\0?|--output[\\0=])([^\\0]*)`).exec(words)?.[1];
  return value === 'json' || value === 'yaml' ? value : undefined;
}

/** Problems as in docs/exit-codes.md. @param diagnostics without secrets */
export function diagnosticsJson(diagnostics: readonly Diagnostic[]): readonly JsonObject[] {
  return diagnostics.map(({ severity, message, range, hint }) => {
    const at = range?.file.position(range.start);
    return {
      severity,
      message,
      ...(range && at && { file: range.file.shown, line: at.line, column: at.column }),
      ...(hint !== undefined && { hint }),
    };
  });
}
