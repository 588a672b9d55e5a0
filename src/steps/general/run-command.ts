import { parseDuration } from '../../core/duration.ts';
import type { FactRef } from '../../core/fact.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ChangePlan, NonePlan, PlanWarning } from '../../core/plan.ts';
import type { CommandResult } from '../../core/session.ts';
import { joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import { type Outcome, StepFailure, type WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { existingPaths } from '../../facts/existing-paths.ts';

/** What command and shell have in common. */
export const OPTIONS = {
  creates: {
    type: 'string',
    pattern: '^/',
    description: 'does nothing when there is anything at this path, which may be a pattern: /opt/tool-*',
  },
  removes: {
    type: 'string',
    pattern: '^/',
    description: 'does nothing when there is nothing at this path, which may be a pattern',
  },
  chdir: { type: 'string', pattern: '^/', description: 'directory to run in' },
  stdin: { type: 'string', description: 'what the command reads' },
  timeout: {
    type: 'string',
    pattern: '^(\\d+h)?(\\d+m)?(\\d+s)?$',
    minLength: 2,
    default: '10m',
    description: 'after this the command is ended and the task fails',
  },
} as const;

export interface Options {
  readonly creates?: string;
  readonly removes?: string;
  readonly chdir?: string;
  readonly stdin?: string;
  readonly timeout: string;
}

/** Why a command need not run: what it creates is there, or what it removes is not (`creates`, `removes`). Undefined: it is to run. */
export function doneBefore({ creates, removes }: Options, world: World): NonePlan | undefined {
  if (creates === undefined && removes === undefined) return undefined;
  const found = world.get(existingPaths(paths(creates, removes)));
  if (creates !== undefined && found.includes(creates))
    return { action: 'none', reason: `${creates} exists`, result: skipped(`${creates} exists`) };
  if (removes !== undefined && !found.includes(removes))
    return { action: 'none', reason: `${removes} does not exist`, result: skipped(`${removes} does not exist`) };
  return undefined;
}

/** The plan of a command: it runs each time, and only the run tells what it says. */
export function runPlan(shown: string, world: World, warnings: readonly PlanWarning[]): ChangePlan {
  return {
    action: 'change',
    changes: [{ kind: 'run', target: firstLine(shown), before: null, after: null, disruptive: false }],
    after: world,
    ...(warnings.length > 0 && { warnings }),
  };
}

/** Runs a command on a host; its result is what Ansible registers: rc, stdout, stderr and their lines. */
export async function runOn(context: WriteContext, script: ShellScript, params: Options): Promise<Outcome> {
  const result = await context.run(scriptOf(script, params, context.environment), {
    mayFail: true,
    timeoutMs: parseDuration(params.timeout),
  });
  if (result.timedOut) throw new StepFailure(`the command did not end within ${params.timeout}`);
  const lines = result.stdout.replace(/\n$/, '');
  return {
    ...(result.exitCode !== 0 && { failure: failureOf(result) }),
    result: {
      rc: result.exitCode ?? -1,
      stdout: lines,
      stderr: result.stderr.replace(/\n$/, ''),
      stdout_lines: lines === '' ? [] : lines.split('\n'),
      failed: result.exitCode !== 0,
    },
  };
}

/** What Ansible registers of a command that need not run. */
function skipped(why: string): JsonObject {
  const stdout = `skipped, since ${why}`;
  return { rc: 0, stdout, stderr: '', stdout_lines: [stdout] };
}

/** What `creates` and `removes` are judged by; nothing where neither is given. */
export function pathFacts({ creates, removes }: Options): readonly FactRef[] {
  return creates === undefined && removes === undefined ? [] : [existingPaths(paths(creates, removes))];
}

/** The paths that decide whether a command is to run. */
function paths(...candidates: readonly (string | undefined)[]): readonly string[] {
  return candidates.filter((path) => path !== undefined);
}

function scriptOf(own: ShellScript, { chdir, stdin }: Options, environment: WriteContext['environment']): ShellScript {
  const directory =
    chdir === undefined
      ? sh``
      : sh`cd "$R"${chdir} || exit 1
`;
  const start = joinScripts([directory, ...exports(environment)], '');
  if (stdin === undefined) return sh`${start}${own}`;
  return sh`${start}printf %s ${stdin} | {
${own}
}`;
}

/** The names are such as need no quotes. */
function exports(environment: WriteContext['environment']): readonly ShellScript[] {
  return Object.entries(environment).map(
    ([name, value]) => sh`export ${name}=${value}
`,
  );
}

function failureOf({ exitCode, stdout, stderr }: CommandResult): StepFailure {
  const said = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-8).join('\n');
  return new StepFailure(
    `the command ended with ${exitCode ?? 'a signal'}`,
    said === '' ? [] : [['output', said]],
    'failed_when decides what a failure is, where another exit code is none',
  );
}

function firstLine(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
