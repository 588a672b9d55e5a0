import type { Problems } from '../../core/diagnostic.ts';
import type { EventSink } from '../../core/events/event.ts';
import type { CompiledHook, CompiledPlay } from '../../engine/program/compiled.ts';
import type { CompiledVars } from '../../engine/program/scope.ts';
import type { HookCaller } from '../../engine/run-request.ts';
import type { Playbook } from '../../playbook/model.ts';
import { HOOK_KINDS } from '../../playbook/rollout/local-kinds.ts';
import { TemplateError } from '../../template/errors.ts';
import type { Environment } from '../environment.ts';
import { runLocalAction } from './local-action.ts';
import { failureOf } from './local-action-failure.ts';
import { checkParams, localActionChecker, paramsOf } from './local-action-params.ts';

/** Sample facts of a run that has not started, for trying the templates of hooks before any host is contacted. */
const NOTHING_YET = { id: '', changed: [], failed: [], refused: [], unreachable: [] } as const;
const NO_WAVE_YET = { id: '', wave: '', number: 1, of: 1, clusters: [], done: [], failed: [], left: [] } as const;

/** Before the first contact: adds errors in hooks as written to `problems`. */
export async function checkHookParameters({ plays }: Playbook, problems: Problems): Promise<void> {
  const hooks = plays.flatMap(({ onStart = [], onSuccess = [], onFailure = [], onWave = [] }) => [
    ...onStart,
    ...onSuccess,
    ...onFailure,
    ...onWave,
  ]);
  if (hooks.length === 0) return;
  const checker = await localActionChecker(HOOK_KINDS);
  for (const hook of hooks) checkParams(hook, checker, problems);
}

/** The same for their templates: undefined names, and values that a hook does not take. */
export async function checkHookTemplates(
  plays: readonly CompiledPlay[],
  extra: CompiledVars,
  problems: Problems,
): Promise<void> {
  if (plays.every(({ hooks }) => hooks.length === 0)) return;
  const checker = await localActionChecker(HOOK_KINDS);
  for (const play of plays) {
    const about = { play: play.name, hosts: play.hosts.map(({ host }) => host.name) };
    const wave = { ...NO_WAVE_YET, ...about };
    for (const hook of play.hooks) {
      const samples =
        hook.moment === 'wave'
          ? [
              { ...wave, at: 'begin' },
              { ...wave, at: 'end' },
            ]
          : [{ ...NOTHING_YET, ...about }];
      try {
        for (const facts of samples) paramsOf(hook, play, extra, facts, checker);
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        problems.error(error.message, error.range, error.hint);
      }
    }
  }
}

/** Calls hooks on this machine. Their failure does not affect a running run: it is a warning. */
export function hookCaller(
  extra: CompiledVars,
  environment: Environment,
  emit: EventSink,
  abort: AbortSignal,
): HookCaller {
  return async (play, moment, facts) => {
    const checker = await localActionChecker(HOOK_KINDS);
    for (const hook of play.hooks.filter((one) => one.moment === moment)) {
      if (abort.aborted) return undefined;
      const started = environment.clock().getTime();
      const failure = await failureOf(async () => {
        await runLocalAction(hook, paramsOf(hook, play, extra, { ...facts }, checker), environment, abort);
      });
      emit({
        type: 'hook-finished',
        play: play.name,
        hook: hook.name,
        moment,
        hosts: facts.hosts,
        succeeded: failure === undefined,
        ...(failure !== undefined && { reason: failure }),
        elapsedMs: environment.clock().getTime() - started,
      });
      if (failure === undefined) continue;
      const { what, remedy } = troubleWith(hook, failure, abort.aborted);
      const message = `on_${moment}: '${hook.name}' ${what}`;
      // A run that is ended changes nothing in any case, and it is not the hook that has to be mended.
      if (moment === 'start') return abort.aborted ? undefined : message;
      const subject =
        'wave' in facts ? { hosts: [], message: `wave ${facts.wave}: ${message}` } : { hosts: facts.hosts, message };
      emit({ type: 'warning', ...subject, remedy });
    }
    return undefined;
  };
}

interface Trouble {
  readonly what: string;
  readonly remedy: string;
}

function troubleWith(hook: CompiledHook, failure: string, isInterrupted: boolean): Trouble {
  if (!isInterrupted) return { what: `failed: ${failure}`, remedy: remedyFor(hook) };
  const remedy = 'it may have done its work in part, or not at all: do the rest by hand if it is still needed';
  return { what: 'was interrupted', remedy };
}

function remedyFor({ kind }: CompiledHook): string {
  const what = kind === 'uri' ? 'the URL of the hook, and the server' : 'the command of the hook';
  return `check ${what}; it affects neither the result of the run nor its exit code`;
}
