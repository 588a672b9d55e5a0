import type { Problems } from '../../core/diagnostic.ts';
import type { HookMoment } from '../../core/events/play.ts';
import type { Play } from '../../playbook/model.ts';
import { CHECK_KINDS } from '../../playbook/rollout/local-kinds.ts';
import type { LocalAction } from '../../playbook/rollout/local-model.ts';
import type { Check } from '../../playbook/rollout/rollout-model.ts';
import { compileTree } from '../../template/compile.ts';
import { checkCommandLines } from './check-command-lines.ts';
import type { CompiledCheck, CompiledHook, CompiledLocalAction } from './compiled.ts';

/** Parses the templates of a play's hooks. */
export function compileHooks(
  { onStart, onSuccess, onFailure, onWave }: Play,
  problems: Problems,
): readonly CompiledHook[] {
  const at = (moment: HookMoment, hooks: readonly LocalAction[] = []) =>
    compileLocalActions(hooks, problems).map((action): CompiledHook => ({ moment, ...action }));
  return [...at('start', onStart), ...at('success', onSuccess), ...at('failure', onFailure), ...at('wave', onWave)];
}

/** Parses the templates of actions on the machine that runs kplay. Actions with errors are reported and left out. */
function compileLocalActions(actions: readonly LocalAction[], problems: Problems): readonly CompiledLocalAction[] {
  return actions.flatMap(({ name, kind, params: tree, range }): readonly CompiledLocalAction[] => {
    const params = compileTree(tree, problems);
    const schema = CHECK_KINDS.get(kind.value)?.schema;
    if (params && schema) checkCommandLines(params, schema, problems);
    return params ? [{ name: name.value, kind: kind.value, params, range }] : [];
  });
}

/** The same for the checks of a rollout. */
export function compileChecks(checks: readonly Check[], problems: Problems): readonly CompiledCheck[] {
  return checks.flatMap((check) =>
    compileLocalActions([check], problems).map((action) => {
      const { at, retries, delayMs } = check;
      return { ...action, at, retries, delayMs };
    }),
  );
}
