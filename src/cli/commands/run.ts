import { quoteWord } from '../../core/shell.ts';
import { loadPlaybook } from '../../playbook/load.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { sameOptions, wayBack } from '../next-commands.ts';
import type { RunOptions } from '../options.ts';
import { askYes } from '../prompts.ts';
import { runPlaybook } from '../run-playbook.ts';
import { showPlan } from '../show-plan.ts';
import { plan } from './plan.ts';
import { validate } from './validate.ts';

export interface RunCommandOptions extends RunOptions {
  readonly check?: boolean;
  readonly syntaxCheck?: boolean;
  readonly confirm?: boolean;
}

/** `kplay run`: observe, plan, show, apply, prove. */
export async function run(playbook: string, options: RunCommandOptions, environment: Environment): Promise<number> {
  if (options.syntaxCheck) return validate(playbook, options, environment);
  if (options.check) return plan(playbook, options, environment);
  if (options.confirm && !environment.stdin.isTTY) {
    environment.stderr.write(
      '--confirm asks on a terminal, and there is none: save a plan with kplay plan --out, and apply it\n',
    );
    return EXIT.input;
  }
  const finished = await runPlaybook({
    command: 'run',
    source: playbook,
    options,
    environment,
    inputs: {
      playbook: (problems) => loadPlaybook(playbook, catalogue, problems),
      tags: { only: options.tags, skip: options.skipTags },
    },
    apply: options.confirm ? { confirm: (signal) => askYes(environment, 'Apply this plan?', signal) } : {},
    onPlan: (shown) => showPlan(shown, options, environment),
    next: (result) => {
      // On all its hosts again: what is done costs a look, and a host alone would lack the others that it needs.
      const isOver = [result.failed, result.unreachable, result.refused].every(({ length }) => length === 0);
      return [
        ...(isOver ? [] : [`kplay run ${quoteWord(playbook)} ${sameOptions(options)}`]),
        ...wayBack(result, options),
      ];
    },
  });
  return finished.exitCode;
}
