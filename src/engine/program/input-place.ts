import { isJsonObject, type Json } from '../../core/json.ts';
import type { SourceRange } from '../../core/source.ts';
import type { CompiledTask } from './compiled.ts';
import type { TaskPlace } from './place.ts';

/** Where a value is written. */
interface InputPlace {
  readonly range: SourceRange;
  /** How a list is written there. */
  readonly list: string;
}

/**
 * Where the single wrong value is written: on the command line or in the inventory, if the task only passes it on. Undefined if
 * the task itself defines it.
 */
export function inputPlace(
  parameters: readonly string[],
  { task, play, host, surroundings }: TaskPlace,
): InputPlace | undefined {
  const variables = new Set(parameters.map((name) => variableOf(task, name)));
  const [variable] = variables;
  if (variable === undefined || variables.size > 1) return undefined;
  if (surroundings.extra.has(variable)) {
    const range = surroundings.extraPlaces?.get(variable);
    // The values of `-e name=value` are texts.
    return range && { range, list: `write a list: -e '{${variable}: [VALUE]}'` };
  }
  const range = task.vars.has(variable) || play.vars.has(variable) ? undefined : host.host.vars.get(variable)?.range;
  return range && { range, list: `write a list: ${variable}: [VALUE]` };
}

/** Whether a parameter takes a list and was given a text. */
export function lacksList({ step }: CompiledTask, name: string, value: Json | undefined): boolean {
  return typeof value === 'string' && step.schema.properties[name]?.type === 'array';
}

/** The variable that alone determines a parameter. */
function variableOf({ params, step }: CompiledTask, name: string): string | undefined {
  const entries = params.kind === 'mapping' ? params.entries : [];
  const written = entries.find(([key]) => key === name)?.[1];
  if (written?.kind === 'expression') return written.expression.kind === 'name' ? written.expression.name : undefined;
  const isGiven =
    written !== undefined || (params.kind === 'constant' && isJsonObject(params.value) && name in params.value);
  return isGiven ? undefined : step.schema.properties[name]?.['x-default-variable'];
}
