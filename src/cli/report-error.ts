import { InputError } from '../core/diagnostic.ts';
import type { Environment } from './environment.ts';
import { EXIT } from './exit-code.ts';
import { PromptEnded } from './prompts.ts';
import { VERSION } from './version.ts';

/** Says what went wrong, in words; a stack is shown only for what is a bug, and only when it is asked for. */
export async function reportError(error: unknown, argv: readonly string[], environment: Environment): Promise<number> {
  const { stderr, variables } = environment;
  if (error instanceof InputError) {
    const { showDiagnostics } = await import('./output.ts');
    showDiagnostics(error.diagnostics, { color: !argv.includes('--no-color') }, environment);
    stderr.write('Exit 1.\n');
    return EXIT.input;
  }
  if (error instanceof PromptEnded) {
    stderr.write('Interrupted. Nothing was contacted.\n');
    return EXIT.interrupted;
  }
  if (error instanceof Error && error.message === 'interrupted') {
    stderr.write('Interrupted. Run the same command again: it continues from what it finds on the hosts.\n');
    return EXIT.interrupted;
  }
  const text = error instanceof Error ? error.message : String(error);
  stderr.write(`error: a bug in kplay ${VERSION}: ${text}\n`);
  const wantsStack = argv.some((word) => /^-v{2,}$/.test(word)) || Boolean(variables['KPLAY_DEBUG']);
  if (wantsStack && error instanceof Error) stderr.write(`${error.stack ?? ''}\n`);
  else stderr.write('Run the command again with -vvv, and report the bug with its output.\n');
  return EXIT.bug;
}
