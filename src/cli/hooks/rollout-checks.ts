import type { Problems } from '../../core/diagnostic.ts';
import { compileChecks } from '../../engine/program/compile-hooks.ts';
import type { CompiledCheck, CompiledPlay } from '../../engine/program/compiled.ts';
import type { CompiledVars } from '../../engine/program/scope.ts';
import type { CheckedCluster } from '../../fleet/rollout/check-attempts.ts';
import type { AskCheck } from '../../fleet/rollout/cluster-checks.ts';
import type { ParameterChecker } from '../../playbook/parameters/parameter-checker.ts';
import { CHECK_KINDS } from '../../playbook/rollout/local-kinds.ts';
import type { Rollout } from '../../playbook/rollout/rollout-model.ts';
import { groupBy } from '../../report/text/words.ts';
import { TemplateError } from '../../template/errors.ts';
import type { Environment } from '../environment.ts';
import { runLocalAction } from './local-action.ts';
import { failureOf } from './local-action-failure.ts';
import { checkParams, localActionChecker, paramsOf } from './local-action-params.ts';

/**
 * The checks of a rollout, ready to be asked. Errors in them, also in their templates, are added to `problems` before any host is
 * contacted.
 * @param plays the one that is rolled out
 */
export async function readChecks(
  rollout: Rollout | undefined,
  [play]: readonly CompiledPlay[],
  extra: CompiledVars,
  problems: Problems,
): Promise<readonly CompiledCheck[]> {
  const { checks } = rollout ?? { checks: [] };
  if (!play || checks.length === 0) return [];
  const checker = await localActionChecker(CHECK_KINDS);
  const before = problems.all.length;
  const compiled = compiledBy(checker, checks, problems);
  if (problems.all.length > before) return compiled;
  const clusters = clustersOf(play);
  for (const check of compiled) {
    const mistake = mistakeIn(check, clusters, (cluster) => {
      paramsOf(check, play, extra, factsOf('', play, cluster), checker);
    });
    if (mistake) problems.error(mistake.message, mistake.range, mistake.hint);
  }
  return compiled;
}

/** The same without values that only a run knows. */
export async function checkChecks(
  { checks }: Pick<Rollout, 'checks'>,
  problems: Problems,
): Promise<readonly CompiledCheck[]> {
  return compiledBy(await localActionChecker(CHECK_KINDS), checks, problems);
}

function compiledBy(
  checker: ParameterChecker,
  checks: Rollout['checks'],
  problems: Problems,
): readonly CompiledCheck[] {
  for (const check of checks) checkParams(check, checker, problems);
  return compileChecks(checks, problems);
}

/** The clusters of a play, each with its own hosts. */
function clustersOf({ hosts }: CompiledPlay): readonly Omit<CheckedCluster, 'at'>[] {
  const known = hosts.flatMap(({ host: { name, cluster } }) => (cluster === undefined ? [] : [{ name, cluster }]));
  return [...groupBy(known, ({ cluster }) => cluster)].map(([name, members]) => {
    return { name, hosts: members.map((host) => host.name) };
  });
}

/** The first error of trying a check with the values of each cluster, at each moment at which it would be asked. */
function mistakeIn(
  { at: moments }: CompiledCheck,
  clusters: readonly Omit<CheckedCluster, 'at'>[],
  attempt: (cluster: CheckedCluster) => void,
): TemplateError | undefined {
  try {
    for (const cluster of clusters) for (const at of moments) attempt({ ...cluster, at });
    return undefined;
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
}

/** Asks checks on this machine. A check that cannot be asked has not passed. */
export function checkAsker(
  play: CompiledPlay,
  runId: string,
  extra: CompiledVars,
  environment: Environment,
  abort: AbortSignal,
): AskCheck {
  return async (check, cluster, end) => {
    const checker = await localActionChecker(CHECK_KINDS);
    return failureOf(async () =>
      runLocalAction(
        check,
        paramsOf(check, play, extra, factsOf(runId, play, cluster), checker),
        environment,
        AbortSignal.any([abort, end]),
      ),
    );
  };
}

function factsOf(id: string, play: CompiledPlay, { name, hosts, at }: CheckedCluster) {
  return { id, play: play.name, cluster: name, hosts, at };
}
