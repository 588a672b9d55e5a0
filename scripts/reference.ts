import { DETAILED_EXIT, EXIT, EXIT_MEANINGS } from '../src/cli/exit-code.ts';
import { SEVERITY_CODES } from '../src/cli/output/check-report.ts';
import { type JsonSchema, type JsonSchemaObject, typeText } from '../src/core/schema.ts';
import { IMPORT_PLAYBOOK_KEYWORDS, PLAY_KEYWORDS } from '../src/playbook/play-keywords.ts';
import { loopControl } from '../src/playbook/readers/loop-control.ts';
import { VAR_PROMPT_KEYWORDS } from '../src/playbook/readers/var-prompt.ts';
import { CHECK_KEYWORDS } from '../src/playbook/rollout/checks.ts';
import { LOCAL_KEYWORDS } from '../src/playbook/rollout/local-action.ts';
import { CHECK_KINDS, HOOK_KINDS } from '../src/playbook/rollout/local-kinds.ts';
import { ROLLOUT_KEYWORDS, WAVE_KEYWORDS } from '../src/playbook/rollout/rollout.ts';
import {
  BLOCK_KEYWORDS,
  HANDLER_KEYWORDS,
  IMPORT_KEYWORDS,
  INCLUDE_KEYWORDS,
  INCLUDE_ROLE_KEYWORDS,
  META_KEYWORDS,
  ROLE_TASK_KEYWORDS,
  TASK_KEYWORDS,
} from '../src/playbook/task-keywords.ts';
import { SEVERITIES } from '../src/report/check/findings.ts';
import { NAGIOS_CODES } from '../src/report/check/nagios.ts';
import { CHECK_METRICS } from '../src/report/check/prom.ts';
import type { MetricKind } from '../src/report/formats/prometheus.ts';
import { RUN_METRICS, RUN_OUTCOMES } from '../src/report/formats/run-metrics.ts';
import { registry } from '../src/steps/registry.ts';
import { signatures } from '../src/template/registry.ts';
import type { Signature } from '../src/template/signature.ts';
import { commandTexts, type OptionText } from './command-texts.ts';

/** The pages of docs/reference, by file name: made from the program itself. */
export function referencePages(): ReadonlyMap<string, string> {
  return new Map([
    ['commands.md', commandsPage()],
    ['steps.md', stepsPage()],
    ['keywords.md', keywordsPage()],
    ['filters.md', filtersPage()],
    ['exit-codes.md', exitCodesPage()],
    ['metrics.md', metricsPage()],
  ]);
}

const MADE = '<!-- Made by `npm run docs`. -->\n';

function commandsPage(): string {
  const [program, ...commands] = commandTexts();
  if (!program) throw new Error('there is no program');
  const sections = commands.map(
    ({ name, usage, summary, arguments: taken, options }) =>
      `\n## ${name}\n\n    ${usage}\n\n${sentence(summary)}\n\n${argumentTable(taken)}${optionTable(options.filter(({ flags }) => flags !== HELP))}`,
  );
  return `${MADE}# Commands

    ${program.usage}

${optionTable(program.options)}
Every command has \`--help\`. Options come from variables and files as well: [configuration](../configuration.md). How commands end:
[exit codes](exit-codes.md).
${sections.join('')}`;
}

const HELP = '-h, --help';

function argumentTable(taken: readonly OptionText[]): string {
  return taken.length === 0 ? '' : `${flagTable('argument', taken)}\n`;
}

function optionTable(options: readonly OptionText[]): string {
  return options.length === 0 ? 'No options.\n' : flagTable('option', options);
}

function flagTable(kind: string, rows: readonly OptionText[]): string {
  return table(
    [kind, 'meaning'],
    rows.map(({ flags, description }) => [code(flags), description]),
  );
}

function stepsPage(): string {
  const steps = [...registry.steps.values()].map(({ name, summary, details, schema, examples }) => {
    const parameters = parametersOf(schema);
    const shown = examples.map(({ title, task }) => `# ${title}\n- ${task.replace(/\n/g, '\n  ')}\n`).join('\n');
    const told =
      parameters.length === 0 ? 'No parameters.\n' : table(['parameter', 'type', 'default', 'meaning'], parameters);
    return `\n## ${name}\n\n${sentence(summary)}\n\n${details}\n\n${told}\n\`\`\`yaml\n${shown}\`\`\`\n`;
  });
  const plain = [
    [code('linear'), 'all hosts, or batches of `serial`, go through each task together'],
    [
      code('free'),
      'each host, of all or of a batch of `serial`, goes through the tasks on its own: none waits for another',
    ],
  ];
  const strategies = [...registry.strategies].map(([name, { summary }]) => [code(name), summary]);
  return `${MADE}# Steps

What a task can do. \`kplay doc STEP\` says the same. How a result looks is told in [coming from Ansible](../ansible.md).
${steps.join('')}
## Strategies

\`strategy\` of a play says in which order its hosts go through the tasks.

${table(['strategy', 'order'], [...plain, ...strategies])}`;
}

/** Rows: name, type, default and meaning. */
function parametersOf({ properties, required }: JsonSchemaObject): readonly (readonly string[])[] {
  return Object.entries(properties).map(([name, property]) => [
    code(name),
    typeOf(property),
    required?.includes(name) ? 'required' : defaultOf(property),
    property.description ?? '',
  ]);
}

function typeOf(schema: JsonSchema): string {
  return typeText(schema, (words) => words.map(code).join(', '));
}

function defaultOf(property: JsonSchema): string {
  const variable = property['x-default-variable'];
  const value = property.default === undefined ? '' : code(JSON.stringify(property.default));
  if (variable === undefined) return value;
  return [`the variable ${code(variable)}`, value].filter((part) => part !== '').join(', else ');
}

function keywordsPage(): string {
  const parts: readonly [heading: string, keywords: Keywords][] = [
    ['Plays', PLAY_KEYWORDS],
    ['Playbooks in the place of a play', IMPORT_PLAYBOOK_KEYWORDS],
    ['Tasks', TASK_KEYWORDS],
    ['Handlers: those of tasks, and', only(HANDLER_KEYWORDS, TASK_KEYWORDS)],
    ['Blocks', BLOCK_KEYWORDS],
    ['`import_tasks`', IMPORT_KEYWORDS],
    ['`include_tasks`', INCLUDE_KEYWORDS],
    ['Roles of a play, and `import_role`', ROLE_TASK_KEYWORDS],
    ['`include_role`', INCLUDE_ROLE_KEYWORDS],
    ['`meta`', META_KEYWORDS],
    ['`vars_prompt` of a play', VAR_PROMPT_KEYWORDS],
    [
      'Hooks of a play (`on_start`, `on_success`, `on_failure`, `on_wave`), besides `uri` and `command`',
      LOCAL_KEYWORDS,
    ],
    ['`rollout` of a play', ROLLOUT_KEYWORDS],
    ['Waves of a rollout', WAVE_KEYWORDS],
    ['Checks of a rollout, besides `uri`, `command` and `alerts`', CHECK_KEYWORDS],
  ];
  const sections = parts.map(([heading, keywords]) => {
    const rows = Object.values(keywords).map(({ name, description }) => [code(name), description]);
    return `\n## ${heading}\n\n${table(['keyword', 'meaning'], rows)}`;
  });
  const actions = [...CHECK_KINDS].map(([kind, { summary, schema, details }]) => {
    const where = HOOK_KINDS.has(kind) ? 'hooks and checks' : 'checks';
    return `\n## ${code(kind)} of ${where}: ${summary}\n\n${details}\n\n${table(['parameter', 'type', 'default', 'meaning'], parametersOf(schema))}`;
  });
  const loop = Object.entries(loopControl.schema.properties ?? {}).map(([name, { description = '' }]) => [
    code(name),
    description,
  ]);
  return `${MADE}# Keywords of playbooks

They mean what Ansible means by them; what differs stands in [coming from Ansible](../ansible.md).
${sections.join('')}${actions.join('')}
## \`loop_control\`

${table(['keyword', 'meaning'], loop)}`;
}

type Keywords = Readonly<Record<string, { readonly name: string; readonly description: string }>>;

/** Those of a kind that another kind does not have. */
function only(keywords: Keywords, others: Keywords): Keywords {
  const known = new Set(Object.values(others).map(({ name }) => name));
  return Object.fromEntries(Object.entries(keywords).filter(([, { name }]) => !known.has(name)));
}

function filtersPage(): string {
  const { filters, tests, functions } = signatures();
  return `${MADE}# Filters, tests and functions of templates

They do what Jinja2's and Ansible's of the same name do; the tests \`startswith\` and \`endswith\` are kplay's own. \`ansible.builtin.\` may stand before a name. Arguments with a \`?\` may be left out.

## Filters

${signatureTable(filters, (call) => `value | ${call}`)}
## Tests

${signatureTable(tests, (call) => `value is ${call}`)}
## Functions

${signatureTable(functions, (call) => call)}`;
}

function signatureTable(all: readonly Signature[], write: (call: string) => string): string {
  const rows = all.map((one) => {
    const [name, ...others] = one.names;
    return [code(write(`${name}${argumentsOf(one)}`)), others.map(code).join(', ')];
  });
  return table(['written', 'also called'], rows);
}

function argumentsOf({ parameters }: Signature): string {
  if (parameters.length === 0) return '';
  const words = parameters.map(({ name, arity }) =>
    arity === 'rest' ? `${name}…` : arity === 'optional' ? `${name}?` : name,
  );
  return `(${words.join(', ')})`;
}

function exitCodesPage(): string {
  const codes = Object.entries(EXIT).map(([name, number]) => [
    String(number),
    EXIT_MEANINGS[name as keyof typeof EXIT],
  ]);
  const severities = SEVERITIES.map((severity) => [
    code(severity),
    String(SEVERITY_CODES[severity]),
    String(NAGIOS_CODES[severity]),
  ]);
  const { nothing, something, other } = DETAILED_EXIT;
  return `${MADE}# Exit codes

Which of them wins, and what changes none, stands in [exit codes](../exit-codes.md).

${table(['code', 'meaning'], codes)}
## \`kplay check\`

How grave its gravest finding is, which \`--exit-code\` and \`--nagios\` tell: [what is what](../check.md).

${table(['severity', '`--exit-code`', '`--nagios`'], severities)}
## \`kplay plan --detailed-exitcode\`

${table(
  ['code', 'meaning'],
  [
    [String(nothing), 'nothing to do'],
    [String(something), 'something to do'],
    [String(other), `anything else but ${EXIT.bug} and ${EXIT.interrupted}, which mean the same as everywhere`],
  ],
)}`;
}

function metricsPage(): string {
  const rows = (kinds: Readonly<Record<string, MetricKind>>) =>
    table(
      ['metric', 'labels', 'meaning'],
      Object.values(kinds).map(({ name, labels, help }) => [code(name), labels.map(code).join(', '), help]),
    );
  return `${MADE}# Metrics

All are gauges, in seconds where they tell times. How they are written, and alerts to begin with: [metrics](../metrics.md).

## Of certificates

${rows(CHECK_METRICS)}
## Of runs

With \`--metrics\` alone; of \`check\` those with the label \`command\`.

${rows(RUN_METRICS)}
## Labels

${table(
  ['label', 'meaning'],
  [
    ['`host`', 'its name in the inventory'],
    ['`certificate`', 'as kubeadm names it, `CA in admin.conf`, the path of a kubeconfig, or an object of the API'],
    ['`kind`', '`leaf`, `authority`, or `trusted`: a CA in a kubeconfig'],
    ['`path`', 'of its file on the host; left out for an object of the API'],
    ['`condition`, `served`', 'as `ON DISK` and `SERVED` of [check](../check.md); left out where no port serves it'],
    ['`severity`', SEVERITIES.map(code).join(', ')],
    ['`command`', '`run`, `apply` or `check`'],
    ['`outcome`', RUN_OUTCOMES.map(code).join(', ')],
    ['`cluster`', 'left out where the run has hosts of one cluster'],
  ],
)}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?]$/.test(text) ? '' : '.'}`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
