import { parseDuration } from '../core/duration.ts';
import type { ChangePlan, NonePlan, PlanWarning, RefusePlan } from '../core/plan.ts';
import type { JsonSchemaObject, ValueOf } from '../core/schema.ts';
import type { CommandResult } from '../core/session.ts';
import { type ShellScript, sh, userScript } from '../core/shell.ts';
import { defineStep, type Outcome, type Step, StepFailure, type WriteContext } from '../core/step.ts';
import { splitWords } from '../core/words.ts';
import type { World } from '../core/world.ts';
import { fileStates } from '../facts/file-states.ts';

const OPTIONS = {
  creates: { type: 'string', pattern: '^/', description: 'does nothing when this file exists' },
  removes: { type: 'string', pattern: '^/', description: 'does nothing when this file does not exist' },
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

const schema = {
  type: 'object',
  properties: {
    cmd: {
      type: 'string',
      minLength: 1,
      description: 'what to run: words, quoted where they hold blanks; no shell reads them',
      'x-free-form': true,
    },
    argv: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      description: 'what to run, word by word, as they are',
    },
    ...OPTIONS,
  },
  additionalProperties: false,
} as const satisfies JsonSchemaObject;

const shellSchema = {
  type: 'object',
  properties: {
    cmd: {
      type: 'string',
      minLength: 1,
      description: 'what to run: lines of POSIX sh',
      'x-free-form': true,
    },
    ...OPTIONS,
  },
  required: ['cmd'],
  additionalProperties: false,
} as const satisfies JsonSchemaObject;

type Params = ValueOf<typeof schema>;
type ShellParams = ValueOf<typeof shellSchema>;

const step: Step<Params> = {
  name: 'command',
  summary: 'run a command on the host',
  details:
    'What it does cannot be foreseen: a plan shows that it will run, and what depends on its result is known only then. It ' +
    'runs each time, save with creates or removes. `register` gets rc, stdout, stderr and stdout_lines. A command that ' +
    'fails fails the task, unless failed_when says otherwise. No shell reads it: |, > and && are words like others; where they ' +
    'are to mean something, shell is the step.',
  schema,
  examples: [
    { title: 'Look at something', task: 'command: uptime\nchanged_when: false\nregister: load' },
    { title: 'Once', task: 'command: { cmd: "tar -C /opt -xf /tmp/tool.tar", creates: /opt/tool/bin/tool }' },
  ],
  converges: false,
  needs: ({ creates, removes }) =>
    creates === undefined && removes === undefined ? [] : [fileStates(paths(creates, removes))],
  plan(params, world) {
    if ((params.cmd === undefined) === (params.argv === undefined)) {
      return { action: 'refuse', reason: 'command needs either cmd or argv', remedy: 'give it one of them' };
    }
    const before = doneBefore(params, world);
    if (before) return before;
    const words = wordsOf(params);
    if ('refusal' in words) return words.refusal;
    return runPlan(params.cmd ?? params.argv?.join(' ') ?? '', world, warningsOf(params.cmd, words.words));
  },
  async apply(context, params) {
    const words = wordsOf(params);
    if ('refusal' in words) throw new StepFailure(words.refusal.reason, [], words.refusal.remedy);
    // A builtin of the shell is no program, and may do otherwise than the program of its name.
    return runOn(context, sh`exec ${words.words}`, params);
  },
};

export const command = defineStep(step);

const shellStep: Step<ShellParams> = {
  name: 'shell',
  summary: 'run lines of sh on the host',
  details:
    'As command, with the POSIX sh of the host (dash, busybox) to read it: pipes, redirections and variables mean what they ' +
    'mean there. What a template puts into it is read by that shell as well: quote it with the filter quote.',
  schema: shellSchema,
  examples: [
    { title: 'Count', task: 'shell: "ls /etc/kubernetes/manifests | wc -l"\nchanged_when: false\nregister: pods' },
    { title: 'Once', task: 'shell: { cmd: "date > /var/lib/first-seen", creates: /var/lib/first-seen }' },
  ],
  converges: false,
  needs: ({ creates, removes }) =>
    creates === undefined && removes === undefined ? [] : [fileStates(paths(creates, removes))],
  plan: (params, world) => doneBefore(params, world) ?? runPlan(params.cmd, world, []),
  apply: (context, params) => runOn(context, userScript(params.cmd), params),
};

export const shell = defineStep(shellStep);

type Options = Pick<Params, 'creates' | 'removes' | 'chdir' | 'stdin' | 'timeout'>;

function doneBefore({ creates, removes }: Options, world: World): NonePlan | undefined {
  if (creates === undefined && removes === undefined) return undefined;
  const files = world.get(fileStates(paths(creates, removes)));
  if (creates !== undefined && files.has(creates))
    return { action: 'none', reason: `${creates} exists`, result: SKIPPED };
  if (removes !== undefined && !files.has(removes))
    return { action: 'none', reason: `${removes} does not exist`, result: SKIPPED };
  return undefined;
}

function runPlan(shown: string, world: World, warnings: readonly PlanWarning[]): ChangePlan {
  return {
    action: 'change',
    changes: [{ kind: 'run', target: firstLine(shown), before: null, after: null, disruptive: false }],
    after: world,
    ...(warnings.length > 0 && { warnings }),
  };
}

/** A program and its arguments: `argv`, or `cmd` split into words as Python's shlex does it for Ansible. */
function wordsOf({ cmd, argv }: Params): { readonly words: readonly string[] } | { readonly refusal: RefusePlan } {
  if (cmd === undefined) return { words: argv ?? [] };
  const split = splitWords(cmd);
  if (split === undefined)
    return { refusal: { action: 'refuse', reason: 'a quote is not closed', remedy: 'close it' } };
  const variable = split.find((word) => /\$(\w|\{)/.test(word));
  if (variable === undefined) return { words: split };
  const reason = `no shell is there to give ${/\$\{?\w+\}?/.exec(variable)?.[0] ?? variable} a value`;
  return {
    refusal: { action: 'refuse', reason, remedy: 'use shell: in place of command:, or argv for the words as they are' },
  };
}

const OPERATOR = /^(?:\|\|?|&&?|;|\d*>>?|\d*<<?|\d*>&\d)$/;

/** Words that somebody wrote for a shell. */
function warningsOf(cmd: string | undefined, words: readonly string[]): readonly PlanWarning[] {
  const operator = cmd === undefined ? undefined : words.find((word) => OPERATOR.test(word));
  if (operator === undefined) return [];
  const message = `'${operator}' is handed to ${words[0]} as a word: command runs no shell`;
  return [{ message, remedy: 'use shell: in place of command: where it is to mean something' }];
}

async function runOn(context: WriteContext, script: ShellScript, params: Options): Promise<Outcome> {
  const result = await context.run(scriptOf(script, params), {
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

const SKIPPED = { rc: 0, stdout: '', stderr: '', stdout_lines: [] } as const;

function paths(...candidates: readonly (string | undefined)[]): readonly string[] {
  return candidates.filter((path) => path !== undefined);
}

function scriptOf(own: ShellScript, { chdir, stdin }: Options): ShellScript {
  const directory =
    chdir === undefined
      ? sh``
      : sh`cd "$R"${chdir} || exit 1
`;
  if (stdin === undefined) return sh`${directory}${own}`;
  return sh`${directory}printf %s ${stdin} | {
${own}
}`;
}

function failureOf({ exitCode, stdout, stderr }: CommandResult): StepFailure {
  const said = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-8).join('\n');
  return new StepFailure(
    `the command ended with ${exitCode ?? 'a signal'}`,
    said === '' ? [] : [['it said', said]],
    'failed_when decides what a failure is, where another exit code is none',
  );
}

function firstLine(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
