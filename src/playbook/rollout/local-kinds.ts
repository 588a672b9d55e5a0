import type { JsonSchemaObject } from '../../core/schema.ts';
import { COMMAND_LINE } from '../../core/words.ts';
import type { DocumentedStep } from '../catalogue.ts';

/** `10s`, `2m`, `1m30s`, or a number of seconds; at most an hour. */
const DURATION = {
  type: ['string', 'integer'],
  minimum: 1,
  maximum: 3600,
  pattern: '^(?:(?:[1-9]|[1-5]\\d)m(?:[1-5]?\\ds)?|60m|(?:[1-9]\\d{0,2}|[12]\\d{3}|3[0-5]\\d\\d|3600)s?)$',
} as const;

/** Parameters of a request besides those of the individual kinds. */
const REQUEST = {
  headers: { type: 'object', additionalProperties: { type: 'string' }, description: 'headers of the request' },
  timeout: {
    ...DURATION,
    default: '10s',
    description: 'time limit, after which it has failed: 10s, 1m30s, or a number of seconds; at most 60m',
  },
  validate_certs: { type: 'boolean', default: true, description: 'false: accept any certificate of the server' },
} as const;

const URI = {
  type: 'object',
  properties: {
    url: {
      type: 'string',
      pattern: '^https?://',
      description: 'URL of the request, starting with http:// or https://',
    },
    method: {
      enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      default: 'GET',
      description: 'what is asked for',
    },
    headers: REQUEST.headers,
    body: { description: 'body of the request: a string, or with body_format a mapping or a list' },
    body_format: {
      enum: ['raw', 'json', 'form-urlencoded'],
      default: 'raw',
      description: 'format and content type of the body',
    },
    status_code: {
      anyOf: [
        { type: 'integer', minimum: 100, maximum: 599 },
        { type: 'array', items: { type: 'integer', minimum: 100, maximum: 599 }, minItems: 1 },
      ],
      default: 200,
      description: 'status codes that mean success',
    },
    timeout: REQUEST.timeout,
    validate_certs: REQUEST.validate_certs,
  },
  required: ['url'],
  additionalProperties: false,
} as const satisfies JsonSchemaObject;

const ALERTS = {
  type: 'object',
  properties: {
    url: {
      type: 'string',
      pattern: '^https?://',
      description:
        'URL of the list of alerts, starting with http:// or https://: /api/v1/alerts of Prometheus, or /api/v2/alerts of Alertmanager',
    },
    match: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'only alerts with all of these labels count',
    },
    allow: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      description: 'alerts that may fire, by name; globs: Watchdog, Kube*',
    },
    ...REQUEST,
  },
  required: ['url'],
  additionalProperties: false,
} as const satisfies JsonSchemaObject;

const COMMAND = {
  type: 'object',
  properties: {
    cmd: COMMAND_LINE,
    argv: { type: 'array', items: { type: 'string' }, minItems: 1, description: 'what to run, word by word' },
    timeout: {
      ...DURATION,
      default: '30s',
      description:
        'time limit, after which it is killed and has failed: 10s, 1m30s, or a number of seconds; at most 60m',
    },
  },
  additionalProperties: false,
} as const satisfies JsonSchemaObject;

/** The kinds of hooks, which run on the controller. */
export const HOOK_KINDS: ReadonlyMap<string, DocumentedStep> = new Map([
  [
    'uri',
    {
      schema: URI,
      summary: 'an HTTP request',
      details: 'Sent from the machine of kplay, with the parameters of Ansible.',
    },
  ],
  ['command', { schema: COMMAND, summary: 'a program', details: 'Run on the machine of kplay, without a shell.' }],
]);

/** The kinds of checks of a rollout, which run on the controller. */
export const CHECK_KINDS: ReadonlyMap<string, DocumentedStep> = new Map([
  ...HOOK_KINDS,
  [
    'alerts',
    {
      schema: ALERTS,
      summary: 'no alert fires',
      details:
        'Asks Prometheus or Alertmanager; fails if an alert is firing that is not allowed, or if the answer is not a list of alerts.',
    },
  ],
]);
