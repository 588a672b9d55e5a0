import { parseTimeout, TIMEOUT } from '../../core/duration.ts';
import type { FactRef } from '../../core/fact.ts';
import type { JsonObject } from '../../core/json.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { JsonSchemaObject, ValueOf } from '../../core/schema.ts';
import { defineStep, type Look, type Step, StepFailure } from '../../core/step.ts';
import { existingPaths } from '../../facts/files/existing-paths.ts';
import { openPort } from '../../facts/processes/open-port.ts';

const schema = {
  type: 'object',
  properties: {
    port: { type: 'integer', minimum: 1, maximum: 65535, description: 'TCP port of the host' },
    host: {
      type: 'string',
      minLength: 1,
      default: '127.0.0.1',
      description: 'address of the port, as seen from the host',
      'x-only-with': 'port',
      'x-any-word': true,
    },
    path: {
      type: 'string',
      pattern: '^/',
      description: 'path on the host, from /, of any kind: a file, a directory, a socket',
      'x-any-word': true,
    },
    state: {
      enum: ['present', 'absent', 'started', 'stopped'],
      default: 'present',
      description:
        'present or started: open, or existing; absent: closed, or not existing; stopped: closed, only for a port',
    },
    timeout: { ...TIMEOUT, default: '5m', description: 'how long to wait: 90s, 5m, or a number of seconds' },
    delay: {
      type: 'integer',
      minimum: 0,
      description: 'seconds before the first check, whatever the state is now; part of timeout',
    },
    sleep: {
      type: 'integer',
      minimum: 1,
      description: 'minimum seconds between two checks; default: at most one second',
    },
    msg: { type: 'string', minLength: 1, description: 'message on timeout', 'x-any-word': true },
  },
  additionalProperties: false,
  'x-one-of': ['port', 'path'],
} as const satisfies JsonSchemaObject;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'wait_for',
  summary: 'wait until a port is open or closed, or a path exists or does not exist',
  details: 'Changes nothing. The port is tried from the host itself.',
  schema,
  examples: [{ title: 'Until the API answers', task: 'wait_for: { port: 6443, timeout: 2m }' }],
  delegable: true,
  isKillable: true,
  supportsAsync: true,
  needsFreshFacts: true,
  needs: (params) => [question(params)],
  plan(params, world, { isBehindChange }) {
    if (params.state === 'stopped' && params.port === undefined) return STOPPED_PATH;
    // The state before the delay does not count, nor does one that an earlier task may change.
    return (params.delay ?? 0) === 0 && !isBehindChange && isAsWanted(params, world)
      ? { action: 'none', reason: describe(params), result: resultOf(params, 0), inCheckMode: NOT_IN_CHECK_MODE }
      : { action: 'check', expectation: describe(params), inCheckMode: NOT_IN_CHECK_MODE };
  },
  async check(context, params) {
    const { delay = 0, sleep = 0, msg } = params;
    const start = context.now().getTime();
    const elapsed = () => Math.floor((context.now().getTime() - start) / 1_000);
    let next = start + delay * 1_000;
    let state = `${delay} s have not passed`;
    const poll = async (): Promise<Look<undefined>> => {
      if (context.now().getTime() < next) return { done: false, state, isLight: true };
      const world = await context.observe([question(params)]);
      if (isAsWanted(params, world)) return { done: true, value: undefined };
      next = context.now().getTime() + sleep * 1_000;
      state = describe({ ...params, state: shouldExist(params) ? 'absent' : 'present' });
      return { done: false, state };
    };
    try {
      await context.waitFor(describe(params, 'to be'), parseTimeout(params.timeout), poll);
    } catch (error) {
      if (!(error instanceof StepFailure) || error.code !== 'not-in-time') throw error;
      const { code, message, details, remedy } = error;
      return {
        failure:
          msg === undefined
            ? error
            : new StepFailure(code, msg, { details: [['waited', message], ...details], remedy }),
        result: { elapsed: elapsed(), msg: msg ?? timeoutText(params) },
      };
    }
    return { result: resultOf(params, elapsed()) };
  },
};

/** As in Ansible, a failure of the task. */
const STOPPED_PATH: RefusePlan = {
  action: 'refuse',
  code: 'wait-for-state',
  reason: 'state: stopped is only for a port',
  remedy: 'write state: absent to wait until a path does not exist',
  isFailure: true,
  result: { msg: 'state=stopped should only be used for checking a port in the wait_for module', elapsed: 0 },
};

const NOT_IN_CHECK_MODE = {
  result: { failed: false, msg: 'remote module (wait_for) does not support check mode' },
  isSkipped: true,
} as const;

/** What Ansible registers, except for the attributes of the file: of what kind it is and whose. @param elapsed in seconds */
function resultOf({ port, path, state }: Params, elapsed: number): JsonObject {
  const none = { search_regex: null, match_groups: [], match_groupdict: {} };
  return { port: port ?? null, path: path ?? null, state, elapsed, ...none };
}

/** What Ansible says when it has waited in vain. */
function timeoutText(params: Params): string {
  const { port, host, path } = params;
  const what = port === undefined ? `${shouldExist(params) ? 'file ' : ''}${path}` : `${host}:${port}`;
  if (shouldExist(params)) return `Timeout when waiting for ${what}`;
  return `Timeout when waiting for ${what}${port === undefined ? ' to be absent.' : ' to stop.'}`;
}

export const waitFor = defineStep(step);

function question({ port, host, path }: Params): FactRef {
  return port === undefined ? existingPaths([escapeGlob(path ?? '/')]) : openPort(host, port);
}

/** A pattern that only matches this path. */
function escapeGlob(path: string): string {
  return path.replace(/[*?[]/g, '[$&]');
}

function isAsWanted(params: Params, world: Parameters<Step<Params>['plan']>[1]): boolean {
  const { port, host, path } = params;
  const exists =
    port === undefined
      ? world.get(existingPaths([escapeGlob(path ?? '/')])).length > 0
      : world.get(openPort(host, port));
  return exists === shouldExist(params);
}

function shouldExist({ state }: Params): boolean {
  return state === 'present' || state === 'started';
}

function describe(params: Params, verb: 'is' | 'to be' = 'is'): string {
  const { port, host, path } = params;
  const wanted = shouldExist(params);
  return port === undefined
    ? `${path} ${verb} ${wanted ? 'there' : 'gone'}`
    : `${host}:${port} ${verb} ${wanted ? 'open' : 'closed'}`;
}
