import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError, type Problems } from '../../core/diagnostic.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import { isJsonObject } from '../../core/json.ts';
import { unreadableFileHint } from '../../core/missing-file.ts';
import { NEW_RUN_ID } from '../../core/run-id.ts';
import type { JsonSchema } from '../../core/schema.ts';
import { SourceFile } from '../../core/source.ts';
import { describeSystemError } from '../../core/system-error.ts';
import { isHostList } from '../../inventory/host-list.ts';
import { withAbsoluteFiles } from '../../inventory/limit-files.ts';
import type { Playbook } from '../../playbook/model.ts';
import { loadSchemaCompiler } from '../../playbook/parameters/schema-compiler.ts';
import type { RunOptions } from '../options/options.ts';
import { VERSION } from '../version.ts';
import { writtenNames } from './extra-vars.ts';
import { isSecretName, looksSecret } from './secret-variables.ts';
import { privatePrompts } from './var-prompts.ts';

const FORMAT = 'kplay-plan';
const FORMAT_VERSION = 5;
/** How the text of every plan starts and ends; its end occurs nowhere else in it. */
const START = `{\n "format": "${FORMAT}"`;
const END = '\n}\n';

/** A saved plan: what would be done to which host, and the inputs from which it was made. It contains no secrets. */
export interface SavedPlan {
  readonly format: typeof FORMAT;
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly kplay: string;
  readonly runId: string;
  /** ISO 8601. When the plan is applied, this time decides what is due. */
  readonly plannedAt: string;
  readonly playbook: { readonly path: string; readonly text: string };
  readonly inputs: SavedInputs;
  /** What each host was when the plan was made, by its name. */
  readonly hosts: Readonly<Record<string, PlannedHost>>;
  /** Digests of the files that were read besides the playbook and the inventory, by absolute path. */
  readonly files: Readonly<Record<string, string>>;
  readonly plays: readonly PlayPlan[];
  /** Of a rollout: the wave of each cluster, by its name. */
  readonly waveOf?: Readonly<Record<string, string>>;
  /** SHA-256 of everything above as JSON: an edited plan is not applied. */
  readonly digest: string;
}

export interface PlannedHost {
  readonly address: string;
  /** The account in which tasks act. */
  readonly account: string;
  /** That of the inventory. */
  readonly cluster?: string;
  /** A digest of its variables and groups, and of what was answered to questions. */
  readonly variables: string;
}

/** Options that decide what is planned, with absolute paths. */
export interface SavedInputs {
  readonly inventory: readonly string[];
  readonly limit: string | null;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly startAtTask?: string;
  readonly extraVars: readonly string[];
}

export interface PlanToSave {
  readonly runId: string;
  readonly plannedAt: string;
  readonly playbook: { readonly path: string; readonly text: string };
  readonly options: RunOptions;
  readonly hosts: SavedPlan['hosts'];
  readonly files: SavedPlan['files'];
  readonly plays: readonly PlayPlan[];
  readonly waveOf: SavedPlan['waveOf'];
}

/** Adds to `problems` each variable of the command line that looks like a secret: it would be written to the file. */
export function checkSavable(
  { extraVars, rollout }: Pick<RunOptions, 'extraVars' | 'rollout'>,
  problems: Problems,
): void {
  if (rollout !== undefined)
    problems.error(
      `a saved plan takes the rollout from the playbook, not from ${rollout}`,
      ['--rollout'],
      'leave --out out, or put rollout: into the play',
    );
  if (!extraVars.some(looksSecret)) return;
  problems.error(
    'a variable given with -e looks like a secret, which a saved plan must not contain',
    undefined,
    'put it in a file, and give that: -e @secrets.yml',
  );
}

/** The same for variables that a play declares private, whatever their names. */
export function checkPrivateSavable({ plays }: Playbook, extraVars: readonly string[], problems: Problems): void {
  for (const { name } of privatePrompts(plays)) {
    if (isSecretName(name.value) || !extraVars.some((text) => writtenNames(text).includes(name.value))) continue;
    problems.error(
      `${name.value} is private, and a saved plan would contain its value from -e`,
      name.range,
      'put it in a file, and give that: -e @secrets.yml',
    );
  }
}

/** The text of the file of a saved plan, with its digest. */
export function savedPlanText(plan: PlanToSave): string {
  const { runId, plannedAt, playbook, options, hosts, files, plays, waveOf } = plan;
  const content = {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    kplay: VERSION,
    runId,
    plannedAt,
    playbook: { path: resolve(playbook.path), text: playbook.text },
    inputs: {
      inventory: options.inventory.map((source) => (isHostList(source) ? source : resolve(source))),
      limit: options.limit === undefined ? null : withAbsoluteFiles(options.limit),
      tags: options.tags,
      skipTags: options.skipTags,
      ...(options.startAtTask !== undefined && { startAtTask: options.startAtTask }),
      extraVars: options.extraVars.map((text) => (text.startsWith('@') ? `@${resolve(text.slice(1))}` : text)),
    },
    hosts,
    files,
    plays,
    ...(waveOf && { waveOf }),
  } as const;
  const saved: SavedPlan = { ...content, digest: digestOf(content) };
  return `${JSON.stringify(saved, null, 1)}\n`;
}

/**
 * Reads a plan. `check` gets its text before it is parsed.
 * @throws {InputError} for anything that is not a complete plan of this format, and what `check` throws.
 */
export async function readSavedPlan(path: string, check: (text: string) => void = () => undefined): Promise<SavedPlan> {
  const value = parse(path, check);
  if (!isJsonObject(value) || value['format'] !== FORMAT) throw notAPlan(path, "it does not say format: 'kplay-plan'");
  const { formatVersion } = value;
  if (formatVersion === undefined) throw notAPlan(path, 'it has no formatVersion');
  if (formatVersion !== FORMAT_VERSION) {
    throw InputError.of(
      `${path} is a plan of format ${JSON.stringify(formatVersion)}, and this is kplay ${VERSION}, which reads format ${FORMAT_VERSION}`,
      undefined,
      'make a new plan with this version, or apply it with the version that made it',
    );
  }
  const isValid = (await loadSchemaCompiler())<SavedPlan>(SAVED_PLAN_SCHEMA);
  const isMade = !Number.isNaN(Date.parse(String(value['plannedAt'])));
  if (!isValid(value) || !isMade) {
    const where = isValid.errors?.[0]?.instancePath || (isMade ? '/' : '/plannedAt');
    throw InputError.of(`${path} is not a valid plan: ${where} is wrong`, undefined, 'make a new plan');
  }
  const { digest, ...content } = value;
  if (digest !== digestOf(content)) throw changedPlan(path);
  return value;
}

function parse(path: string, check: (text: string) => void): unknown {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
    check(text);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (error instanceof SyntaxError) throw notJson(path, text);
    const hint = unreadableFileHint(error, path);
    throw InputError.of(`cannot read ${path}: ${describeSystemError(error)}`, undefined, hint);
  }
}

function notJson(path: string, text: string): InputError {
  if (!text.startsWith(START)) return notAPlan(path, text === '' ? 'it is empty' : 'it is not JSON');
  if (text.includes(END)) return changedPlan(path);
  const { line, column } = new SourceFile(path, text).position(text.length);
  return InputError.of(
    `${path} is cut off: it ends at ${line}:${column}, in the middle of the plan`,
    undefined,
    'copy all of it again, or make a new plan: kplay plan … --out FILE',
  );
}

function notAPlan(path: string, why: string): InputError {
  return InputError.of(`${path} is not a kplay plan: ${why}`, undefined, 'make one: kplay plan … --out FILE');
}

function changedPlan(path: string): InputError {
  return InputError.of(
    `${path} was changed after it was saved`,
    undefined,
    'make a new plan: an edited one is not applied',
  );
}

function digestOf(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

const text = { type: 'string' } as const;
const texts = { type: 'array', items: text } as const;

function object(properties: Readonly<Record<string, JsonSchema>>, ...optional: readonly string[]): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

const TASK = { type: 'object', properties: { path: text, action: text }, required: ['path', 'action'] } as const;

export const SAVED_PLAN_SCHEMA: JsonSchema = object(
  {
    format: text,
    formatVersion: { type: 'integer' },
    kplay: text,
    // It becomes the name of files and directories.
    runId: { type: 'string', pattern: `^${NEW_RUN_ID}$` },
    plannedAt: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' },
    playbook: object({ path: text, text }),
    inputs: object(
      {
        inventory: texts,
        limit: { type: ['string', 'null'] },
        tags: texts,
        skipTags: texts,
        startAtTask: text,
        extraVars: texts,
      },
      'startAtTask',
    ),
    hosts: {
      type: 'object',
      additionalProperties: object({ address: text, account: text, cluster: text, variables: text }, 'cluster'),
    },
    files: { type: 'object', additionalProperties: text },
    plays: {
      type: 'array',
      items: object(
        {
          play: text,
          cluster: { type: 'object', properties: { kind: text, name: text }, required: ['kind'] },
          window: { type: 'object' },
          facts: { type: 'object' },
          order: object({ name: text, reason: text, batches: { type: 'array', items: texts } }),
          tasks: {
            type: 'array',
            items: {
              type: 'object',
              properties: { path: text, name: text, step: text },
              required: ['path', 'name', 'step'],
            },
          },
          hosts: {
            type: 'array',
            items: object({ host: text, about: text, tasks: { type: 'array', items: TASK } }, 'about'),
          },
        },
        'cluster',
        'window',
        'facts',
      ),
    },
    waveOf: { type: 'object', additionalProperties: text },
    digest: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  },
  'waveOf',
);
