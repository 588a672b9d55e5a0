import { parseDuration, TIMEOUT_PATTERN } from '../../core/duration.ts';
import type { FactRef } from '../../core/fact.ts';
import type { JsonSchemaObject, ValueOf } from '../../core/schema.ts';
import { defineStep, type Step } from '../../core/step.ts';
import { existingPaths } from '../../facts/existing-paths.ts';
import { openPort } from '../../facts/open-port.ts';

/** A duration, or seconds as Ansible has them. */
const TIMEOUT = `^\\d+$|${TIMEOUT_PATTERN}`;

const schema = {
  type: 'object',
  properties: {
    port: { type: 'integer', minimum: 1, maximum: 65535, description: 'TCP port of the host' },
    host: {
      type: 'string',
      minLength: 1,
      default: '127.0.0.1',
      description: 'address, as seen from the host',
      'x-any-word': true,
    },
    path: {
      type: 'string',
      pattern: '^/',
      description: 'path on the host: a file, a directory, a socket, or whatever may be there',
      'x-any-word': true,
    },
    state: {
      enum: ['present', 'absent', 'started', 'stopped'],
      default: 'present',
      description: 'present or started: open, or there; absent or stopped: closed, or gone',
    },
    timeout: {
      type: ['string', 'integer'],
      pattern: TIMEOUT,
      minLength: 1,
      minimum: 0,
      default: '5m',
      description: 'how long to wait; a number is seconds',
    },
  },
  additionalProperties: false,
  'x-one-of': ['port', 'path'],
} as const satisfies JsonSchemaObject;

type Params = ValueOf<typeof schema>;

const step: Step<Params> = {
  name: 'wait_for',
  summary: 'wait until a port is open or closed, or something is at a path or gone from it',
  details: 'Changes nothing. The port is tried from the host itself.',
  schema,
  examples: [{ title: 'Until the API answers', task: 'wait_for: { port: 6443, timeout: 2m }' }],
  delegable: true,
  canBeEnded: true,
  takesAsync: true,
  needs: (params) => [question(params)],
  plan(params, world) {
    return isAsWanted(params, world)
      ? { action: 'none', reason: describe(params) }
      : { action: 'check', expectation: describe(params) };
  },
  async check(context, params) {
    await context.waitFor(describe(params, 'to be'), timeoutMs(params), async () => {
      const world = await context.observe([question(params)]);
      return isAsWanted(params, world)
        ? { done: true, value: undefined }
        : { done: false, state: describe({ ...params, state: isWantedThere(params) ? 'absent' : 'present' }) };
    });
    return {};
  },
};

export const waitFor = defineStep(step);

function timeoutMs({ timeout }: Params): number {
  return /^\d+$/.test(String(timeout)) ? Number(timeout) * 1_000 : parseDuration(String(timeout));
}

function question({ port, host, path }: Params): FactRef {
  return port === undefined ? existingPaths([literally(path ?? '/')]) : openPort(host, port);
}

/** A path as a pattern of itself. */
function literally(path: string): string {
  return path.replace(/[*?[]/g, '[$&]');
}

function isAsWanted(params: Params, world: Parameters<Step<Params>['plan']>[1]): boolean {
  const { port, host, path } = params;
  const is =
    port === undefined
      ? world.get(existingPaths([literally(path ?? '/')])).length > 0
      : world.get(openPort(host, port));
  return is === isWantedThere(params);
}

function isWantedThere({ state }: Params): boolean {
  return state === 'present' || state === 'started';
}

function describe(params: Params, verb: 'is' | 'to be' = 'is'): string {
  const { port, host, path } = params;
  const wanted = isWantedThere(params);
  return port === undefined
    ? `${path} ${verb} ${wanted ? 'there' : 'gone'}`
    : `${host}:${port} ${verb} ${wanted ? 'open' : 'closed'}`;
}
