import { isJsonObject, type Json } from '../../core/json.ts';
import type { SourceRange } from '../../core/source.ts';
import type { CompiledTask } from './compiled.ts';
import type { TaskPlace } from './place.ts';

/** Where a value is written. */
export interface InputPlace {
  /** What was given there: an option, or a variable. */
  readonly name: string;
  /** The parameter that the variable becomes, if that has another name. */
  readonly becomes?: string;
  readonly range: SourceRange;
  /** How a list is written there. */
  readonly list: string;
  /** Who reads it, if the task does not say: the variable may be meant for something else. */
  readonly reader?: string;
}

/**
 * Where the value of a parameter is written: on the command line or in the inventory, if the task only passes it on. Undefined if the task
 * itself defines it.
 */
export function inputPlace(parameter: string, { task, play, host, surroundings }: TaskPlace): InputPlace | undefined {
  const { variable, isWritten } = variableOf(task, parameter);
  if (variable === undefined) return undefined;
  const named = { name: variable, ...(variable !== parameter && { becomes: parameter }) };
  if (surroundings.extra.has(variable)) {
    const range = surroundings.extraPlaces?.get(variable);
    // The values of `-e name=value` are texts.
    if (!range) return undefined;
    const option = optionAt(range);
    return {
      ...(option === undefined ? named : { name: option }),
      range,
      list: `write a list: -e '{${variable}: [VALUE]}'`,
    };
  }
  const range = task.vars.has(variable) || play.vars.has(variable) ? undefined : host.host.vars.get(variable)?.range;
  if (!range) return undefined;
  const reader = `${task.step.name} goes by the variable ${variable}: if this one is for something else, rename it, or add -e ${variable}=VALUE`;
  return { ...named, range, list: `write a list: ${variable}: [VALUE]`, ...(!isWritten && { reader }) };
}

/** An option such as `--backup-to` that sets a variable. */
function optionAt({ file }: SourceRange): string | undefined {
  return file.path.startsWith('--') ? file.path : undefined;
}

/** Whether a parameter takes a list and was given a text. */
export function lacksList({ step }: CompiledTask, name: string, value: Json | undefined): boolean {
  return typeof value === 'string' && step.schema.properties[name]?.type === 'array';
}

/** The variable that alone determines a parameter, and whether the task names it. */
function variableOf(
  { params, step }: CompiledTask,
  name: string,
): { readonly variable: string | undefined; readonly isWritten: boolean } {
  const entries = params.kind === 'mapping' ? params.entries : [];
  const written = entries.find(([key]) => key === name)?.[1];
  if (written?.kind === 'expression') {
    const { expression } = written;
    return { variable: expression.kind === 'name' ? expression.name : undefined, isWritten: true };
  }
  const isGiven =
    written !== undefined || (params.kind === 'constant' && isJsonObject(params.value) && name in params.value);
  return { variable: isGiven ? undefined : step.schema.properties[name]?.['x-default-variable'], isWritten: isGiven };
}
