import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError, type Problems } from '../core/diagnostic.ts';
import type { PlayPlan } from '../core/event.ts';
import { isJsonObject } from '../core/json.ts';
import { describeSystemError } from '../core/system-error.ts';
import type { RunOptions } from './options.ts';
import { VERSION } from './version.ts';

const FORMAT = 'kplay-plan';
const FORMAT_VERSION = 2;

/** A plan as it is saved: what would be done to which host, and from what inputs it was made. It holds no secret. */
export interface SavedPlan {
  readonly format: typeof FORMAT;
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly kplay: string;
  readonly runId: string;
  /** ISO 8601. What is due is judged by this time when the plan is applied. */
  readonly plannedAt: string;
  readonly playbook: { readonly path: string; readonly text: string };
  readonly inputs: SavedInputs;
  readonly plays: readonly PlayPlan[];
  /** SHA-256 of everything above as JSON: a plan that was edited is not applied. */
  readonly digest: string;
}

/** Options of the command line that decide what is planned, paths made absolute. */
export interface SavedInputs {
  readonly inventory: readonly string[];
  readonly limit: string | null;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly extraVars: readonly string[];
}

export interface PlanToSave {
  readonly runId: string;
  readonly plannedAt: string;
  readonly playbook: { readonly path: string; readonly text: string };
  readonly options: RunOptions;
  readonly plays: readonly PlayPlan[];
}

const SECRET_NAME = /pass(word|phrase)?|secret|token|credential/i;

/** Whether a text of `-e` seems to hold a secret, by the names in it. */
export function looksSecret(text: string): boolean {
  return !text.startsWith('@') && SECRET_NAME.test(text.split('=')[0] ?? text);
}

/** Adds to `problems` when a variable on the command line looks like a secret: it would stand in the file. */
export function checkSavable({ extraVars }: Pick<RunOptions, 'extraVars'>, problems: Problems): void {
  if (!extraVars.some(looksSecret)) return;
  problems.error(
    'a variable of -e looks like a secret, and a saved plan holds none',
    undefined,
    'put it in a file, and give that: -e @secrets.yml',
  );
}

/** The text of a file that holds a plan. */
export function savedPlanText({ runId, plannedAt, playbook, options, plays }: PlanToSave): string {
  const content = {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    kplay: VERSION,
    runId,
    plannedAt,
    playbook: { path: resolve(playbook.path), text: playbook.text },
    inputs: {
      inventory: options.inventory.map((source) => (source.includes(',') ? source : resolve(source))),
      limit: options.limit ?? null,
      tags: options.tags,
      skipTags: options.skipTags,
      extraVars: options.extraVars.map((text) => (text.startsWith('@') ? `@${resolve(text.slice(1))}` : text)),
    },
    plays,
  } as const;
  const saved: SavedPlan = { ...content, digest: digestOf(content) };
  return `${JSON.stringify(saved, null, 1)}\n`;
}

/** @throws {InputError} for anything that is not a whole plan of this version. */
export function readSavedPlan(path: string): SavedPlan {
  const value = parse(path);
  if (!isJsonObject(value) || value['format'] !== FORMAT)
    throw InputError.of(`${path} is not a plan of kplay's`, undefined, 'make one: kplay plan … --out FILE');
  if (value['formatVersion'] !== FORMAT_VERSION) {
    throw InputError.of(
      `${path} was saved by another version of kplay (${String(value['kplay'])})`,
      undefined,
      'make a new plan with this one',
    );
  }
  const saved = value as unknown as SavedPlan;
  const { digest, ...content } = saved;
  if (digest !== digestOf(content))
    throw InputError.of(
      `${path} was changed after it was saved`,
      undefined,
      'make a new plan: an edited one is not applied',
    );
  return saved;
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw InputError.of(`${path} is not a plan of kplay's`, undefined, 'make one: kplay plan … --out FILE');
    throw InputError.of(`cannot read ${path}: ${describeSystemError(error)}`, undefined, 'check the path');
  }
}

function digestOf(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
