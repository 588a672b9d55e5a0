import { parseDuration } from '../core/duration.ts';
import type { JsonSchemaObject, ValueOf } from '../core/schema.ts';
import type { CommandResult } from '../core/session.ts';
import { type ShellScript, sh, userScript } from '../core/shell.ts';
import { defineStep, type Step, StepFailure } from '../core/step.ts';
import { fileStates } from '../facts/file-states.ts';

const schema = {
  type: 'object',
  properties: {
    cmd: {
      type: 'string',
      minLength: 1,
      description: 'what to run, as one line of POSIX sh',
      'x-free-form': true,
    },
    argv: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      description: 'what to run, word by word: nothing in it means anything to a shell',
    },
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
  },
  additionalProperties: false,
} as const satisfies JsonSchemaObject;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'command',
  summary: 'run a command on the host',
  details:
    'What it does cannot be foreseen: a plan shows that it will run, and what depends on its result is known only then. It ' +
    'runs each time, save with creates or removes. `register` gets rc, stdout, stderr and stdout_lines. A command that ' +
    'fails fails the task, unless failed_when says otherwise. Unlike Ansible’s, it is a line of sh: pipes work.',
  schema,
  examples: [
    { title: 'Look at something', task: 'command: uptime\nchanged_when: false\nregister: load' },
    { title: 'Once', task: 'command: { cmd: "tar -C /opt -xf /tmp/tool.tar", creates: /opt/tool/bin/tool }' },
  ],
  converges: false,
  needs: ({ creates, removes }) =>
    creates === undefined && removes === undefined ? [] : [fileStates(paths(creates, removes))],
  plan(params, world) {
    const { creates, removes } = params;
    if ((params.cmd === undefined) === (params.argv === undefined)) {
      return { action: 'refuse', reason: 'command needs either cmd or argv', remedy: 'give it one of them' };
    }
    if (creates !== undefined || removes !== undefined) {
      const files = world.get(fileStates(paths(creates, removes)));
      if (creates !== undefined && files.has(creates))
        return { action: 'none', reason: `${creates} exists`, result: SKIPPED };
      if (removes !== undefined && !files.has(removes))
        return { action: 'none', reason: `${removes} does not exist`, result: SKIPPED };
    }
    const shown = params.cmd ?? params.argv?.join(' ') ?? '';
    return {
      action: 'change',
      changes: [{ kind: 'run', target: firstLine(shown), before: null, after: null, disruptive: false }],
      after: world,
    };
  },
  async apply(context, params) {
    const result = await context.run(scriptOf(params), { mayFail: true, timeoutMs: parseDuration(params.timeout) });
    if (result.timedOut) throw new StepFailure(`the command did not end within ${params.timeout}`);
    return {
      ...(result.exitCode !== 0 && { failure: failureOf(result) }),
      result: {
        rc: result.exitCode ?? -1,
        stdout: result.stdout.replace(/\n$/, ''),
        stderr: result.stderr.replace(/\n$/, ''),
        stdout_lines: result.stdout.replace(/\n$/, '').split('\n'),
        failed: result.exitCode !== 0,
      },
    };
  },
};

export const command = defineStep(step);

const SKIPPED = { rc: 0, stdout: '', stderr: '', stdout_lines: [] } as const;

function paths(...candidates: readonly (string | undefined)[]): readonly string[] {
  return candidates.filter((path) => path !== undefined);
}

function scriptOf({ cmd, argv, chdir, stdin }: Params): ShellScript {
  const own = cmd === undefined ? sh`${argv ?? []}` : userScript(cmd);
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
