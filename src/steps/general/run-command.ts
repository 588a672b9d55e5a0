import { parseDuration, TIMEOUT, withUnit } from '../../core/duration.ts';
import type { FactRef } from '../../core/fact.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ChangePlan, NonePlan, PlanWarning } from '../../core/plan.ts';
import { lastOutput, printed } from '../../core/program-output.ts';
import { type CommandResult, MAX_OUTPUT_BYTES } from '../../core/session.ts';
import { joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import { shortened } from '../../core/shortened.ts';
import { type Outcome, StepFailure, type WriteContext } from '../../core/step.ts';
import { Unknown, type World } from '../../core/world.ts';
import { existingPaths, withPath } from '../../facts/files/existing-paths.ts';

/** The characters of a command that a plan shows. */
const MAX_SHOWN = 80;

/** Options that command and shell share. */
export const OPTIONS = {
  creates: {
    type: 'string',
    pattern: '^/',
    description: 'do nothing if this absolute path exists; it may be a pattern: /opt/tool-*',
    'x-any-word': true,
  },
  removes: {
    type: 'string',
    pattern: '^/',
    description: 'do nothing if this absolute path does not exist; it may be a pattern',
    'x-any-word': true,
  },
  chdir: { type: 'string', pattern: '^/', description: 'directory to run in, an absolute path', 'x-any-word': true },
  stdin: { type: 'string', description: 'standard input of the command', 'x-any-word': true },
  stdin_add_newline: { type: 'boolean', default: true, description: 'end stdin with a newline' },
  timeout: {
    ...TIMEOUT,
    default: '10m',
    description:
      'after this time the command is killed and the task fails: 90s, 5m, or a number of seconds; default: the value of async, if given',
    'x-async': true,
  },
} as const;

/** The command to run. */
export interface CommandText {
  /** The words of a command, or the lines of a script. */
  readonly cmd: string | readonly string[];
  /** What a plan shows. */
  readonly shown: string;
}

export interface Options {
  readonly creates?: string;
  readonly removes?: string;
  readonly chdir?: string;
  readonly stdin?: string;
  readonly stdin_add_newline: boolean;
  readonly timeout: string | number;
}

/**
 * Why a command need not run: the path that it creates exists, or the one that it removes does not (`creates`, `removes`).
 * Undefined: it has to run.
 */
export function skipReason(cmd: CommandText['cmd'], { creates, removes }: Options, world: World): NonePlan | undefined {
  if (creates === undefined && removes === undefined) return undefined;
  const found = world.get(existingPaths(paths(creates, removes)));
  if (creates !== undefined && found.includes(creates))
    return { action: 'none', reason: `${creates} exists`, ...skipped(cmd, creates, 'exists') };
  if (removes !== undefined && !found.includes(removes))
    return { action: 'none', reason: `${removes} does not exist`, ...skipped(cmd, removes, 'does not exist') };
  return undefined;
}

/** What Ansible registers for a command that did not run. @param stdout what is registered instead of its output */
function notRun(cmd: CommandText['cmd'], stdout: string, msg: string): JsonObject {
  const lines = { stdout_lines: linesOf(stdout), stderr_lines: [] };
  return { cmd, rc: 0, stdout, stderr: '', ...lines, start: null, end: null, delta: null, msg };
}

/** The plan of a command: it runs each time, with an unpredictable result. */
export function runPlan(
  { cmd, shown }: CommandText,
  { creates, removes }: Options,
  world: World,
  warnings: readonly PlanWarning[],
): ChangePlan {
  const hasCondition = creates !== undefined || removes !== undefined;
  return {
    action: 'change',
    changes: [{ kind: 'run', target: firstLine(shown), before: null, after: null, disruptive: false }],
    after: worldAfter(world, creates, removes, shown),
    inCheckMode: {
      result: { ...notRun(cmd, '', 'Command would have run if not in check mode'), failed: false },
      isSkipped: !hasCondition,
    },
    ...(warnings.length > 0 && { warnings }),
  };
}

/** The path in `creates` is expected to exist afterwards; the one in `removes` may still exist. */
function worldAfter(world: World, creates: string | undefined, removes: string | undefined, shown: string): World {
  const made = creates === undefined ? world : withPath(world, creates, true);
  return removes === undefined ? made : withPath(made, removes, new Unknown(firstLine(shown)));
}

/** Runs a command on a host and returns what Ansible registers. */
export async function runOn(
  context: WriteContext,
  script: ShellScript,
  cmd: CommandText['cmd'],
  params: Options,
): Promise<Outcome> {
  const timeout = withUnit(params.timeout);
  const start = context.now();
  const result = await context.run(scriptOf(script, params, context.environment), {
    mayFail: true,
    timeoutMs: parseDuration(timeout),
  });
  if (result.timedOut) throw new StepFailure('command-timeout', `the command did not end within ${timeout}`);
  const end = context.now();
  const stdout = result.stdout.replace(END, '');
  const stderr = result.stderr.replace(END, '');
  return {
    ...(result.exitCode !== 0 && { failure: failureOf(result) }),
    ...(result.truncated && { warnings: [CUT_OUTPUT] }),
    result: {
      cmd,
      rc: result.exitCode ?? -1,
      stdout,
      stderr,
      stdout_lines: linesOf(stdout),
      stderr_lines: linesOf(stderr),
      start: momentText(start),
      end: momentText(end),
      delta: durationText(end.getTime() - start.getTime()),
      msg: result.exitCode === 0 ? '' : 'non-zero return code',
      failed: result.exitCode !== 0,
    },
  };
}

const KEPT = `${MAX_OUTPUT_BYTES / 1_048_576} MiB`;

const CUT_OUTPUT: PlanWarning = {
  message: `the command has written more than ${KEPT}: what it registers, and conditions on that, lack the rest`,
  remedy: 'let it write less (grep, tail), or into a file on the host',
};

/** Ansible removes all line breaks at the end. */
const END = /[\r\n]+$/;

/** Where Python's `splitlines` ends a line: also at the separators of ASCII. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const LINE_BREAK = /\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/;

function linesOf(text: string): readonly string[] {
  const lines = text.split(LINE_BREAK);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** What Ansible registers for a command that need not run. */
function skipped(
  cmd: CommandText['cmd'],
  path: string,
  why: string,
): Required<Pick<NonePlan, 'result' | 'inCheckMode'>> {
  const result = (verb: string) =>
    notRun(cmd, `skipped, since ${path} ${why}`, `${verb} not run command since '${path}' ${why}`);
  return { result: result('Did'), inCheckMode: { result: result('Would'), isSkipped: false } };
}

/** Formatted like a Python datetime, in UTC. */
function momentText(moment: Date): string {
  return `${moment.toISOString().slice(0, -1).replace('T', ' ')}000`;
}

/** Formatted like a Python timedelta below a day: `0:00:00.004000`. */
function durationText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  const two = (number: number) => String(number % 60).padStart(2, '0');
  const rest = String(milliseconds % 1_000).padStart(3, '0');
  return `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60))}:${two(seconds)}.${rest}000`;
}

/** What steps have in common that run a user's command. Of its options, only those about paths decide what a plan says. */
export const RUNS_COMMAND = {
  runsCommand: true,
  readsFactsFor: ['creates', 'removes'],
  needsFreshFacts: true,
  usesEnvironment: true,
  delegable: true,
  isKillable: true,
  supportsAsync: true,
  needs: pathFacts,
} as const;

/** The facts for `creates` and `removes`; none if neither is given. */
function pathFacts({ creates, removes }: Options): readonly FactRef[] {
  return creates === undefined && removes === undefined ? [] : [existingPaths(paths(creates, removes))];
}

/** The paths that decide whether a command runs. */
function paths(...candidates: readonly (string | undefined)[]): readonly string[] {
  return candidates.filter((path) => path !== undefined);
}

function scriptOf(
  own: ShellScript,
  { chdir, stdin = '', stdin_add_newline: endsLine }: Options,
  environment: WriteContext['environment'],
): ShellScript {
  const directory =
    chdir === undefined
      ? sh``
      : sh`cd "$R"${chdir} || exit 1
`;
  const start = joinScripts([OWN_SURROUNDINGS, directory, ...exports(environment)], '');
  if (stdin === '') return sh`${start}${own}`;
  // Without the colon, a script of comments alone would be a syntax error.
  return sh`${start}printf %s ${endsLine ? `${stdin}\n` : stdin} | {
:
${own}
}`;
}

/** Restores the host's own settings: those of the session's shell are for kplay's temporary files. */
const OWN_SURROUNDINGS = sh`if [ -n "$kplay_tmpdir" ]; then export TMPDIR="$kplay_tmpdir"; else unset TMPDIR; fi
umask "$kplay_umask"
`;

/** The names need no quoting. */
function exports(environment: WriteContext['environment']): readonly ShellScript[] {
  return Object.entries(environment).map(
    ([name, value]) => sh`export ${name}=${value}
`,
  );
}

function failureOf(result: CommandResult): StepFailure {
  const { exitCode } = result;
  return new StepFailure('command-failed', `the command ended with ${exitCode ?? 'a signal'}`, {
    details: printed(lastOutput(result), isShownCut(result) ? `output, cut at ${KEPT}` : undefined),
    remedy: 'if another exit code is not a failure, use failed_when',
  });
}

/** Whether what is shown of it was cut, and not only its other stream. Of a cut character nothing is kept. */
function isShownCut({ stdout, stderr, truncated }: CommandResult): boolean {
  const shown = stderr.trim() === '' ? stdout : stderr;
  return truncated && Buffer.byteLength(shown) > MAX_OUTPUT_BYTES - 4;
}

function firstLine(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  return line.length > MAX_SHOWN ? shortened(line, MAX_SHOWN - 1) : line;
}
