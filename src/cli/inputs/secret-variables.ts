import { isJsonObject, type Json } from '../../core/json.ts';
import { Secret, type SecretMask } from '../../core/secret.ts';
import { UnknownValueError } from '../../core/world.ts';
import type { CompiledPlay } from '../../engine/program/compiled.ts';
import { tasksOf } from '../../engine/program/play-tasks.ts';
import { type CompiledVars, HostScope } from '../../engine/program/scope.ts';
import { scopeOf } from '../../engine/program/task-scope.ts';
import { TemplateError } from '../../template/errors.ts';
import { evaluate } from '../../template/evaluation/evaluate.ts';
import { render } from '../../template/evaluation/render.ts';
import { type Expression, partsOf } from '../../template/syntax/expression.ts';
import { references } from '../../template/syntax/references.ts';
import type { CompiledValue } from '../../template/template.ts';
import type { Inputs } from './inputs.ts';

/** Names of secrets, but not of files with secrets or of facts about them. `pwd` alone often means a directory. */
const SECRET_NAME =
  /pas+w(?:or?|r)?d|passphrase|secret|token|credential|api_?key|private_?key|(?<!ssl_|tls_)certificate_?key|(?:^|_)(?:pass|pw|psk|bearer)(?:$|_)|_pwd(?:$|_)/i;
const ABOUT_ONE =
  /_(?:file|mode|owner|group|path|dir|directory|name|user|id|ttl|length|url|type|count|size|port|seconds|minutes|hours|days|enabled)$/i;

/** Values that are secret whatever their name: keys, and passwords in URLs. Certificates are none, nor is the port before another value. */
const SECRET_VALUE = /-----BEGIN (?!CERTIFICATE|PUBLIC KEY)|:\/\/[^\s/:@"',]*:(?!\d*["',])[^\s/@]+@/;

/** Values that are never secret. */
const PLAIN = /^(?:true|false|yes|no|none|null|\*+)$/i;

/** Whether a variable of this name is treated as secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !ABOUT_ONE.test(name);
}

/** Whether a text of `-e` (pairs, YAML or JSON) seems to contain a secret, judging by its names, and by values that are nothing else. */
export function looksSecret(text: string): boolean {
  if (text.startsWith('@')) return false;
  if (SECRET_VALUE.test(text)) return true;
  return [...text.matchAll(/([A-Za-z_][\w-]*)["']?\s*[:=]/g)].some(([, name = '']) => isSecretName(name));
}

/** Hooks and checks have no variables of tasks and hosts. */
const NONE: CompiledVars = new Map();

/** Where a play has variables besides those of its hosts. */
function layersOf(play: CompiledPlay, surroundings: Inputs['surroundings']): readonly CompiledVars[] {
  return [...sharedLayersOf(play, surroundings), ...tasksOf(play).flatMap(({ vars, defaults }) => [vars, defaults])];
}

/** Those that all of its tasks see. */
function sharedLayersOf(play: CompiledPlay, { extra, variableFiles }: Inputs['surroundings']): readonly CompiledVars[] {
  return [extra, play.vars, play.defaults, ...variableFiles.all];
}

/**
 * Adds every secret in the variables of a run to the mask. A value is secret if its name marks it as such, at any depth and also if a
 * template gives it, or if a template derives it from such a value (`{{ db_password | upper }}`) or from the answer to a private question.
 */
export function addSecrets(
  { plays, surroundings, secretNames, checks }: Pick<Inputs, 'plays' | 'surroundings' | 'secretNames' | 'checks'>,
  mask: SecretMask,
): void {
  surroundings.variableFiles.listen((vars) => addConstants(vars, mask));
  for (const play of plays) {
    const playHosts = { live: [], batchOf: () => [], registered: () => undefined };
    const tasks = tasksOf(play);
    const layers = layersOf(play, surroundings);
    // Other hosts may read it with hostvars.
    const readsHostvars = tasks.some(({ range }) => range.file.text.includes('hostvars'));
    const others = readsHostvars
      ? [...surroundings.hosts.values()].map((host) => surroundings.compileHost(host).vars)
      : [];
    const all = [...layers, ...play.hosts.map(({ vars }) => vars), ...others];
    for (const vars of all) addConstants(vars, mask);
    const tainted = taintedNames(all, secretNames);
    if (tainted.size === 0) continue;
    const layersOfHook = { extra: surroundings.extra, play: play.vars, task: NONE, host: NONE, registered: new Map() };
    const ofHooks = new HostScope({ ...layersOfHook, magic: () => new Map() });
    for (const { params } of [...play.hooks, ...checks]) addRendered('', params, tainted, ofHooks, mask);
    // Few of the variables of a large fleet are made of secrets, and those of a task count for that task alone.
    const made = (...of: readonly CompiledVars[]) =>
      of.flatMap((vars) => [...vars].filter(([name, value]) => isMadeOfSecrets(name, value, tainted)));
    const shared = made(...sharedLayersOf(play, surroundings));
    const ofTasks = tasks.map((task) => ({ task, own: made(task.vars, task.defaults, new Map([['', task.params]])) }));
    for (const host of play.hosts) {
      const values = [...shared, ...made(host.vars)];
      for (const { task, own } of ofTasks) {
        const scope = scopeOf({ play, task, host, registered: new Map(), surroundings, playHosts });
        for (const [name, value] of [...values, ...own]) addRendered(name, value, tainted, scope, mask);
      }
    }
  }
}

function addConstants(vars: CompiledVars, mask: SecretMask): void {
  for (const [name, value] of vars) addConstant(name, value, mask);
}

function addConstant(name: string, value: CompiledValue, mask: SecretMask): void {
  if (value.kind === 'constant') addNamed(name, value.value, mask);
  else if (value.kind === 'mapping') for (const [key, member] of value.entries) addConstant(key, member, mask);
  else if (value.kind === 'sequence') for (const item of value.items) addConstant(name, item, mask);
}

function addNamed(name: string, value: Json, mask: SecretMask): void {
  if (isSecretName(name)) addAll(value, mask);
  else if (Array.isArray(value)) for (const item of value) addNamed(name, item, mask);
  else if (isJsonObject(value)) for (const [key, member] of Object.entries(value)) addNamed(key, member, mask);
}

/** Every text in a value. */
function addAll(value: Json, mask: SecretMask): void {
  if (typeof value === 'string' && !PLAIN.test(value)) mask.add(new Secret(value));
  else if (typeof value === 'number') mask.add(new Secret(String(value)));
  else if (Array.isArray(value)) for (const item of value) addAll(item, mask);
  else if (isJsonObject(value)) for (const member of Object.values(value)) addAll(member, mask);
}

/** Names of variables that are secret, by their names or `known` as such, or derived from secret ones. */
function taintedNames(layers: readonly CompiledVars[], known: ReadonlySet<string>): ReadonlySet<string> {
  const all = layers.flatMap((vars) => [...vars]);
  const tainted = new Set([...known, ...all.flatMap(([name]) => (isSecretName(name) ? [name] : []))]);
  for (let before = -1; before !== tainted.size; ) {
    before = tainted.size;
    for (const [name, value] of all)
      if (!tainted.has(name) && expressionsIn(value).some((expression) => touches(expression, tainted)))
        tainted.add(name);
  }
  return tainted;
}

function addRendered(
  name: string,
  value: CompiledValue,
  tainted: ReadonlySet<string>,
  scope: HostScope,
  mask: SecretMask,
): void {
  if (value.kind === 'constant') return;
  if (isSecretName(name)) addAll(valueOrUndefined(() => render(value, scope)) ?? null, mask);
  for (const expression of expressionsIn(value)) {
    if (!derives(expression, tainted)) continue;
    const result = valueOrUndefined(() => evaluate(expression, scope));
    // A result that contains the secret unchanged is masked by the secret itself.
    if (typeof result === 'string' && mask.apply(result) === result) addAll(result, mask);
  }
}

/** Whether its value, which a template makes, is to be hidden or may hold what is. */
function isMadeOfSecrets(name: string, value: CompiledValue, tainted: ReadonlySet<string>): boolean {
  if (value.kind === 'constant') return false;
  return isSecretName(name) || expressionsIn(value).some((one) => derives(one, tainted));
}

/** Whether an expression transforms the text of one of these. */
function derives(expression: Expression, names: ReadonlySet<string>): boolean {
  const { kind } = expression;
  // What it is applied to only chooses between the others, as a condition does.
  if (kind === 'filter' && expression.filter.names[0] === 'ternary')
    return expression.given.flat().some((part) => touches(part, names));
  return (kind === 'filter' || kind === 'binary' || kind === 'slice') && touches(expression, names);
}

function touches(expression: Expression, names: ReadonlySet<string>): boolean {
  const { required, optional } = references(expression);
  return [...required, ...optional].some((name) => names.has(name)) || readsMember(expression, names);
}

/** Whether an expression reads a member with one of these names: `hostvars['db1'].db_password`. */
function readsMember(expression: Expression, names: ReadonlySet<string>): boolean {
  const { kind } = expression;
  if (kind === 'item' && expression.key.kind === 'literal' && names.has(String(expression.key.value))) return true;
  return partsOf(expression).some((part) => readsMember(part, names));
}

function expressionsIn(value: CompiledValue): readonly Expression[] {
  switch (value.kind) {
    case 'constant':
      return [];
    case 'expression':
      return [value.expression];
    case 'text':
      return value.parts.filter((part) => typeof part !== 'string');
    case 'sequence':
      return value.items.flatMap(expressionsIn);
    case 'mapping':
      return value.entries.flatMap(([, member]) => expressionsIn(member));
  }
}

/** Values that only the run or a loop provides are unknown here; where they are used they are masked by the secrets in them. */
function valueOrUndefined<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof TemplateError || error instanceof UnknownValueError) return undefined;
    throw error;
  }
}
