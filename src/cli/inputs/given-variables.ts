import type { Problems } from '../../core/diagnostic.ts';
import type { Json } from '../../core/json.ts';
import { reservation } from '../../core/reserved-variables.ts';
import { rangeOfArgument } from '../../core/source.ts';
import { type ExtraVars, readExtraVars } from './extra-vars.ts';

/** Values by variable name, each with the option that sets it; undefined ones were not given. */
export type OptionVariables = Readonly<Record<string, OptionVariable | undefined>>;

export interface OptionVariable {
  readonly value: Json;
  /** `--backup` */
  readonly option: string;
}

/** The variable that an option sets, if it was given. */
export function given(value: Json | undefined, option: string): OptionVariable | undefined {
  return value === undefined ? undefined : { value, option };
}

/** The variables that the command line gives, with `-e` or with options of the command. Values of options are not templates. */
export function givenVariables(texts: readonly string[], options: OptionVariables, problems: Problems): ExtraVars {
  const given = withOptions(readExtraVars(texts, problems), options, problems);
  for (const [name, range] of given.places) {
    const reserved = reservation(name);
    if (reserved) problems.error(reserved.message, range, reserved.hint);
  }
  return given;
}

/** Refuses a variable that is given both by an option and with -e: one of the two would be ignored. */
function withOptions(extra: ExtraVars, options: OptionVariables, problems: Problems): ExtraVars {
  const vars = new Map(extra.vars);
  const places = new Map(extra.places);
  for (const [name, given] of Object.entries(options)) {
    if (given === undefined) continue;
    if (vars.has(name)) {
      problems.error(`${name} is given twice, with -e and with ${given.option}`, places.get(name), 'give it once');
    }
    vars.set(name, { kind: 'constant', value: given.value });
    const text = typeof given.value === 'string' ? given.value : JSON.stringify(given.value);
    places.set(name, rangeOfArgument(given.option, text));
  }
  return { vars, places };
}
