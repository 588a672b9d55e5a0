import { DURATION_PATTERN } from '../core/duration.ts';
import type { JsonSchema } from '../core/schema.ts';

/** A reference to another schema. */
interface Reference extends JsonSchema {
  readonly $ref: string;
}

/** Groups and their contents: a whole inventory, and the value of `children`. */
const NESTED_GROUPS: Reference = { $ref: '#' };

const EVENTS: JsonSchema = {
  description: 'The events of an iCalendar file.',
  type: 'object',
  properties: {
    calendar: {
      type: 'string',
      description: 'Its path, relative to the file that names it.',
      examples: ['freeze.ics'],
    },
    zone: {
      type: 'string',
      description: 'The zone of whole days, and of times without a zone.',
      examples: ['Europe/Berlin'],
    },
  },
  required: ['calendar'],
  additionalProperties: false,
};

const RULE: JsonSchema = {
  description: 'Windows by an iCalendar rule (RFC 5545).',
  type: 'object',
  properties: {
    rrule: {
      type: 'string',
      description: 'The rule, by days, weeks, months or years, as in an event of a calendar.',
      examples: ['FREQ=MONTHLY;BYDAY=2TU', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE'],
    },
    start: {
      type: 'string',
      pattern: '^\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}$',
      description: 'Start of the first one, by the clock of the zone; a day of the rule.',
      examples: ['2026-01-13 01:00'],
    },
    duration: { type: 'string', pattern: DURATION_PATTERN, description: 'Duration of each, by that clock.' },
    zone: { type: 'string', description: 'A name of the IANA database.', examples: ['Europe/Berlin'] },
  },
  required: ['rrule', 'start', 'duration', 'zone'],
  additionalProperties: false,
};

const WINDOW: JsonSchema = {
  description:
    'Days, times and zone. A window belongs to the day on which it opens: Fri 22:00-04:00 is open on Saturday at 02:00.',
  anyOf: [
    {
      type: 'string',
      pattern: '^\\S+(\\s+\\S+)?\\s+\\d{1,2}:\\d{2}-\\d{1,2}:\\d{2}\\s+\\S+$',
      examples: [
        'Tue-Thu 01:00-04:00 Europe/Berlin',
        'Fri 22:00-04:00 America/New_York',
        '2nd Tue 01:00-04:00 UTC',
        '2026-12-05,2026-12-12 08:00-18:00 UTC',
      ],
    },
    {
      type: 'object',
      properties: {
        days: {
          description: 'As in the text form: Tue-Thu, daily, 2nd Tue, dates. Or a list of them.',
          anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }],
        },
        from: { type: 'string', description: 'Hours and minutes, such as 01:00.' },
        to: { type: 'string', description: 'The same, up to 24:00; earlier than from: on the next day.' },
        zone: { type: 'string', description: 'A name of the IANA database.', examples: ['Europe/Berlin', 'UTC'] },
      },
      required: ['days', 'from', 'to', 'zone'],
      additionalProperties: false,
    },
    RULE,
    EVENTS,
  ],
};

const CLOSED: JsonSchema = {
  anyOf: [
    {
      type: 'string',
      description: 'A date or a range of dates, both ends included, and its zone; default: the zone of the windows.',
      examples: ['2026-12-24..2027-01-06', '2027-04-02 Europe/Berlin'],
    },
    EVENTS,
  ],
};

const VARIABLES: JsonSchema = {
  description:
    'Variables by name. A template can use a name of letters, digits and _ that does not begin with a digit.',
  type: 'object',
  properties: {
    ansible_host: {
      type: 'string',
      description: 'The address to connect to, if it differs from the name of the host.',
    },
    ansible_port: { type: ['integer', 'string'], description: 'The port of its sshd.', default: 22 },
    ansible_user: { type: 'string', description: 'The user to log in as.' },
    ansible_connection: { type: 'string', description: 'How to reach it.', examples: ['ssh', 'local'] },
    ansible_ssh_private_key_file: { type: 'string', description: 'The key to log in with.' },
    ansible_ssh_common_args: {
      type: 'string',
      description: 'Arguments for ssh, such as a jump host.',
      examples: ['-o ProxyJump=admin@bastion.example.com'],
    },
    ansible_become: { type: ['boolean', 'string'], description: 'Become root by sudo.' },
    ansible_group_priority: {
      type: ['integer', 'string'],
      description: 'Only for groups: among groups of the same level, the one with the highest number takes precedence.',
      default: 1,
    },
    kplay_cluster: {
      type: 'object',
      description: 'Only for groups: the group is a cluster, which kplay plans, locks and works on as a unit.',
      properties: {
        name: { type: 'string', description: 'Name of the cluster; default: the name of the group.' },
        labels: {
          description: 'Labels to select clusters by: -l label:env=prod.',
          type: 'object',
          additionalProperties: { type: ['string', 'number', 'boolean'] },
          examples: [{ env: 'prod', region: 'eu' }],
        },
        wave: {
          type: 'string',
          pattern: '^[\\w.-]+$',
          description: 'Its wave in a play with a rollout; also for -l wave:canary.',
          examples: ['canary'],
        },
        contact: {
          type: 'string',
          description: 'Whom to contact; shown if the cluster needs attention.',
          examples: ['Platform team, +49 30 1234'],
        },
        site: {
          type: 'string',
          pattern: '^[\\w.-]+$',
          description:
            'The site whose workers reach it in a run with --engine (kplay worker --site); without --engine it is reached from here.',
          examples: ['frankfurt'],
        },
        window: {
          description: 'When the cluster may be changed: a window, or a list of them. Default: at any time.',
          anyOf: [WINDOW, { type: 'array', items: WINDOW, minItems: 1 }],
        },
        closed: {
          description:
            'Days on which it may not be changed whatever its windows say: a date, a range, or a list of them.',
          anyOf: [CLOSED, { type: 'array', items: CLOSED }],
        },
        expected: {
          type: 'string',
          pattern: DURATION_PATTERN,
          description: 'How long a run on it takes: nothing starts that would not fit into the window.',
          default: '30m',
        },
      },
      additionalProperties: false,
    },
  },
};

const GROUP: JsonSchema = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    hosts: {
      description: 'Hosts by name or range (m[01:03].example.com), each with its variables or nothing.',
      anyOf: [
        { type: 'null' },
        { type: 'string' },
        { type: 'object', additionalProperties: { anyOf: [{ type: 'null' }, VARIABLES] } },
      ],
    },
    vars: { description: 'Variables of every host of the group.', anyOf: [{ type: 'null' }, VARIABLES] },
    children: {
      description: 'Groups within this one, by name.',
      anyOf: [{ type: 'null' }, { type: 'string' }, NESTED_GROUPS],
    },
  },
};

/** The JSON Schema of an inventory in YAML. It must be published as a separate document, since it refers to its root. */
export const inventorySchema: JsonSchema = {
  description: 'An Ansible inventory, as used by kplay: groups by name.',
  type: 'object',
  additionalProperties: GROUP,
};
