import { type Diagnostic, InputError, inReadingOrder } from '../../core/diagnostic.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { PromptEnded } from '../inputs/prompts.ts';
import { VERSION } from '../version.ts';

/**
 * Says what went wrong, in words; a stack is shown only for what is a bug, and only when it is asked for.
 * @param argv the command line with what else gives options.
 */
export async function reportError(error: unknown, argv: readonly string[], environment: Environment): Promise<number> {
  const { stderr, variables } = environment;
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
  const { escapeControls } = await import('../../report/escape.ts');
  // It may quote what a host has said.
  const shown = (text: string): string => text.split('\n').map(escapeControls).join('\n');
  const text = error instanceof Error ? error.message : String(error);
  stderr.write(`error: a bug in kplay ${VERSION}: ${shown(text)}\n`);
  const wantsStack = argv.some((word) => /^-v{2,}$/.test(word)) || Boolean(variables['KPLAY_DEBUG']);
  if (wantsStack && error instanceof Error) stderr.write(`${shown(error.stack ?? '')}\n`);
  else stderr.write('Run the command again with -vvv, and report the bug with its output.\n');
  return EXIT.bug;
}

/** Where a job of GitHub is reported to (`--report github`), what is wrong with the input is annotated as well. */
async function annotate(
  diagnostics: readonly Diagnostic[],
  argv: readonly string[],
  environment: Environment,
): Promise<void> {
  if (!/(?:^|\0)--report[\0=]github(?:\0|$)/.test(argv.join('\0'))) return;
  const { inputAnnotations } = await import('../../report/input-annotations.ts');
  const { repositoryOf } = await import('./repository.ts');
  environment.stderr.write(inputAnnotations(diagnostics, repositoryOf(environment)));
}

/**
 * Programs that read standard output are told there, too, what is wrong with the input.
 * @param offered which outputs the command has, where that is known: whoever asks for another one gets none
 */
export async function reportToPrograms(
  diagnostics: readonly Diagnostic[],
  argv: readonly string[],
  environment: Environment,
  offered?: readonly string[],
): Promise<void> {
  const wanted = documentWanted(argv);
  if (wanted === undefined || offered?.includes(wanted) === false) return;
  const { jsonText } = await import('../../report/json-text.ts');
  const { withoutSecrets } = await import('../../report/source-mask.ts');
  const inOrder = withoutSecrets(inReadingOrder(diagnostics));
  environment.stdout.write(`${jsonText(inputError(inOrder))}\n`);
}

/** One line of JSON is YAML, too. */
function documentWanted(argv: readonly string[]): 'json' | 'yaml' | undefined {
  const words = argv.join('\0');
  const said = /(?:^|\0)(?:-o\0?|--output[\0=])([^\0]*)/.exec(words)?.[1];
  return said === 'json' || said === 'yaml' ? said : undefined;
}

/** The line of docs/exit-codes.md. */
function inputError(diagnostics: readonly Diagnostic[]): JsonObject {
  const problems = diagnostics.map(({ severity, message, range, hint }) => {
    const at = range?.file.position(range.start);
    return {
      severity,
      message,
      ...(range && at && { file: range.file.path, line: at.line, column: at.column }),
      ...(hint !== undefined && { hint }),
    };
  });
  return { version: 1, type: 'input-error', exitCode: EXIT.input, problems };
}
