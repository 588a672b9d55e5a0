import { booleanOf } from '../../core/boolean-words.ts';
import type { Json } from '../../core/json.ts';
import type { SourceRange } from '../../core/source.ts';
import { TemplateError } from '../../template/errors.ts';
import { render } from '../../template/evaluation/render.ts';
import { type CompiledValue, rangeOfValue } from '../../template/template.ts';
import { type HostScope, OMIT } from './scope.ts';

/**
 * One setting of a task from the task, its blocks and its play, innermost first. The first value other than `omit` applies;
 * empty if it is not given.
 */
export type SettingLayers = readonly CompiledValue[];

/**
 * A boolean setting, parsed as in Ansible; undefined if it is not given.
 * @param range the task's, for errors without a place of their own
 * @throws {TemplateError} when a template yields neither true nor false
 */
export function flagOf(name: string, layers: SettingLayers, range: SourceRange, scope: HostScope): boolean | undefined {
  const { value, place } = effectiveValue(layers, range, scope);
  if (value === undefined) return undefined;
  const flag = booleanOf(String(value));
  if (flag !== undefined) return flag;
  throw new TemplateError(`${name} must be true or false`, place, 'check the result of its template');
}

/** Whether a boolean setting is true whatever the variables are. */
export function isAlways([first]: SettingLayers): boolean {
  return first?.kind === 'constant' && first.value === true;
}

/**
 * A setting that is a whole number from 0 on; 0 if it is not given.
 * @throws {TemplateError} when a template yields none
 */
export function wholeNumberOf(name: string, layers: SettingLayers, range: SourceRange, scope: HostScope): number {
  const { value, place } = effectiveValue(layers, range, scope);
  if (value === undefined) return 0;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  throw new TemplateError(`${name} must be a whole number from 0 on`, place, 'check the result of its template');
}

function effectiveValue(layers: SettingLayers, range: SourceRange, scope: HostScope) {
  for (const layer of layers) {
    const value: Json = render(layer, scope);
    const place = rangeOfValue(layer) ?? range;
    if (value !== OMIT) return { value: value === null || value === '' ? undefined : value, place };
  }
  return { value: undefined, place: range };
}
